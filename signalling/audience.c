#include "signalling/audience.h"

#include <glib.h>
#include <jansson.h>
#include <string.h>

enum {
    RANK_EVERYONE = 1,
    RANK_TIER,
    RANK_BRANCH, /* and above, for a nearer head */
    RANK_SITES = RANK_BRANCH + LIMIT_SITE_DEPTH + 1,
    RANK_CHAIR,
};

static bool wrong(Problem *problem, const char *field)
{
    return problem_set(problem, "bad_field", field,
                       "%s: must be \"everyone\", \"chair\", \"tier:NAME\", \"branch:CODE\" or "
                       "{\"sites\":[CODE,…]}",
                       field);
}

static bool parse_sites(json_t *list, const char *field, Audience *audience, Problem *problem)
{
    if (!json_is_array(list) || json_array_size(list) > LIMIT_SEATS) {
        return wrong(problem, field);
    }
    if (json_array_size(list) == 0) {
        return problem_set(problem, "bad_field", field, "%s: names no site", field);
    }
    g_autoptr(GStrvBuilder) codes = g_strv_builder_new();
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item)
    {
        size_t size = json_string_length(item);
        if (size == 0 || size > SITE_CODE_BYTES_MAX) {
            g_autofree char *at = g_strdup_printf("%s.sites[%zu]", field, index);
            return problem_set(problem, "bad_field", at, "%s: must be the code of a site", at);
        }
        g_strv_builder_add(codes, json_string_value(item));
    }
    *audience = (Audience){.kind = AUDIENCE_SITES, .sites = g_strv_builder_end(codes)};
    return true;
}

static bool parse_word(const char *word, const char *field, Audience *audience, Problem *problem)
{
    static const struct {
        const char *prefix;
        AudienceKind kind;
    } kinds[] = {{"tier:", AUDIENCE_TIER}, {"branch:", AUDIENCE_BRANCH}};
    *audience = (Audience){.kind = AUDIENCE_EVERYONE};
    if (strcmp(word, "everyone") == 0) {
        return true;
    }
    if (strcmp(word, "chair") == 0) {
        audience->kind = AUDIENCE_CHAIR;
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const char *name = word + strlen(kinds[i].prefix);
        if (g_str_has_prefix(word, kinds[i].prefix) && name[0] != '\0' &&
            strlen(name) < sizeof audience->name) {
            audience->kind = kinds[i].kind;
            g_strlcpy(audience->name, name, sizeof audience->name);
            return true;
        }
    }
    return wrong(problem, field);
}

bool audience_parse(json_t *value, const char *field, Audience *ret_audience, Problem *problem)
{
    if (value == NULL || json_is_null(value)) {
        return problem_set(problem, "bad_field", field, "%s: must be given", field);
    }
    if (json_is_object(value)) {
        return parse_sites(json_object_get(value, "sites"), field, ret_audience, problem);
    }
    if (!json_is_string(value)) {
        return wrong(problem, field);
    }
    return parse_word(json_string_value(value), field, ret_audience, problem);
}

void audience_clear(Audience *audience)
{
    g_clear_pointer(&audience->sites, g_strfreev);
}

static json_t *sites_to_json(const Audience *audience)
{
    json_t *list = json_array();
    for (char **code = audience->sites; *code != NULL; code++) {
        json_array_append_new(list, json_string(*code));
    }
    return json_pack("{s:o}", "sites", list);
}

json_t *audience_to_json(const Audience *audience)
{
    switch (audience->kind) {
    case AUDIENCE_TIER:
        return json_sprintf("tier:%s", audience->name);
    case AUDIENCE_BRANCH:
        return json_sprintf("branch:%s", audience->name);
    case AUDIENCE_SITES:
        return sites_to_json(audience);
    case AUDIENCE_CHAIR:
        return json_string("chair");
    case AUDIENCE_EVERYONE:
        break;
    }
    return json_string("everyone");
}

static bool has_tier(Directory *directory, const char *tier)
{
    for (size_t i = 0; i < directory_count(directory); i++) {
        if (strcmp(directory_at(directory, i)->tier, tier) == 0) {
            return true;
        }
    }
    return false;
}

static bool are_sites_known(const Audience *audience, const char *field, Directory *directory,
                            Problem *problem)
{
    for (size_t i = 0; audience->sites[i] != NULL; i++) {
        if (directory_find(directory, audience->sites[i]) == NULL) {
            g_autofree char *at = g_strdup_printf("%s.sites[%zu]", field, i);
            return problem_set(problem, "not_found", at, "%s: there is no site %s", at,
                               audience->sites[i]);
        }
    }
    return true;
}

bool audience_is_known(const Audience *audience, const char *field, Directory *directory,
                       Problem *problem)
{
    switch (audience->kind) {
    case AUDIENCE_TIER:
        return has_tier(directory, audience->name) ||
               problem_set(problem, "not_found", field, "%s: no site has the tier \"%s\"", field,
                           audience->name);
    case AUDIENCE_BRANCH:
        return directory_find(directory, audience->name) != NULL ||
               problem_set(problem, "not_found", field, "%s: there is no site %s", field,
                           audience->name);
    case AUDIENCE_SITES:
        return are_sites_known(audience, field, directory, problem);
    case AUDIENCE_EVERYONE:
    case AUDIENCE_CHAIR:
        break;
    }
    return true;
}

/* Steps from the site up to the head of the branch; -1: not below it. */
static int steps_to(const char *head, const char *code, Directory *directory)
{
    for (int steps = 0; steps <= LIMIT_SITE_DEPTH && code[0] != '\0'; steps++) {
        if (strcmp(code, head) == 0) {
            return steps;
        }
        const Site *site = directory_find(directory, code);
        if (site == NULL) {
            break;
        }
        code = site->parent;
    }
    return -1;
}

static int branch_rank(const char *head, const char *code, Directory *directory)
{
    int steps = steps_to(head, code, directory);
    return steps < 0 ? 0 : RANK_BRANCH + LIMIT_SITE_DEPTH - steps;
}

int audience_rank(const Audience *audience, const AudienceMember *member, Directory *directory)
{
    switch (audience->kind) {
    case AUDIENCE_TIER:
        return strcmp(audience->name, member->tier) == 0 ? RANK_TIER : 0;
    case AUDIENCE_BRANCH:
        return branch_rank(audience->name, member->site, directory);
    case AUDIENCE_SITES:
        return g_strv_contains((const char *const *)audience->sites, member->site) ? RANK_SITES : 0;
    case AUDIENCE_CHAIR:
        return member->is_chair ? RANK_CHAIR : 0;
    case AUDIENCE_EVERYONE:
        break;
    }
    return RANK_EVERYONE;
}

#include "signalling/view_text.h"

#include <glib.h>
#include <jansson.h>

#include "bridge/base/fields.h"

/* White space of all kinds becomes single spaces; what cannot be shown is left out. */
static void set_banner(ViewText *text, const char *given)
{
    g_autoptr(GString) line = g_string_new(NULL);
    bool is_space_due = false;
    for (const char *at = given; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar letter = g_utf8_get_char(at);
        if (g_unichar_isspace(letter)) {
            is_space_due = line->len > 0;
        } else if (!g_unichar_iscntrl(letter)) {
            g_string_append(line, is_space_due ? " " : "");
            g_string_append_unichar(line, letter);
            is_space_due = false;
        }
    }
    g_strlcpy(text->banner, line->str, sizeof text->banner);
}

static bool parse_banner(json_t *object, ViewText *text, Problem *problem)
{
    const char *banner;
    if (json_object_get(object, "banner") == NULL) {
        return true;
    }
    if (!field_string_or(object, "banner", sizeof text->banner - 1, "", &banner, problem)) {
        return false;
    }
    if (g_utf8_strlen(banner, -1) > LIMIT_BANNER_CHARS) {
        return problem_set(problem, "bad_field", "banner", "banner: longer than %d characters",
                           LIMIT_BANNER_CHARS);
    }
    set_banner(text, banner);
    return true;
}

bool view_text_parse(json_t *object, ViewText *text, Problem *problem)
{
    return parse_banner(object, text, problem) &&
           field_bool_or(object, "clock", text->has_clock, &text->has_clock, problem) &&
           field_bool_or(object, "show_title", text->shows_title, &text->shows_title, problem);
}

void view_text_write(const ViewText *text, json_t *object)
{
    json_t *banner = text->banner[0] != '\0' ? json_string(text->banner) : json_null();
    json_object_set_new(object, "banner", banner);
    json_object_set_new(object, "clock", json_boolean(text->has_clock));
    json_object_set_new(object, "show_title", json_boolean(text->shows_title));
}

#include "signalling/readiness_verdict.h"

#include <jansson.h>
#include <stdint.h>
#include <string.h>

#include "bridge/base/fields.h"

#define RTT_MS_MAX 600000
#define KBPS_MAX 10000000
#define MIB_MAX (INT64_C(1) << 40)
#define CLOCK_MS_MAX (INT64_C(1) << 53)
#define WORD_BYTES_MAX 15
#define UNKNOWN INT64_MIN

/* Speech suffers from a way this long. */
#define RTT_FAIR_MS 200
#define RTT_BAD_MS 600
/* The site's own picture needs 150 kbit/s and the lowest rung about as many; the usual one 500. */
#define KBPS_FAIR 600
#define KBPS_BAD 250
#define CLOCK_FAIR_MS 2000
#define CLOCK_BAD_MS 60000
#define DISK_FAIR_MIB 1024
#define DISK_BAD_MIB 200

const char *light_name(Light light)
{
    static const char *const names[] = {"untested", "good", "fair", "bad"};
    return names[light];
}

static json_t *part(Light light, const char *reason)
{
    return json_pack("{s:s, s:s?}", "light", light_name(light), "reason", reason);
}

/* UNKNOWN when it is absent or null. */
static bool read_number(json_t *message, const char *name, int64_t max, int64_t *ret_number,
                        Problem *problem)
{
    return field_int_or(message, name, -max, max, UNKNOWN, ret_number, problem);
}

static json_t *number_to_json(int64_t number)
{
    return number != UNKNOWN ? json_integer(number) : json_null();
}

/* Lights for a number of which less is worse. */
static Light light_below(int64_t number, int64_t fair, int64_t bad)
{
    return number < bad ? LIGHT_BAD : number < fair ? LIGHT_FAIR : LIGHT_GOOD;
}

static json_t *judge_rates(int64_t up_kbps, int64_t down_kbps, Light of_rtt)
{
    Light up = up_kbps != UNKNOWN ? light_below(up_kbps, KBPS_FAIR, KBPS_BAD) : LIGHT_UNTESTED;
    Light down =
        down_kbps != UNKNOWN ? light_below(down_kbps, KBPS_FAIR, KBPS_BAD) : LIGHT_UNTESTED;
    if (up > LIGHT_GOOD && up >= down && up >= of_rtt) {
        return part(up, "slow_up");
    }
    if (down > LIGHT_GOOD && down >= of_rtt) {
        return part(down, "slow_down");
    }
    return of_rtt > LIGHT_GOOD ? part(of_rtt, "far") : part(LIGHT_GOOD, NULL);
}

static json_t *judge_network(json_t *message, Problem *problem)
{
    int64_t rtt_ms;
    int64_t up_kbps;
    int64_t down_kbps;
    if (!read_number(message, "rtt_ms", RTT_MS_MAX, &rtt_ms, problem) ||
        !read_number(message, "up_kbps", KBPS_MAX, &up_kbps, problem) ||
        !read_number(message, "down_kbps", KBPS_MAX, &down_kbps, problem)) {
        return NULL;
    }
    json_t *network =
        rtt_ms == UNKNOWN
            ? part(LIGHT_BAD, "unanswered")
            : judge_rates(up_kbps, down_kbps, light_below(-rtt_ms, -RTT_FAIR_MS, -RTT_BAD_MS));
    json_object_set_new(network, "rtt_ms", number_to_json(rtt_ms));
    json_object_set_new(network, "up_kbps", number_to_json(up_kbps));
    json_object_set_new(network, "down_kbps", number_to_json(down_kbps));
    return network;
}

/* What a device may say of a part, and what to think of it. */
typedef struct Word {
    const char *word;
    Light light;
} Word;

static json_t *judge_word(json_t *message, const char *name, const Word *words, Problem *problem)
{
    const char *said;
    if (!field_string(message, name, 1, WORD_BYTES_MAX, &said, problem)) {
        return NULL;
    }
    for (const Word *known = words; known->word != NULL; known++) {
        if (strcmp(known->word, said) == 0) {
            return part(known->light, known->light == LIGHT_GOOD ? NULL : said);
        }
    }
    problem_set(problem, "bad_field", name, "%s: \"%s\" is not known", name, said);
    return NULL;
}

static const Word camera_words[] = {{"ok", LIGHT_GOOD},           {"black", LIGHT_BAD},
                                    {"none", LIGHT_BAD},          {"simulated", LIGHT_UNTESTED},
                                    {"untested", LIGHT_UNTESTED}, {NULL, LIGHT_UNTESTED}};
static const Word microphone_words[] = {{"ok", LIGHT_GOOD},           {"silent", LIGHT_BAD},
                                        {"none", LIGHT_BAD},          {"simulated", LIGHT_UNTESTED},
                                        {"untested", LIGHT_UNTESTED}, {NULL, LIGHT_UNTESTED}};
static const Word speaker_words[] = {{"ok", LIGHT_GOOD},
                                     {"unheard", LIGHT_FAIR},
                                     {"failed", LIGHT_BAD},
                                     {"untested", LIGHT_UNTESTED},
                                     {NULL, LIGHT_UNTESTED}};

static json_t *judge_clock(json_t *message, Problem *problem)
{
    int64_t clock_ms;
    if (!read_number(message, "clock_ms", CLOCK_MS_MAX, &clock_ms, problem)) {
        return NULL;
    }
    int64_t off_ms = clock_ms < 0 ? -clock_ms : clock_ms;
    Light light =
        clock_ms == UNKNOWN ? LIGHT_UNTESTED : light_below(-off_ms, -CLOCK_FAIR_MS, -CLOCK_BAD_MS);
    json_t *clock = part(light, light == LIGHT_GOOD       ? NULL
                                : light == LIGHT_UNTESTED ? "untested"
                                                          : "off");
    json_object_set_new(clock, "clock_ms", number_to_json(clock_ms));
    return clock;
}

static json_t *judge_disk(json_t *message, Problem *problem)
{
    int64_t disk_mib;
    if (!read_number(message, "disk_mib", MIB_MAX, &disk_mib, problem)) {
        return NULL;
    }
    Light light =
        disk_mib == UNKNOWN ? LIGHT_UNTESTED : light_below(disk_mib, DISK_FAIR_MIB, DISK_BAD_MIB);
    json_t *disk = part(light, light == LIGHT_GOOD       ? NULL
                               : light == LIGHT_UNTESTED ? "untested"
                                                         : "full");
    json_object_set_new(disk, "disk_mib", number_to_json(disk_mib));
    return disk;
}

json_t *verdict_make(json_t *message, Problem *problem)
{
    json_t *network = judge_network(message, problem);
    json_t *camera = network != NULL ? judge_word(message, "camera", camera_words, problem) : NULL;
    json_t *microphone =
        camera != NULL ? judge_word(message, "microphone", microphone_words, problem) : NULL;
    json_t *speaker =
        microphone != NULL ? judge_word(message, "speaker", speaker_words, problem) : NULL;
    json_t *clock = speaker != NULL ? judge_clock(message, problem) : NULL;
    json_t *disk = clock != NULL ? judge_disk(message, problem) : NULL;
    /* NULL, and all are released, unless each is there. */
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "network", network, "camera", camera,
                     "microphone", microphone, "speaker", speaker, "clock", clock, "disk", disk);
}

static Light light_of(json_t *checked)
{
    const char *name = json_string_value(json_object_get(checked, "light"));
    for (int light = LIGHT_BAD; light > LIGHT_UNTESTED; light--) {
        if (g_strcmp0(name, light_name((Light)light)) == 0) {
            return (Light)light;
        }
    }
    return LIGHT_UNTESTED;
}

Light verdict_worst(json_t *checks)
{
    Light worst = LIGHT_UNTESTED;
    const char *name;
    json_t *checked;
    json_object_foreach(checks, name, checked)
    {
        worst = MAX(worst, light_of(checked));
    }
    return worst;
}

#include "signalling/seat_trouble.h"

#include <glib.h>
#include <jansson.h>

/* RFC 6464: digital silence. */
#define LEVEL_SILENT 127
#define PARTS_MAX 4

typedef struct Words {
    const char *name;
    const char *vietnamese;
} Words;

static const Words pictures[] = {
    [SEAT_PICTURE_FINE] = {NULL, NULL},
    [SEAT_PICTURE_DARK] = {"dark", "Hình tối đen"},
    [SEAT_PICTURE_COVERED] = {"covered", "Camera bị che"},
    [SEAT_PICTURE_FROZEN] = {"frozen", "Hình đứng"},
};
static const Words howling = {"howling", "Micro bị hú"};
static const Words silent = {"silent_mic", "Micro không có tiếng"};

bool seat_trouble_apply(SeatTrouble *trouble, json_t *event)
{
    const char *picture = json_string_value(json_object_get(event, "picture"));
    SeatTrouble before = *trouble;
    trouble->picture = SEAT_PICTURE_FINE;
    for (size_t i = 0; i < G_N_ELEMENTS(pictures); i++) {
        if (picture != NULL && g_strcmp0(pictures[i].name, picture) == 0) {
            trouble->picture = (SeatPicture)i;
        }
    }
    trouble->is_howling = json_is_string(json_object_get(event, "sound"));
    return trouble->picture != before.picture || trouble->is_howling != before.is_howling;
}

static bool is_dead(const SeatTrouble *trouble)
{
    return trouble->silent_s >= SEAT_TROUBLE_SILENT_S;
}

bool seat_trouble_hear(SeatTrouble *trouble, json_t *stats_entry, bool is_muted)
{
    bool was_dead = is_dead(trouble);
    json_t *level = json_object_get(stats_entry, "mic_level");
    bool is_silent = json_is_null(level) ||
                     (json_is_integer(level) && json_integer_value(level) >= LEVEL_SILENT);
    trouble->silent_s =
        is_silent && !is_muted ? MIN(trouble->silent_s + 1, SEAT_TROUBLE_SILENT_S) : 0;
    return is_dead(trouble) != was_dead;
}

/* Those that hold; returns how many. */
static size_t collect(const SeatTrouble *trouble, const Words *ret_words[PARTS_MAX])
{
    size_t count = 0;
    if (trouble->picture != SEAT_PICTURE_FINE) {
        ret_words[count++] = &pictures[trouble->picture];
    }
    if (trouble->is_howling) {
        ret_words[count++] = &howling;
    }
    if (is_dead(trouble)) {
        ret_words[count++] = &silent;
    }
    return count;
}

json_t *seat_trouble_to_json(const SeatTrouble *trouble)
{
    const Words *words[PARTS_MAX];
    size_t count = collect(trouble, words);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, json_string(words[i]->name));
    }
    return list;
}

char *seat_trouble_words(const SeatTrouble *trouble)
{
    const Words *words[PARTS_MAX];
    size_t count = collect(trouble, words);
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < count; i++) {
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", words[i]->vietnamese);
    }
    return g_string_free(text, FALSE);
}

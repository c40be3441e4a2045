#include <criterion/criterion.h>
#include <glib.h>
#include <jansson.h>

#include "signalling/seat_trouble.h"

static void expect(const SeatTrouble *trouble, const char *names, const char *words)
{
    json_t *list = seat_trouble_to_json(trouble);
    char *text = json_dumps(list, JSON_COMPACT);
    g_autofree char *said = seat_trouble_words(trouble);
    cr_expect_str_eq(text, names);
    cr_expect_str_eq(said, words);
    free(text);
    json_decref(list);
}

static bool apply(SeatTrouble *trouble, const char *text)
{
    json_t *event = json_loads(text, 0, NULL);
    bool is_news = seat_trouble_apply(trouble, event);
    json_decref(event);
    return is_news;
}

/* So many seconds of these statistics; returns how often something changed. */
static int hear(SeatTrouble *trouble, const char *text, bool is_muted, int seconds)
{
    json_t *entry = json_loads(text, 0, NULL);
    int changes = 0;
    for (int i = 0; i < seconds; i++) {
        changes += seat_trouble_hear(trouble, entry, is_muted);
    }
    json_decref(entry);
    return changes;
}

Test(seat_trouble, says_what_the_mixer_sees_and_hears)
{
    SeatTrouble trouble = {0};
    expect(&trouble, "[]", "");
    cr_expect(apply(&trouble, "{\"source\":1,\"picture\":\"frozen\",\"sound\":null}"));
    cr_expect_not(apply(&trouble, "{\"source\":1,\"picture\":\"frozen\",\"sound\":null}"));
    expect(&trouble, "[\"frozen\"]", "Hình đứng");
    cr_expect(apply(&trouble, "{\"source\":1,\"picture\":\"dark\",\"sound\":\"howling\"}"));
    expect(&trouble, "[\"dark\",\"howling\"]", "Hình tối đen, Micro bị hú");
    cr_expect(apply(&trouble, "{\"source\":1,\"picture\":null,\"sound\":null}"));
    expect(&trouble, "[]", "");
}

Test(seat_trouble, knows_a_dead_microphone_from_a_quiet_room)
{
    SeatTrouble trouble = {0};
    cr_expect_eq(hear(&trouble, "{\"mic_level\":90}", false, 60), 0, "a quiet room");
    cr_expect_eq(hear(&trouble, "{\"mic_level\":127}", false, SEAT_TROUBLE_SILENT_S - 1), 0);
    cr_expect_eq(hear(&trouble, "{\"mic_level\":127}", false, 20), 1);
    expect(&trouble, "[\"silent_mic\"]", "Micro không có tiếng");
    cr_expect_eq(hear(&trouble, "{\"mic_level\":60}", false, 1), 1);
    expect(&trouble, "[]", "");
    cr_expect_eq(hear(&trouble, "{\"mic_level\":null}", false, 20), 1, "nothing comes");
}

Test(seat_trouble, calls_no_muted_or_untold_microphone_dead)
{
    SeatTrouble trouble = {0};
    cr_expect_eq(hear(&trouble, "{\"mic_level\":null}", true, 60), 0);
    cr_expect_eq(hear(&trouble, "{}", false, 60), 0);
    hear(&trouble, "{\"mic_level\":127}", false, 20);
    cr_expect_eq(hear(&trouble, "{\"mic_level\":null}", true, 1), 1, "a mute ends it");
}

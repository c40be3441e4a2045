#include <criterion/criterion.h>
#include <jansson.h>

#include "signalling/recording.h"

#define SECOND INT64_C(1000000)

static Recording recording = {.id = 1, .grown_us = 0};

static void report(const char *state, int64_t bytes, int64_t dropped, int64_t now_us)
{
    json_t *event =
        json_pack("{s:s, s:I, s:I}", "state", state, "bytes", bytes, "dropped", dropped);
    recording_apply(&recording, event, now_us);
    json_decref(event);
}

Test(recording, the_lamp_is_red_when_no_bytes_come)
{
    report("writing", 1000, 0, SECOND);
    cr_expect_not(recording_judge(&recording, 2 * SECOND));
    cr_expect(recording_judge(&recording, 6 * SECOND));
    cr_expect_eq(recording.alarm, ALARM_STALLED);
    report("writing", 1000, 0, 7 * SECOND);
    cr_expect_not(recording_judge(&recording, 7 * SECOND), "the same bytes are none");
    report("writing", 2000, 0, 8 * SECOND);
    cr_expect(recording_judge(&recording, 8 * SECOND));
    cr_expect_eq(recording.alarm, ALARM_NONE);
}

Test(recording, a_full_or_broken_or_slow_disk_is_told_apart)
{
    report("full", 10, 0, SECOND);
    cr_expect(recording_judge(&recording, SECOND));
    cr_expect_eq(recording.alarm, ALARM_FULL);
    report("failed", 20, 0, 2 * SECOND);
    cr_expect(recording_judge(&recording, 2 * SECOND));
    cr_expect_eq(recording.alarm, ALARM_DISK);
    report("writing", 30, 5, 3 * SECOND);
    cr_expect(recording_judge(&recording, 3 * SECOND));
    cr_expect_eq(recording.alarm, ALARM_SLOW);
    report("writing", 40, 5, 8 * SECOND);
    cr_expect(recording_judge(&recording, 8 * SECOND));
    cr_expect_eq(recording.alarm, ALARM_NONE);
}

Test(recording, bytes_of_a_new_mixer_come_on_top)
{
    report("writing", 1000, 0, SECOND);
    report("writing", 1500, 0, 2 * SECOND);
    report("writing", 200, 0, 5 * SECOND);
    cr_expect_eq(recording.bytes, 1700);
}

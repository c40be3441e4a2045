#include <criterion/criterion.h>
#include <jansson.h>

#include "bridge/mixer/tally.h"

static double number(json_t *stats, const char *name)
{
    return json_number_value(json_object_get(stats, name));
}

Test(tally, tells_what_happened_since_the_last_time)
{
    Tally *tally = tally_new();
    TallyInput input = {.picture = {.ticks = 1000, .bytes = 5000000}};
    json_decref(tally_second(tally, &input, 1000000));
    input.picture.ticks += 50;
    input.picture.bytes += 250000;
    json_t *stats = tally_second(tally, &input, 3000000);
    cr_expect_float_eq(number(stats, "fps"), 25, 1e-9);
    cr_expect_float_eq(number(stats, "encode_kbps"), 1000, 1e-9);
    json_decref(stats);
    tally_free(tally);
}

Test(tally, claims_nothing_the_first_time)
{
    Tally *tally = tally_new();
    TallyInput input = {.picture = {.ticks = 1000, .bytes = 5000000}};
    json_t *stats = tally_second(tally, &input, 1000000);
    cr_expect_eq(number(stats, "fps"), 0);
    cr_expect_eq(number(stats, "encode_kbps"), 0);
    json_decref(stats);
    tally_free(tally);
}

Test(tally, carries_every_field_of_the_protocol)
{
    Tally *tally = tally_new();
    TallyInput input = {.picture = {.late_max_us = 1234},
                        .crew = {.decoders = 8, .packets_refused = 3},
                        .sound = {.voices_now = 2},
                        .link_full = 5};
    json_t *stats = tally_second(tally, &input, 1000000);
    cr_expect_float_eq(number(stats, "tick_late_max_ms"), 1.2, 1e-9);
    cr_expect_eq(number(stats, "decoders"), 8);
    cr_expect_eq(number(stats, "voices"), 2);
    cr_expect_geq(number(stats, "threads"), 1);
    json_t *counters = json_object_get(stats, "counters");
    cr_expect_eq(number(counters, "packets_refused"), 3);
    cr_expect_eq(number(counters, "link_full"), 5);
    json_decref(stats);
    tally_free(tally);
}

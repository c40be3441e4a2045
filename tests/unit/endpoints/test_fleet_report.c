#include <criterion/criterion.h>
#include <jansson.h>

#include "endpoints/fleet/report.h"

#define SECONDS 10.0

static ReportSite site(const char *code, uint64_t frames)
{
    return (ReportSite){
        .code = code,
        .sums =
            {
                .frames = frames,
                .expected = 1000,
                .received = 1000,
                .packets_in = 1000,
                .bytes_in = 1250000,
                .present_us = (uint64_t)(SECONDS * 1e6),
            },
        .freeze_us = 40000,
        .gap_us = 0,
    };
}

static double number(json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    cr_assert(json_is_number(value), "%s is no number", name);
    return json_number_value(value);
}

static const char *worst(json_t *object, const char *name)
{
    return json_string_value(json_object_get(json_object_get(object, "worst"), name));
}

Test(fleet_report, finds_the_slowest_site_and_the_median)
{
    const ReportSite sites[] = {site("A", 250), site("B", 190), site("C", 248)};
    json_t *report = report_period(sites, 3, SECONDS);
    cr_assert_float_eq(number(report, "fps_min"), 19.0, 0.001);
    cr_assert_float_eq(number(report, "fps_median"), 24.8, 0.001);
    cr_assert_str_eq(worst(report, "fps"), "B");
    json_decref(report);
}

Test(fleet_report, names_the_site_with_the_longest_freeze_and_gap)
{
    ReportSite sites[] = {site("A", 250), site("B", 250)};
    sites[0].freeze_us = 900000;
    sites[1].gap_us = 61000;
    json_t *report = report_period(sites, 2, SECONDS);
    cr_assert_float_eq(number(report, "freeze_ms_max"), 900, 0.001);
    cr_assert_str_eq(worst(report, "freeze"), "A");
    cr_assert_float_eq(number(report, "audio_gap_ms_max"), 61, 0.001);
    cr_assert_str_eq(worst(report, "audio_gap"), "B");
    json_decref(report);
}

Test(fleet_report, adds_up_rates)
{
    const ReportSite sites[] = {site("A", 250), site("B", 250)};
    json_t *report = report_period(sites, 2, SECONDS);
    cr_assert_float_eq(number(report, "packets_in_per_s"), 200, 0.001);
    cr_assert_float_eq(number(report, "mbit_in_per_s"), 2, 0.001);
    cr_assert_eq(number(report, "frames"), 500);
    json_decref(report);
}

Test(fleet_report, tells_loss_of_all_and_of_the_worst)
{
    ReportSite sites[] = {site("A", 250), site("B", 250)};
    sites[1].sums.received = 900;
    json_t *report = report_period(sites, 2, SECONDS);
    cr_assert_float_eq(number(report, "loss_pct"), 5, 0.001);
    cr_assert_float_eq(number(report, "loss_pct_max"), 10, 0.001);
    cr_assert_str_eq(worst(report, "loss"), "B");
    json_decref(report);
}

Test(fleet_report, never_tells_a_negative_loss)
{
    ReportSite sites[] = {site("A", 250)};
    sites[0].sums.received = 1001;
    json_t *report = report_period(sites, 1, SECONDS);
    cr_assert_eq(number(report, "loss_pct"), 0);
    json_decref(report);
}

Test(fleet_report, judges_a_site_by_the_time_it_was_present)
{
    ReportSite sites[] = {site("A", 150)};
    sites[0].sums.present_us = 6000000;
    json_t *report = report_period(sites, 1, SECONDS);
    cr_assert_float_eq(number(report, "fps_min"), 25, 0.001);
    json_decref(report);
}

Test(fleet_report, leaves_out_who_was_hardly_there)
{
    ReportSite sites[] = {site("A", 250), site("B", 3)};
    sites[1].sums.present_us = 1000000;
    sites[1].freeze_us = 9000000;
    json_t *report = report_period(sites, 2, SECONDS);
    cr_assert_eq(number(report, "present"), 1);
    cr_assert_float_eq(number(report, "fps_min"), 25, 0.001);
    cr_assert_float_eq(number(report, "freeze_ms_max"), 40, 0.001);
    cr_assert_eq(number(report, "packets_in"), 2000, "totals count it");
    json_decref(report);
}

Test(fleet_report, says_null_when_nobody_was_there)
{
    json_t *report = report_period(NULL, 0, 1);
    cr_assert(json_is_null(json_object_get(report, "fps_min")));
    cr_assert(json_is_null(json_object_get(report, "fps_median")));
    cr_assert(json_is_null(json_object_get(report, "freeze_ms_max")));
    cr_assert_eq(number(report, "loss_pct"), 0);
    json_decref(report);
}

Test(fleet_report, takes_percentiles_by_nearest_rank)
{
    const double values[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    cr_assert_eq(report_percentile(values, 10, 50), 5);
    cr_assert_eq(report_percentile(values, 10, 95), 10);
    cr_assert_eq(report_percentile(values, 10, 90), 9);
    cr_assert_eq(report_percentile(values, 10, 0), 1);
    cr_assert_eq(report_percentile(values, 1, 95), 1);
}

Test(fleet_report, puts_times_into_order)
{
    int64_t times_us[] = {3000000, 1000000, 2000000, 9000000};
    json_t *times = report_times(times_us, 4);
    cr_assert_eq(number(times, "count"), 4);
    cr_assert_float_eq(number(times, "p50_s"), 2, 0.001);
    cr_assert_float_eq(number(times, "p95_s"), 9, 0.001);
    cr_assert_float_eq(number(times, "max_s"), 9, 0.001);
    json_decref(times);
}

Test(fleet_report, says_null_for_the_times_of_nobody)
{
    json_t *times = report_times(NULL, 0);
    cr_assert_eq(number(times, "count"), 0);
    cr_assert(json_is_null(json_object_get(times, "p95_s")));
    json_decref(times);
}

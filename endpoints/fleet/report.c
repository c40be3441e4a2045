#include "endpoints/fleet/report.h"

#include <glib.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "bridge/base/clock.h"

#define MBIT 1e6

typedef struct Worst {
    double value;
    const char *code; /* NULL: nobody yet */
} Worst;

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static int compare_times(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

double report_percentile(const double *ordered, size_t count, double percent)
{
    size_t rank = (size_t)ceil(percent / 100 * (double)count);
    return ordered[rank == 0 ? 0 : MIN(rank, count) - 1];
}

static void take_larger(Worst *worst, double value, const char *code)
{
    if (worst->code == NULL || value > worst->value) {
        *worst = (Worst){value, code};
    }
}

static void take_smaller(Worst *worst, double value, const char *code)
{
    if (worst->code == NULL || value < worst->value) {
        *worst = (Worst){value, code};
    }
}

static double loss_pct(const TallySums *sums)
{
    if (sums->expected == 0) {
        return 0;
    }
    double lost = (double)sums->expected - (double)sums->received;
    return 100 * MAX(lost, 0) / (double)sums->expected;
}

static void put_number(json_t *object, const char *name, double value)
{
    json_object_set_new(object, name, json_real(round(value * 1000) / 1000));
}

static void put_worst(json_t *object, const char *value_name, const char *code_name, Worst worst)
{
    json_t *codes = json_object_get(object, "worst");
    if (worst.code == NULL) {
        json_object_set_new(object, value_name, json_null());
        return;
    }
    put_number(object, value_name, worst.value);
    json_object_set_new(codes, code_name, json_string(worst.code));
}

static void put_totals(json_t *object, const TallySums *total, double seconds)
{
#define PUT(name) json_object_set_new(object, #name, json_integer((json_int_t)total->name));
    TALLY_SUMS(PUT)
#undef PUT
    put_number(object, "packets_in_per_s", (double)total->packets_in / seconds);
    put_number(object, "packets_out_per_s", (double)total->packets_out / seconds);
    put_number(object, "mbit_in_per_s", (double)total->bytes_in * 8 / MBIT / seconds);
    put_number(object, "mbit_out_per_s", (double)total->bytes_out * 8 / MBIT / seconds);
    put_number(object, "loss_pct", loss_pct(total));
}

json_t *report_period(const ReportSite *sites, size_t count, double seconds)
{
    TallySums total = {0};
    Worst fps = {0};
    Worst freeze = {0};
    Worst gap = {0};
    Worst loss = {0};
    size_t present = 0;
    g_autofree double *rates = g_new0(double, MAX(count, 1));
    for (size_t i = 0; i < count; i++) {
        const ReportSite *site = &sites[i];
        double present_s = (double)site->sums.present_us / CLOCK_US_PER_S;
        tally_add(&total, &site->sums);
        if (present_s < seconds * REPORT_PRESENT_SHARE) {
            continue;
        }
        double rate = (double)site->sums.frames / present_s;
        rates[present++] = rate;
        take_smaller(&fps, rate, site->code);
        take_larger(&freeze, (double)site->freeze_us / CLOCK_US_PER_MS, site->code);
        take_larger(&gap, MAX((double)site->gap_us, 0) / CLOCK_US_PER_MS, site->code);
        take_larger(&loss, loss_pct(&site->sums), site->code);
    }
    json_t *object =
        json_pack("{s:f, s:I, s:{}}", "seconds", seconds, "present", (json_int_t)present, "worst");
    put_totals(object, &total, seconds);
    put_worst(object, "fps_min", "fps", fps);
    put_worst(object, "freeze_ms_max", "freeze", freeze);
    put_worst(object, "audio_gap_ms_max", "audio_gap", gap);
    put_worst(object, "loss_pct_max", "loss", loss);
    qsort(rates, present, sizeof rates[0], compare_doubles);
    if (present > 0) {
        put_number(object, "fps_median", report_percentile(rates, present, 50));
    } else {
        json_object_set_new(object, "fps_median", json_null());
    }
    return object;
}

static json_t *time_at(const int64_t *ordered_us, size_t count, double percent)
{
    if (count == 0) {
        return json_null();
    }
    size_t rank = (size_t)ceil(percent / 100 * (double)count);
    return json_real((double)ordered_us[rank == 0 ? 0 : rank - 1] / CLOCK_US_PER_S);
}

json_t *report_times(int64_t *times_us, size_t count)
{
    if (count > 0) {
        qsort(times_us, count, sizeof times_us[0], compare_times);
    }
    return json_pack("{s:I, s:o, s:o, s:o}", "count", (json_int_t)count, "p50_s",
                     time_at(times_us, count, 50), "p95_s", time_at(times_us, count, 95), "max_s",
                     time_at(times_us, count, 100));
}

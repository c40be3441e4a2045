#include "signalling/media_stats.h"

#include <glib.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

static double get_number(json_t *entry, const char *name, double fallback)
{
    json_t *value = json_object_get(entry, name);
    return json_is_number(value) ? json_number_value(value) : fallback;
}

MediaStats media_stats_read(json_t *entry)
{
    const char *profile = json_string_value(json_object_get(entry, "profile"));
    double loss_pct = get_number(entry, "loss_pct", 0);
    MediaStats stats = {
        .is_known = true,
        .loss_in_pct = get_number(entry, "loss_in_pct", loss_pct),
        .loss_out_pct = get_number(entry, "loss_out_pct", loss_pct),
        .rtt_ms = get_number(entry, "rtt_ms", STATS_UNKNOWN),
        .jitter_ms = get_number(entry, "jitter_ms", 0),
        .in_kbps = get_number(entry, "in_kbps", 0),
        .out_kbps = get_number(entry, "out_kbps", 0),
        .estimate_kbps = get_number(entry, "estimate_kbps", STATS_UNKNOWN),
        .view = (int)get_number(entry, "view", 0),
        .rung = (int)get_number(entry, "rung", STATS_UNKNOWN),
    };
    g_strlcpy(stats.profile, profile != NULL ? profile : "", sizeof stats.profile);
    return stats;
}

/* By more than a tenth, and by more than `least`. */
static bool moved(double told, double now, double least)
{
    return fabs(now - told) > fmax(least, fabs(told) / 10);
}

bool media_stats_is_news(const MediaStats *told, const MediaStats *now)
{
    return told->is_known != now->is_known || told->view != now->view || told->rung != now->rung ||
           strcmp(told->profile, now->profile) != 0 ||
           moved(told->loss_in_pct, now->loss_in_pct, 0.4) ||
           moved(told->loss_out_pct, now->loss_out_pct, 0.4) ||
           moved(told->rtt_ms, now->rtt_ms, 3) || moved(told->jitter_ms, now->jitter_ms, 3) ||
           moved(told->in_kbps, now->in_kbps, 20) || moved(told->out_kbps, now->out_kbps, 20) ||
           moved(told->estimate_kbps, now->estimate_kbps, 50);
}

static json_t *rounded(double value)
{
    return value < 0 ? json_null() : json_integer((json_int_t)llround(value));
}

static json_t *tenths(double value)
{
    return json_real(round(value * 10) / 10);
}

json_t *media_stats_to_json(const MediaStats *stats)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:s}", "loss_in_pct",
                     tenths(stats->loss_in_pct), "loss_out_pct", tenths(stats->loss_out_pct),
                     "rtt_ms", rounded(stats->rtt_ms), "jitter_ms", rounded(stats->jitter_ms),
                     "in_kbps", rounded(stats->in_kbps), "out_kbps", rounded(stats->out_kbps),
                     "estimate_kbps", rounded(stats->estimate_kbps), "view", stats->view, "rung",
                     rounded(stats->rung), "profile", stats->profile);
}

/* What the relay measured of one media session in the last second. A plain value. Any thread. */
#pragma once

#include <stdbool.h>

typedef struct json_t json_t;

#define STATS_UNKNOWN (-1)

typedef struct MediaStats {
    bool is_known;
    double loss_in_pct, loss_out_pct; /* of what it sends, of what it receives */
    double rtt_ms;                    /* STATS_UNKNOWN */
    double jitter_ms;
    double in_kbps, out_kbps; /* from it, to it */
    double estimate_kbps;     /* what its downlink is taken to carry; STATS_UNKNOWN */
    int view;
    int rung;         /* STATS_UNKNOWN: it is sent none */
    char profile[32]; /* of SRTP; "" before there are keys */
} MediaStats;

/* One entry of the relay's `stats`. */
MediaStats media_stats_read(json_t *entry);
/* Has it changed so much that somebody who looks at it wants to know? */
bool media_stats_is_news(const MediaStats *told, const MediaStats *now);
/* The fields as PROTOCOL.md says; the caller owns it. */
json_t *media_stats_to_json(const MediaStats *stats);

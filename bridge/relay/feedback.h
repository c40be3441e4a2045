/* What one receiver tells of its link, and how often it may ask for a key frame. A plain value of
 * the downlink. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bridge/rtc/rtcp.h"

/* Key frames that one receiver may ask for at once, and how often it gets another one: a receiver
 * on a bad link must not turn the shared encoder into a series of key frames. */
#define FEEDBACK_PLI_BURST 3
#define FEEDBACK_PLI_REFILL_US INT64_C(3000000)

typedef struct Feedback {
    unsigned pli_count;
    int64_t pli_refilled_us;
    int64_t rtt_us; /* smoothed; 0: unknown */
    int64_t last_rtt_us;
    double audio_loss; /* 0 … 1, of the last interval */
    double video_loss;
    uint64_t estimate_bps; /* REMB; 0: not told */
} Feedback;

void feedback_init(Feedback *feedback);
void feedback_on_report(Feedback *feedback, const RtcpReportBlock *report, bool is_of_video,
                        int64_t now_us);
/* A usual value before the first report. */
int64_t feedback_rtt_us(const Feedback *feedback);
/* True: then it counts as granted. */
bool feedback_may_ask_keyframe(Feedback *feedback, int64_t now_us);

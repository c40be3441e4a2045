#include "bridge/relay/feedback.h"

#include <glib.h>

#include "bridge/base/clock.h"

#define RTT_USUAL_US INT64_C(100000)
#define RTT_MAX_US INT64_C(2000000)

void feedback_init(Feedback *feedback)
{
    *feedback = (Feedback){.pli_count = FEEDBACK_PLI_BURST};
}

static void measure_rtt(Feedback *feedback, const RtcpReportBlock *report, int64_t now_us)
{
    uint32_t spent = clock_ntp_compact(now_us) - report->last_sr - report->delay_since_last_sr;
    int64_t rtt_us = (int64_t)((uint64_t)spent * CLOCK_US_PER_S >> 16);
    if (report->last_sr == 0 || rtt_us <= 0 || rtt_us > RTT_MAX_US) {
        return;
    }
    feedback->last_rtt_us = rtt_us;
    feedback->rtt_us =
        feedback->rtt_us == 0 ? rtt_us : feedback->rtt_us + (rtt_us - feedback->rtt_us) / 8;
}

void feedback_on_report(Feedback *feedback, const RtcpReportBlock *report, bool is_of_video,
                        int64_t now_us)
{
    double loss = report->fraction_lost / 256.0;
    *(is_of_video ? &feedback->video_loss : &feedback->audio_loss) = loss;
    measure_rtt(feedback, report, now_us);
}

int64_t feedback_rtt_us(const Feedback *feedback)
{
    return feedback->rtt_us == 0 ? RTT_USUAL_US : feedback->rtt_us;
}

bool feedback_may_ask_keyframe(Feedback *feedback, int64_t now_us)
{
    int64_t refills = (now_us - feedback->pli_refilled_us) / FEEDBACK_PLI_REFILL_US;
    if (refills > 0) {
        feedback->pli_count = (unsigned)MIN(feedback->pli_count + refills, FEEDBACK_PLI_BURST);
        feedback->pli_refilled_us = now_us;
    }
    if (feedback->pli_count == 0) {
        return false;
    }
    feedback->pli_count--;
    return true;
}

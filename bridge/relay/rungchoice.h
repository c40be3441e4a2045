/* Which rung one receiver gets: down at once when its link shows that it carries less (its REMB
 * falls below what is sent, its reports tell loss or a growing round trip), up one rung at a time
 * after a pause that doubles when an ascent failed, and no picture at all below the lowest rung, so
 * that sound goes on. A receiver that estimates is believed; to one that does not, slowly more is
 * sent until it is as much as the next rung takes, and a queue that grows meanwhile ends it. Loss
 * that does not grow less with the rate is the link's own: it is borne. A plain value,
 * zero-initialise. Its owner's loop; time is given, never read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/limits.h"

/* Of the link, for sound and reports. */
#define CHOICE_SOUND_BPS 70000.0
/* After a change, reports speak of the time before it. */
#define CHOICE_SETTLE_US INT64_C(1500000)
/* From a fall to the next ascent; doubled for each ascent that failed within CHOICE_TRIAL_US. */
#define CHOICE_PAUSE_MIN_US INT64_C(20000000)
#define CHOICE_PAUSE_MAX_US INT64_C(120000000)
#define CHOICE_TRIAL_US INT64_C(15000000)

/* The rungs a receiver may have, best first. */
typedef struct LadderStep {
    uint16_t rung;
    double nominal_bps; /* what its encoder is told */
    double rate_bps;    /* what it sends now; 0: it does not, or only since a moment ago */
} LadderStep;

typedef struct Ladder {
    size_t count;
    LadderStep steps[LIMIT_VIEW_RUNGS];
} Ladder;

typedef struct RungChoice {
    double estimate_bps; /* 0: never told */
    int64_t estimate_us;
    int64_t estimate_fell_us;
    double carried_bps; /* what got through when it was last too much; 0: nothing to fear */
    int64_t carried_us;
    bool is_congested;    /* since the last decision, */
    bool is_only_delayed; /* by a queue that grew, without loss */
    unsigned bad_reports;
    double own_loss; /* of the link, whatever is sent */
    double loss_before_fall;
    int64_t least_rtt_us;
    int64_t last_rtt_us;
    int64_t changed_us;
    int64_t risen_us;
    int64_t up_after_us;
    int64_t pause_us;
    int64_t warned_us;     /* that the lowest rung is too much */
    int64_t ramp_since_us; /* 0: there is none */
    int64_t ramp_rtt_us;   /* when it began */
    double ramp_loss;      /* when it began */
    double last_loss;
} RungChoice;

/* Between two reports. */
typedef struct ChoiceReport {
    double loss;    /* 0 … 1 */
    int64_t rtt_us; /* 0: unknown */
    double sent_bps;
} ChoiceReport;

void choice_on_estimate(RungChoice *choice, double bps, int64_t now_us);
void choice_on_report(RungChoice *choice, const ChoiceReport *report, int64_t now_us);
/* The step for a receiver that is on none of this ladder yet; ladder->count: no picture. */
size_t choice_start(RungChoice *choice, const Ladder *ladder, int64_t now_us);
/* The step for one that is on step `at` (ladder->count: no picture). */
size_t choice_decide(RungChoice *choice, const Ladder *ladder, size_t at, int64_t now_us);
/* What to send beside the picture, to find out whether the next better rung would fit; 0: nothing.
 */
double choice_probe_bps(const RungChoice *choice, const Ladder *ladder, size_t at, int64_t now_us);

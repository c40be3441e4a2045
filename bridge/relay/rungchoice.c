#include "bridge/relay/rungchoice.h"

#include <glib.h>

#include "bridge/base/clock.h"

/* An estimate is of use for so long. */
#define ESTIMATE_FRESH_US INT64_C(5000000)
/* Only an estimate that fell speaks of trouble: one that is low because little was sent does not.
 */
#define ESTIMATE_FALL 0.97
#define ESTIMATE_FELL_US INT64_C(3000000)
#define LOSS_BAD 0.10
#define LOSS_SEVERE 0.25
#define LOSS_ABOVE_OWN 0.08
/* A fall that leaves so much of the loss did not help. */
#define LOSS_LEFT 0.6
#define RTT_GROWTH_US INT64_C(300000)
#define BAD_REPORTS 2
/* Of what got through: some room for a queue to drain. */
#define CARRIED_SHARE 0.9
#define DELAYED_SHARE 0.7
/* What a link was seen to carry is forgotten after this. */
#define CARRIED_US INT64_C(60000000)
/* Room that the estimate must leave over before an ascent. */
#define ASCENT_ROOM 1.1
#define PROBE_ROOM 1.2
/* Each second a ramp sends so much more of what is sent anyway. With reports a second apart a queue
 * is seen before it is 0.2 s long, and it grows slowly: sound comes a little late and has no gap.
 */
#define RAMP_GROWTH_PER_S 0.08
#define RAMP_RTT_GROWTH_US INT64_C(60000)
/* A still picture takes little now and much in a moment. */
#define NEED_LEAST_SHARE 0.5
/* With less than this share of the lowest rung there is no use in a picture. */
#define LOWEST_SHARE 0.6
#define STAY_MIN_US INT64_C(3000000)
/* The lowest rung is given up when it is too much again within this: one bad second may be
 * anything.
 */
#define WARNING_US INT64_C(4000000)

static bool is_fresh(const RungChoice *choice, int64_t now_us)
{
    return choice->estimate_bps > 0 && now_us - choice->estimate_us < ESTIMATE_FRESH_US;
}

static double room(double bps)
{
    return MAX(bps - CHOICE_SOUND_BPS, 0);
}

void choice_on_estimate(RungChoice *choice, double bps, int64_t now_us)
{
    if (is_fresh(choice, now_us) && bps < choice->estimate_bps * ESTIMATE_FALL) {
        choice->estimate_fell_us = now_us;
    }
    choice->estimate_bps = bps;
    choice->estimate_us = now_us;
}

static void congest(RungChoice *choice, double carried_bps, int64_t now_us)
{
    choice->is_congested = true;
    choice->carried_bps = carried_bps;
    choice->carried_us = now_us;
}

/* Loss that stays though less is sent than once got through is not congestion. */
static void learn_own_loss(RungChoice *choice, const ChoiceReport *report)
{
    bool is_less_than_carried = report->sent_bps <= choice->carried_bps;
    if (is_less_than_carried && choice->loss_before_fall > 0 &&
        report->loss >= choice->loss_before_fall * LOSS_LEFT) {
        choice->own_loss = report->loss;
    }
    choice->loss_before_fall = 0;
    if (report->loss < choice->own_loss) {
        choice->own_loss += (report->loss - choice->own_loss) / 4;
    }
}

static bool has_delay(RungChoice *choice, int64_t rtt_us)
{
    if (rtt_us == 0) {
        return false;
    }
    if (choice->least_rtt_us == 0 || rtt_us < choice->least_rtt_us) {
        choice->least_rtt_us = rtt_us;
    }
    choice->least_rtt_us += (rtt_us - choice->least_rtt_us) / 256; /* the route may change */
    bool is_draining = rtt_us < choice->last_rtt_us;
    choice->last_rtt_us = rtt_us;
    return rtt_us - choice->least_rtt_us > RTT_GROWTH_US && !is_draining;
}

static bool is_on_trial(const RungChoice *choice, int64_t now_us)
{
    return choice->risen_us != 0 && now_us - choice->risen_us < CHOICE_TRIAL_US;
}

/* After an ascent that failed, longer. */
static void wait_for_ascent(RungChoice *choice, bool has_failed, int64_t now_us)
{
    choice->pause_us = has_failed ? MIN(choice->pause_us * 2, CHOICE_PAUSE_MAX_US) : 0;
    choice->pause_us = MAX(choice->pause_us, CHOICE_PAUSE_MIN_US);
    choice->up_after_us = now_us + choice->pause_us;
    choice->ramp_since_us = 0;
}

static bool is_too_steep(const RungChoice *choice, const ChoiceReport *report)
{
    bool has_queue = report->rtt_us != 0 && choice->ramp_rtt_us != 0 &&
                     report->rtt_us - choice->ramp_rtt_us > RAMP_RTT_GROWTH_US;
    return has_queue || report->loss > MAX(choice->own_loss, choice->ramp_loss) + LOSS_ABOVE_OWN;
}

void choice_on_report(RungChoice *choice, const ChoiceReport *report, int64_t now_us)
{
    bool is_delayed = has_delay(choice, report->rtt_us);
    if (choice->ramp_since_us != 0 && is_too_steep(choice, report)) {
        wait_for_ascent(choice, true, now_us);
        return; /* it speaks of the ramp, not of the rung */
    }
    choice->last_loss = report->loss;
    if (choice->changed_us != 0 && now_us - choice->changed_us < CHOICE_SETTLE_US) {
        return;
    }
    learn_own_loss(choice, report);
    bool is_lossy = report->loss >= LOSS_BAD && report->loss > choice->own_loss + LOSS_ABOVE_OWN;
    if (!is_lossy && !is_delayed) {
        choice->bad_reports = 0;
        return;
    }
    choice->bad_reports++;
    unsigned enough = is_on_trial(choice, now_us) ? 1 : BAD_REPORTS;
    if (choice->bad_reports < enough && !(is_lossy && report->loss >= LOSS_SEVERE)) {
        return;
    }
    choice->bad_reports = 0;
    choice->loss_before_fall = is_lossy ? report->loss : 0;
    choice->is_only_delayed = !is_lossy;
    double share = is_lossy ? (1 - report->loss) * CARRIED_SHARE : DELAYED_SHARE;
    congest(choice, report->sent_bps * share, now_us);
}

/* What a step takes: of the present one what it sends, of another at least half of what it may. */
static double need(const LadderStep *step)
{
    if (step->rate_bps == 0) {
        return step->nominal_bps;
    }
    return MAX(step->rate_bps, step->nominal_bps * NEED_LEAST_SHARE);
}

/* The first step from `from` on that fits; the lowest one if that is nearly so. */
static size_t find_fitting(const Ladder *ladder, size_t from, double bps)
{
    for (size_t i = from; i < ladder->count; i++) {
        if (need(&ladder->steps[i]) <= bps) {
            return i;
        }
    }
    bool is_low_enough =
        ladder->count > 0 && need(&ladder->steps[ladder->count - 1]) * LOWEST_SHARE <= bps;
    return is_low_enough ? ladder->count - 1 : ladder->count;
}

size_t choice_start(RungChoice *choice, const Ladder *ladder, int64_t now_us)
{
    choice->changed_us = now_us;
    double limit = G_MAXDOUBLE;
    if (choice->carried_bps > 0 && now_us - choice->carried_us < CARRIED_US) {
        limit = choice->carried_bps;
    }
    return find_fitting(ladder, 0, limit);
}

static size_t fall(RungChoice *choice, const Ladder *ladder, size_t at, double bps, int64_t now_us)
{
    size_t to = find_fitting(ladder, at + 1, bps);
    bool is_last = at + 1 == ladder->count;
    if (is_last && (choice->is_only_delayed || need(&ladder->steps[at]) * LOWEST_SHARE <= bps)) {
        return at; /* what is late is still seen */
    }
    if (is_last && now_us - choice->warned_us > WARNING_US) {
        choice->warned_us = now_us;
        return at;
    }
    if (to == ladder->count && !is_last) {
        to = ladder->count - 1; /* the lowest is tried before there is none */
    }
    wait_for_ascent(choice, is_on_trial(choice, now_us), now_us);
    choice->changed_us = now_us;
    choice->risen_us = 0;
    return to;
}

static bool may_rise(const RungChoice *choice, size_t at, int64_t now_us)
{
    return at > 0 && now_us >= choice->up_after_us && now_us - choice->changed_us >= STAY_MIN_US &&
           choice->bad_reports == 0 &&
           choice->own_loss < LOSS_BAD; /* a small frame survives loss that a large one does not */
}

/* What is sent beyond the present step by now. */
static double ramp_bps(const RungChoice *choice, const LadderStep *step, int64_t now_us)
{
    double elapsed_s = (double)(now_us - choice->ramp_since_us) / (double)CLOCK_US_PER_S;
    return (step->rate_bps + CHOICE_SOUND_BPS) * RAMP_GROWTH_PER_S * elapsed_s;
}

static double ramp_end_bps(const Ladder *ladder, size_t at)
{
    return need(&ladder->steps[at - 1]) * ASCENT_ROOM - ladder->steps[at].rate_bps;
}

/* True when the ramp has come to its end. */
static bool climb(RungChoice *choice, const Ladder *ladder, size_t at, int64_t now_us)
{
    if (choice->ramp_since_us == 0) {
        choice->ramp_since_us = now_us;
        choice->ramp_rtt_us = choice->last_rtt_us;
        choice->ramp_loss = choice->last_loss;
    }
    return ramp_bps(choice, &ladder->steps[at], now_us) >= ramp_end_bps(ladder, at);
}

static bool should_rise(RungChoice *choice, const Ladder *ladder, size_t at, int64_t now_us)
{
    if (!may_rise(choice, at, now_us)) {
        choice->ramp_since_us = 0;
        return false;
    }
    if (at == ladder->count) {
        return true; /* nothing but a trial can tell */
    }
    if (!is_fresh(choice, now_us)) {
        return climb(choice, ladder, at, now_us);
    }
    return room(choice->estimate_bps) >= need(&ladder->steps[at - 1]) * ASCENT_ROOM;
}

static bool is_estimate_short(const RungChoice *choice, const LadderStep *step, int64_t now_us)
{
    return is_fresh(choice, now_us) && choice->estimate_fell_us != 0 &&
           now_us - choice->estimate_fell_us < ESTIMATE_FELL_US &&
           now_us - choice->changed_us >= CHOICE_SETTLE_US &&
           room(choice->estimate_bps) < step->rate_bps;
}

size_t choice_decide(RungChoice *choice, const Ladder *ladder, size_t at, int64_t now_us)
{
    bool is_congested = choice->is_congested;
    choice->is_congested = false;
    if (at < ladder->count && is_congested) {
        return fall(choice, ladder, at, room(choice->carried_bps), now_us);
    }
    if (at < ladder->count && is_estimate_short(choice, &ladder->steps[at], now_us)) {
        choice->is_only_delayed = false;
        choice->carried_bps = choice->estimate_bps;
        choice->carried_us = now_us;
        return fall(choice, ladder, at, room(choice->estimate_bps), now_us);
    }
    if (should_rise(choice, ladder, at, now_us)) {
        choice->risen_us = choice->changed_us = now_us;
        choice->ramp_since_us = 0;
        return at - 1;
    }
    return at;
}

double choice_probe_bps(const RungChoice *choice, const Ladder *ladder, size_t at, int64_t now_us)
{
    if (at == ladder->count || !may_rise(choice, at, now_us)) {
        return 0;
    }
    const LadderStep *step = &ladder->steps[at];
    if (!is_fresh(choice, now_us)) {
        return choice->ramp_since_us == 0
                   ? 0
                   : MAX(MIN(ramp_bps(choice, step, now_us), ramp_end_bps(ladder, at)), 0);
    }
    double wanted_bps = need(&ladder->steps[at - 1]) * PROBE_ROOM;
    return MAX(MIN(wanted_bps, room(choice->estimate_bps)) - step->rate_bps, 0);
}

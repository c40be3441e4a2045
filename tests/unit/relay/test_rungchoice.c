/* A receiver behind a simulated link: what it is sent, what its reports say, which rung it gets. */
#include <criterion/criterion.h>
#include <glib.h>

#include "bridge/base/clock.h"
#include "bridge/relay/rungchoice.h"

#define S CLOCK_US_PER_S
#define MS CLOCK_US_PER_MS
#define START (1000 * S)
#define NOTHING 3 /* the ladder's count: no picture */

typedef struct Receiver {
    RungChoice choice;
    Ladder ladder;
    size_t at;
    int64_t now_us;
    unsigned changes;
} Receiver;

static Receiver make_receiver(void)
{
    Receiver receiver = {
        .ladder = {.count = 3,
                   .steps = {{.rung = 0, .nominal_bps = 1.5e6, .rate_bps = 1.5e6},
                             {.rung = 1, .nominal_bps = 5e5, .rate_bps = 5e5},
                             {.rung = 2, .nominal_bps = 1.5e5, .rate_bps = 1.5e5}}},
        .now_us = START,
    };
    receiver.at = choice_start(&receiver.choice, &receiver.ladder, START);
    return receiver;
}

static double sent_bps(const Receiver *receiver)
{
    return CHOICE_SOUND_BPS +
           (receiver->at == NOTHING ? 0 : receiver->ladder.steps[receiver->at].rate_bps);
}

static void decide(Receiver *receiver)
{
    size_t at = choice_decide(&receiver->choice, &receiver->ladder, receiver->at, receiver->now_us);
    receiver->changes += at != receiver->at;
    receiver->at = at;
}

/* A report a second from a link that loses `own_loss` of everything and what exceeds its capacity.
 */
static void pass(Receiver *receiver, int seconds, double capacity_bps, double own_loss)
{
    for (int i = 0; i < seconds; i++) {
        receiver->now_us += S;
        double sent = sent_bps(receiver) + choice_probe_bps(&receiver->choice, &receiver->ladder,
                                                            receiver->at, receiver->now_us);
        double over = sent > capacity_bps ? 1 - capacity_bps / sent : 0;
        ChoiceReport report = {.loss = 1 - (1 - over) * (1 - own_loss), .sent_bps = sent};
        choice_on_report(&receiver->choice, &report, receiver->now_us);
        decide(receiver);
    }
}

Test(rungchoice, begins_with_the_best_and_stays_there_on_a_good_link)
{
    Receiver receiver = make_receiver();
    cr_expect_eq(receiver.at, 0);
    pass(&receiver, 600, 1e9, 0.02);
    cr_expect_eq(receiver.at, 0);
    cr_expect_eq(receiver.changes, 0);
}

Test(rungchoice, falls_within_three_seconds_to_what_the_link_carries)
{
    Receiver receiver = make_receiver();
    pass(&receiver, 3, 7e5, 0);
    cr_expect_eq(receiver.at, 1);
    receiver = make_receiver();
    pass(&receiver, 3, 2.6e5, 0);
    cr_expect_eq(receiver.at, 2);
}

Test(rungchoice, gives_up_the_picture_before_the_sound)
{
    Receiver receiver = make_receiver();
    pass(&receiver, 8, 9e4, 0);
    cr_expect_eq(receiver.at, NOTHING);
}

Test(rungchoice, one_bad_second_does_not_take_the_picture_away)
{
    Receiver receiver = make_receiver();
    pass(&receiver, 8, 2.6e5, 0);
    cr_assert_eq(receiver.at, 2);
    pass(&receiver, 1, 9e4, 0);
    pass(&receiver, 10, 2.6e5, 0);
    cr_expect_eq(receiver.at, 2);
}

Test(rungchoice, comes_back_when_the_link_does)
{
    Receiver receiver = make_receiver();
    pass(&receiver, 20, 9e4, 0);
    pass(&receiver, 150, 1e9, 0);
    cr_expect_eq(receiver.at, 0);
}

Test(rungchoice, tries_a_narrow_link_less_and_less_often)
{
    Receiver receiver = make_receiver();
    pass(&receiver, 300, 7e5, 0);
    unsigned in_the_first_minutes = receiver.changes;
    receiver.changes = 0;
    pass(&receiver, 600, 7e5, 0);
    cr_expect_leq(receiver.changes, 12, "%u changes", receiver.changes);
    cr_expect_lt(receiver.changes, 2 * in_the_first_minutes);
}

/* A link with a queue of 0.3 s in front of it; returns the longest delay in it. */
static double pass_queue(Receiver *receiver, int seconds, double capacity_bps)
{
    double queue_s = 0;
    double longest_s = 0;
    for (int i = 0; i < seconds; i++) {
        double sent = sent_bps(receiver) + choice_probe_bps(&receiver->choice, &receiver->ladder,
                                                            receiver->at, receiver->now_us);
        receiver->now_us += S;
        double wanted_s = MAX(queue_s + sent / capacity_bps - 1, 0);
        queue_s = MIN(wanted_s, 0.3);
        longest_s = MAX(longest_s, queue_s);
        ChoiceReport report = {.loss = (wanted_s - queue_s) * capacity_bps / sent,
                               .rtt_us = (int64_t)(20 * MS + queue_s * S),
                               .sent_bps = sent};
        choice_on_report(&receiver->choice, &report, receiver->now_us);
        decide(receiver);
    }
    return longest_s;
}

Test(rungchoice, a_narrow_link_is_felt_for_and_loses_nothing_by_it)
{
    Receiver receiver = make_receiver();
    pass_queue(&receiver, 20, 2.6e5);
    cr_assert_eq(receiver.at, 2);
    receiver.changes = 0;
    double longest_s = pass_queue(&receiver, 600, 2.6e5);
    cr_expect_eq(receiver.changes, 0, "%u changes", receiver.changes);
    cr_expect_lt(longest_s, 0.2, "%.3f s", longest_s);
    cr_expect_gt(longest_s, 0, "it was felt for");
}

Test(rungchoice, a_link_that_has_become_wide_is_used)
{
    Receiver receiver = make_receiver();
    pass_queue(&receiver, 20, 2.6e5);
    cr_assert_eq(receiver.at, 2);
    pass_queue(&receiver, 90, 1e7);
    cr_expect_eq(receiver.at, 0);
    cr_expect_leq(receiver.changes, 4, "%u changes", receiver.changes);
}

Test(rungchoice, bears_loss_that_is_the_links_own)
{
    Receiver receiver = make_receiver();
    pass(&receiver, 60, 1e9, 0.12);
    cr_expect_lt(receiver.at, 2, "a link of 12 %% loss gets rung %zu", receiver.at);
    receiver = make_receiver();
    pass(&receiver, 300, 1e9, 0.3);
    cr_expect_neq(receiver.at, NOTHING);
}

Test(rungchoice, an_estimate_that_falls_below_what_is_sent_means_less)
{
    Receiver receiver = make_receiver();
    choice_on_estimate(&receiver.choice, 2e6, START + 2 * S);
    choice_on_estimate(&receiver.choice, 6e5, START + 3 * S);
    receiver.now_us = START + 3 * S;
    decide(&receiver);
    cr_expect_eq(receiver.at, 1);
}

Test(rungchoice, an_estimate_that_is_low_because_little_was_sent_means_nothing)
{
    Receiver receiver = make_receiver();
    receiver.ladder.steps[0].rate_bps = 3e5; /* a still picture */
    for (int i = 1; i < 10; i++) {
        choice_on_estimate(&receiver.choice, 4.5e5, START + i * S);
    }
    receiver.ladder.steps[0].rate_bps = 1.5e6; /* and then motion */
    receiver.now_us = START + 10 * S;
    decide(&receiver);
    cr_expect_eq(receiver.at, 0);
}

/* As a browser estimates: at most half more than it gets, 8 % a second, and what the link carries.
 */
static void estimate(Receiver *receiver, double *estimate_bps, double capacity_bps)
{
    double probe_bps =
        choice_probe_bps(&receiver->choice, &receiver->ladder, receiver->at, receiver->now_us);
    double got_bps = MIN(sent_bps(receiver) + probe_bps, capacity_bps);
    *estimate_bps = MIN(MIN(*estimate_bps * 1.08, 1.5 * got_bps + 1e4), capacity_bps);
    choice_on_estimate(&receiver->choice, *estimate_bps, receiver->now_us);
}

Test(rungchoice, probes_its_way_up_though_the_estimate_follows_what_is_sent)
{
    Receiver receiver = make_receiver();
    pass(&receiver, 5, 2.2e5, 0);
    cr_assert_eq(receiver.at, 2);
    double estimate_bps = 2.2e5;
    for (int i = 0; i < 90 && receiver.at > 0; i++) {
        receiver.now_us += S;
        estimate(&receiver, &estimate_bps, 1e7);
        decide(&receiver);
    }
    cr_expect_eq(receiver.at, 0);
    cr_expect_leq(receiver.changes, 4, "%u changes", receiver.changes);
}

Test(rungchoice, does_not_rise_above_a_true_estimate)
{
    Receiver receiver = make_receiver();
    pass(&receiver, 5, 6.5e5, 0);
    cr_assert_eq(receiver.at, 1);
    receiver.changes = 0;
    double estimate_bps = 6e5;
    for (int i = 0; i < 300; i++) {
        receiver.now_us += S;
        estimate(&receiver, &estimate_bps, 6.5e5);
        decide(&receiver);
    }
    cr_expect_eq(receiver.at, 1);
    cr_expect_eq(receiver.changes, 0);
}

Test(rungchoice, a_round_trip_that_grows_is_congestion_too)
{
    Receiver receiver = make_receiver();
    for (int i = 1; i <= 5; i++) {
        receiver.now_us += S;
        ChoiceReport report = {.rtt_us = (i < 3 ? 30 : 800) * MS, .sent_bps = 1.5e6};
        choice_on_report(&receiver.choice, &report, receiver.now_us);
        decide(&receiver);
    }
    cr_expect_eq(receiver.at, 1);
}

Test(rungchoice, a_ladder_without_steps_is_no_picture)
{
    RungChoice choice = {0};
    Ladder ladder = {0};
    cr_expect_eq(choice_start(&choice, &ladder, START), 0);
    cr_expect_eq(choice_decide(&choice, &ladder, 0, START + 60 * S), 0);
    cr_expect_eq(choice_probe_bps(&choice, &ladder, 0, START + 60 * S), 0);
}

/* A queue of 300 ms before a link that carries sound and the lowest rung, and not much more. */
Test(rungchoice, stays_on_the_lowest_rung_while_the_queue_of_before_drains)
{
    Receiver receiver = make_receiver();
    const double capacity_bps = 2.56e5;
    const double queue_bits_max = 0.4 * capacity_bps;
    double queue_bits = 0;
    for (int i = 0; i < 60; i++) {
        receiver.now_us += S;
        double sent = sent_bps(&receiver);
        double left = queue_bits + sent - capacity_bps;
        double lost = MAX(left - queue_bits_max, 0);
        queue_bits = CLAMP(left, 0, queue_bits_max);
        ChoiceReport report = {
            .loss = lost / sent,
            .rtt_us = 20 * MS + (int64_t)(queue_bits / capacity_bps * (double)S),
            .sent_bps = sent,
        };
        choice_on_report(&receiver.choice, &report, receiver.now_us);
        decide(&receiver);
        cr_assert_neq(receiver.at, NOTHING, "no picture after %d s", i + 1);
    }
    cr_expect_eq(receiver.at, 2);
}

#include <criterion/criterion.h>

#include "signalling/link_grade.h"

static const MediaStats good = {.is_known = true, .rtt_ms = 20};
static const MediaStats lossy = {.is_known = true, .rtt_ms = 20, .loss_in_pct = 8};
static const MediaStats slow = {.is_known = true, .rtt_ms = 450};
static const MediaStats fair = {.is_known = true, .rtt_ms = STATS_UNKNOWN, .loss_out_pct = 2};

static void expect_after(LinkGrade *grade, const MediaStats *stats, const char *name)
{
    for (int second = 1; second < LINK_GRADE_SECONDS; second++) {
        cr_expect_not(link_grade_update(grade, stats));
    }
    cr_expect(link_grade_update(grade, stats));
    cr_expect_str_eq(link_grade_name(grade), name);
    cr_expect_not(link_grade_update(grade, stats), "no news");
}

Test(link_grade, follows_what_lasts)
{
    LinkGrade grade = {0};
    cr_expect_null(link_grade_name(&grade));
    expect_after(&grade, &good, "good");
    expect_after(&grade, &lossy, "poor");
    expect_after(&grade, &fair, "fair");
    expect_after(&grade, &slow, "poor");
}

Test(link_grade, does_not_flap)
{
    LinkGrade grade = {0};
    expect_after(&grade, &good, "good");
    for (int second = 0; second < 20; second++) {
        cr_expect_not(link_grade_update(&grade, second % 2 == 0 ? &lossy : &good));
    }
}

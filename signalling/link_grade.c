#include "signalling/link_grade.h"

#include <math.h>
#include <stddef.h>

/* From 1 % loss on speech has to be repaired; above 5 % or 400 ms people notice. */
#define FAIR_LOSS_PCT 1.0
#define POOR_LOSS_PCT 5.0
#define FAIR_RTT_MS 200.0
#define POOR_RTT_MS 400.0

static LinkQuality judge(const MediaStats *stats)
{
    double loss_pct = fmax(stats->loss_in_pct, stats->loss_out_pct);
    if (loss_pct > POOR_LOSS_PCT || stats->rtt_ms > POOR_RTT_MS) {
        return LINK_POOR;
    }
    return loss_pct >= FAIR_LOSS_PCT || stats->rtt_ms > FAIR_RTT_MS ? LINK_FAIR : LINK_GOOD;
}

bool link_grade_update(LinkGrade *grade, const MediaStats *stats)
{
    LinkQuality now = judge(stats);
    grade->seconds = now == grade->seen ? grade->seconds + 1 : 1;
    grade->seen = now;
    if (now == grade->quality || grade->seconds < LINK_GRADE_SECONDS) {
        return false;
    }
    grade->quality = now;
    return true;
}

const char *link_grade_name(const LinkGrade *grade)
{
    static const char *const names[] = {
        [LINK_UNKNOWN] = NULL, [LINK_GOOD] = "good", [LINK_FAIR] = "fair", [LINK_POOR] = "poor"};
    return names[grade->quality];
}

#include "endpoints/fleet/tally.h"

#include <glib.h>

static void note(int64_t longest_us[TALLY_SCOPES], int64_t gap_us)
{
    for (int scope = 0; scope < TALLY_SCOPES; scope++) {
        longest_us[scope] = MAX(longest_us[scope], gap_us);
    }
}

void tally_on_frame(Tally *tally, int64_t arrival_us)
{
    tally->sums.frames++;
    if (tally->frame_us != 0) {
        note(tally->freeze_us, arrival_us - tally->frame_us);
    }
    tally->frame_us = MAX(tally->frame_us, arrival_us);
}

void tally_on_sound(Tally *tally, int64_t arrival_us)
{
    tally->sums.sounds++;
    if (tally->sound_us != 0) {
        note(tally->gap_us, arrival_us - tally->sound_us - TALLY_SOUND_US);
    }
    tally->sound_us = MAX(tally->sound_us, arrival_us);
}

void tally_settle(Tally *tally, int64_t now_us)
{
    if (tally->frame_us != 0) {
        note(tally->freeze_us, now_us - tally->frame_us);
    }
    if (tally->sound_us != 0) {
        note(tally->gap_us, now_us - tally->sound_us - TALLY_SOUND_US);
    }
}

void tally_begin(Tally *tally, TallyScope scope, int64_t now_us)
{
    tally->freeze_us[scope] = 0;
    tally->gap_us[scope] = 0;
    if (scope != TALLY_WINDOW) {
        return;
    }
    if (tally->frame_us != 0) {
        tally->frame_us = now_us;
    }
    if (tally->sound_us != 0) {
        tally->sound_us = now_us;
    }
}

void tally_on_gone(Tally *tally)
{
    tally->frame_us = 0;
    tally->sound_us = 0;
}

TallySums tally_difference(const TallySums *after, const TallySums *before)
{
#define SUBTRACT(name) .name = after->name - before->name,
    return (TallySums){TALLY_SUMS(SUBTRACT)};
#undef SUBTRACT
}

void tally_add(TallySums *total, const TallySums *sums)
{
#define ADD(name) total->name += sums->name;
    TALLY_SUMS(ADD)
#undef ADD
}

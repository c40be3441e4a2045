#include "bridge/relay/keyframe.h"

#include <glib.h>

#define KEYFRAME_QUICK_COUNT 3

static int64_t interval_us(const KeyframeGovernor *governor)
{
    if (governor->asked_count <= KEYFRAME_QUICK_COUNT) {
        return KEYFRAME_INTERVAL_US;
    }
    unsigned doublings = MIN(governor->asked_count - KEYFRAME_QUICK_COUNT, 8);
    return MIN(KEYFRAME_INTERVAL_US << doublings, KEYFRAME_INTERVAL_MAX_US);
}

void keyframe_want(KeyframeGovernor *governor)
{
    governor->is_wanted = true;
}

void keyframe_forget(KeyframeGovernor *governor)
{
    governor->is_wanted = false;
    governor->asked_count = 0;
}

int64_t keyframe_due_us(const KeyframeGovernor *governor)
{
    if (!governor->is_wanted) {
        return -1;
    }
    return governor->asked_us == 0 ? 0 : governor->asked_us + interval_us(governor);
}

bool keyframe_take(KeyframeGovernor *governor, int64_t now_us)
{
    if (!governor->is_wanted || now_us < keyframe_due_us(governor)) {
        return false;
    }
    governor->asked_us = now_us;
    governor->asked_count++;
    return true;
}

void keyframe_on_arrival(KeyframeGovernor *governor)
{
    keyframe_forget(governor);
}

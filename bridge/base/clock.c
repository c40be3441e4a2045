#include "bridge/base/clock.h"

#include <pthread.h>
#include <time.h>

#define NTP_UNIX_OFFSET_S UINT64_C(2208988800)

static int64_t wall_minus_mono_us;
static pthread_once_t snapshot_once = PTHREAD_ONCE_INIT;

static int64_t read_us(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return now.tv_sec * CLOCK_US_PER_S + now.tv_nsec / 1000;
}

static void take_snapshot(void)
{
    wall_minus_mono_us = read_us(CLOCK_REALTIME) - read_us(CLOCK_MONOTONIC);
}

int64_t clock_now_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

uint64_t clock_ntp(int64_t mono_us)
{
    pthread_once(&snapshot_once, take_snapshot);
    uint64_t wall_us = (uint64_t)(mono_us + wall_minus_mono_us);
    uint64_t seconds = wall_us / CLOCK_US_PER_S + NTP_UNIX_OFFSET_S;
    uint64_t fraction = ((wall_us % CLOCK_US_PER_S) << 32) / CLOCK_US_PER_S;
    return seconds << 32 | fraction;
}

uint32_t clock_ntp_compact(int64_t mono_us)
{
    return (uint32_t)(clock_ntp(mono_us) >> 16);
}

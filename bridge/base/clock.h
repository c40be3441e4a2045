/* Time. Everything is measured on the monotonic clock in microseconds; wall-clock time exists only
 * as the NTP time of RTCP sender reports, derived from one snapshot taken when the process starts,
 * so that a step of the wall clock never disturbs lip sync. Any thread. */
#pragma once

#include <stdint.h>

#define CLOCK_US_PER_S INT64_C(1000000)
#define CLOCK_US_PER_MS INT64_C(1000)

/* Monotonic time in microseconds. */
int64_t clock_now_us(void);

/* The 64-bit NTP timestamp (32.32, RFC 3550 section 4) of a monotonic time. */
uint64_t clock_ntp(int64_t mono_us);

/* The middle 32 bits of the NTP timestamp, as RTCP's LSR and DLSR use them (1/65536 s). */
uint32_t clock_ntp_compact(int64_t mono_us);

#include "bridge/relay/pacer.h"

#include <glib.h>
#include <math.h>

#include "bridge/base/clock.h"

#define PACER_AVERAGE_S 1.0
/* The average of a stream that just began is taken over at least this. */
#define PACER_AVERAGE_MIN_S 0.2
/* A burst may be as long as one frame's share of the paced rate. */
#define PACER_BURST_S 0.04
/* Before a rate is known, and for very low ones: about 1 Mbit/s, and eight packets at once. */
#define PACER_RATE_MIN_BYTES_PER_S 125000.0
#define PACER_BURST_MIN_BYTES 9600.0

static double seconds(int64_t us)
{
    return (double)us / (double)CLOCK_US_PER_S;
}

/* Bytes a second. */
static double measured_rate(const Pacer *pacer)
{
    double age_s = MAX(seconds(pacer->refilled_us - pacer->started_us), PACER_AVERAGE_MIN_S);
    return pacer->average_bytes / (PACER_AVERAGE_S * (1 - exp(-age_s / PACER_AVERAGE_S)));
}

double pacer_rate_bps(const Pacer *pacer)
{
    return measured_rate(pacer) * 8;
}

void pacer_refill(Pacer *pacer, size_t backlog_bytes, int64_t now_us)
{
    if (pacer->started_us == 0) {
        pacer->started_us = pacer->refilled_us = now_us;
        pacer->allowance_bytes = PACER_BURST_MIN_BYTES;
    }
    double elapsed_s = seconds(now_us - pacer->refilled_us);
    pacer->refilled_us = now_us;
    pacer->average_bytes *= exp(-elapsed_s / PACER_AVERAGE_S);
    double rate = MAX(measured_rate(pacer) * PACER_FACTOR, PACER_RATE_MIN_BYTES_PER_S);
    double burst = MAX(rate * PACER_BURST_S, PACER_BURST_MIN_BYTES);
    double drain = (double)backlog_bytes / seconds(PACER_DELAY_MAX_US);
    pacer->drain_rate = backlog_bytes == 0 ? 0 : MAX(pacer->drain_rate, drain);
    double refill = MAX(rate, pacer->drain_rate) * elapsed_s;
    pacer->allowance_bytes = MIN(pacer->allowance_bytes + refill, burst);
}

bool pacer_take(Pacer *pacer, size_t bytes)
{
    if (pacer->allowance_bytes <= 0) {
        return false;
    }
    pacer->allowance_bytes -= (double)bytes;
    pacer->average_bytes += (double)bytes;
    return true;
}

#include "bridge/rtc/reception.h"

#include <glib.h>
#include <math.h>

#include "bridge/base/clock.h"

#define JITTER_GAIN 16.0
#define PACKETS_LOST_MAX 0x7fffff
#define PACKETS_LOST_MIN (-0x800000)

static void measure_jitter(Reception *reception, uint32_t timestamp, uint32_t clock_hz,
                           int64_t now_us)
{
    if (reception->last_arrival_us != 0) {
        double sent = (double)(int32_t)(timestamp - reception->last_timestamp);
        double came =
            (double)(now_us - reception->last_arrival_us) * clock_hz / (double)CLOCK_US_PER_S;
        reception->jitter_ticks += (fabs(came - sent) - reception->jitter_ticks) / JITTER_GAIN;
    }
    reception->last_timestamp = timestamp;
    reception->last_arrival_us = now_us;
}

void reception_on_packet(Reception *reception, const RtpPacket *packet, uint32_t clock_hz,
                         int64_t now_us)
{
    bool is_first = !reception->unwrapper.started;
    uint64_t highest = reception->unwrapper.highest;
    uint64_t index = rtp_unwrap(&reception->unwrapper, packet->seq);
    reception->received++;
    if (is_first) {
        reception->first = index;
    }
    /* All packets of a picture share a timestamp: only the first of them says when it was sent. */
    if (is_first || (index > highest && packet->timestamp != reception->last_timestamp)) {
        measure_jitter(reception, packet->timestamp, clock_hz, now_us);
    }
}

void reception_on_sender_report(Reception *reception, uint64_t ntp, int64_t now_us)
{
    reception->sender_report = (uint32_t)(ntp >> 16);
    reception->sender_report_us = now_us;
}

static uint8_t take_fraction_lost(Reception *reception, uint64_t expected)
{
    int64_t expected_now = (int64_t)(expected - reception->expected_before);
    int64_t received_now = (int64_t)(reception->received - reception->received_before);
    reception->expected_before = expected;
    reception->received_before = reception->received;
    int64_t lost = expected_now - received_now;
    if (expected_now <= 0 || lost <= 0) {
        reception->loss_fraction = 0;
        return 0;
    }
    reception->loss_fraction = (double)lost / (double)expected_now;
    return (uint8_t)MIN(lost * 256 / expected_now, 255);
}

void reception_write_report(Reception *reception, uint32_t ssrc, int64_t now_us,
                            RtcpReportBlock *ret_block)
{
    uint64_t highest = reception->unwrapper.highest;
    uint64_t expected = reception->unwrapper.started ? highest - reception->first + 1 : 0;
    int64_t lost = (int64_t)(expected - reception->received);
    int64_t since_us = now_us - reception->sender_report_us;
    *ret_block = (RtcpReportBlock){
        .ssrc = ssrc,
        .fraction_lost = take_fraction_lost(reception, expected),
        .packets_lost = (int32_t)CLAMP(lost, PACKETS_LOST_MIN, PACKETS_LOST_MAX),
        .highest_seq = (uint32_t)highest,
        .jitter = (uint32_t)reception->jitter_ticks,
        .last_sr = reception->sender_report,
        .delay_since_last_sr =
            reception->sender_report == 0 ? 0 : (uint32_t)(since_us * 65536 / CLOCK_US_PER_S),
    };
}

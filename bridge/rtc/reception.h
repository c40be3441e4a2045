/* What a receiver report says about one incoming stream (RFC 3550 section 6.4.1, appendix A.3 and
 * A.8): loss, jitter, and the echo of the sender's last report. A plain value; zero-initialise. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bridge/rtc/rtcp.h"
#include "bridge/rtc/rtp.h"

typedef struct Reception {
    RtpUnwrapper unwrapper;
    uint64_t first;
    uint64_t received;
    uint64_t expected_before; /* at the last report */
    uint64_t received_before;
    double jitter_ticks;
    uint32_t last_timestamp;
    int64_t last_arrival_us;
    uint32_t sender_report; /* compact NTP, 0: none */
    int64_t sender_report_us;
    double loss_fraction; /* of the last report */
} Reception;

void reception_on_packet(Reception *reception, const RtpPacket *packet, uint32_t clock_hz,
                         int64_t now_us);
void reception_on_sender_report(Reception *reception, uint64_t ntp, int64_t now_us);
/* Also begins the next interval of the fraction lost. */
void reception_write_report(Reception *reception, uint32_t ssrc, int64_t now_us,
                            RtcpReportBlock *ret_block);

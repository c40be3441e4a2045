/* RTCP (RFC 3550 section 6, RFC 4585, RFC 5104, REMB). The reader walks a compound packet and
 * yields what we act on; everything else is passed over. The writers append one packet each; when
 * it does not fit they return false and write nothing. Plain values, borrowed bytes. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/bytes.h"

typedef enum RtcpKind {
    RTCP_SENDER_INFO,  /* of an SR */
    RTCP_REPORT_BLOCK, /* one of an SR or RR */
    RTCP_BYE,          /* one SSRC */
    RTCP_NACK,         /* one packet id and bit mask */
    RTCP_PLI,
    RTCP_FIR,
    RTCP_REMB,
} RtcpKind;

typedef struct RtcpSenderInfo {
    uint64_t ntp;
    uint32_t rtp_timestamp;
    uint32_t packets;
    uint32_t octets;
} RtcpSenderInfo;

typedef struct RtcpReportBlock {
    uint32_t ssrc; /* the stream that is reported on */
    uint8_t fraction_lost;
    int32_t packets_lost;
    uint32_t highest_seq;
    uint32_t jitter;
    uint32_t last_sr;             /* compact NTP, 0: none */
    uint32_t delay_since_last_sr; /* 1/65536 s */
} RtcpReportBlock;

typedef struct RtcpItem {
    RtcpKind kind;
    uint32_t sender_ssrc;
    uint32_t media_ssrc; /* NACK, PLI, FIR (the entry's), BYE */
    union {
        RtcpSenderInfo sender_info;
        RtcpReportBlock report;
        struct {
            uint16_t packet_id;
            uint16_t following_mask; /* bit i: packet_id + i + 1 */
        } nack;
        uint8_t fir_seq;
        uint64_t remb_bps;
    };
} RtcpItem;

typedef struct RtcpReader {
    ByteReader compound;
    ByteReader packet; /* what is left of the current one */
    uint8_t type;
    uint8_t count;
    uint32_t sender_ssrc;
    uint32_t media_ssrc;
    bool malformed;
} RtcpReader;

RtcpReader rtcp_reader(const uint8_t *bytes, size_t size);
/* The next item; false at the end, or at the first malformed byte (then reader->malformed). */
bool rtcp_next(RtcpReader *reader, RtcpItem *ret_item);

bool rtcp_write_sender_report(ByteWriter *writer, uint32_t ssrc, const RtcpSenderInfo *info,
                              const RtcpReportBlock *blocks, size_t count);
bool rtcp_write_receiver_report(ByteWriter *writer, uint32_t ssrc, const RtcpReportBlock *blocks,
                                size_t count);
bool rtcp_write_cname(ByteWriter *writer, uint32_t ssrc, const char *cname);
/* `seqs` in ascending order (serial arithmetic). */
bool rtcp_write_nack(ByteWriter *writer, uint32_t sender_ssrc, uint32_t media_ssrc,
                     const uint16_t *seqs, size_t count);
bool rtcp_write_pli(ByteWriter *writer, uint32_t sender_ssrc, uint32_t media_ssrc);
/* The largest value of 18 bits mantissa and 6 bits exponent that does not exceed bitrate_bps. */
bool rtcp_write_remb(ByteWriter *writer, uint32_t sender_ssrc, uint64_t bitrate_bps,
                     const uint32_t *ssrcs, size_t count);
bool rtcp_write_bye(ByteWriter *writer, uint32_t ssrc);

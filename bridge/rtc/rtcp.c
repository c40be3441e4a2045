#include "bridge/rtc/rtcp.h"

#include <string.h>

enum {
    RTCP_VERSION = 2,
    RTCP_TYPE_SR = 200,
    RTCP_TYPE_RR = 201,
    RTCP_TYPE_SDES = 202,
    RTCP_TYPE_BYE = 203,
    RTCP_TYPE_RTPFB = 205,
    RTCP_TYPE_PSFB = 206,
    RTPFB_NACK = 1,
    PSFB_PLI = 1,
    PSFB_FIR = 4,
    PSFB_APPLICATION = 15,
    SDES_CNAME = 1,
    HEADER_BYTES = 4,
    REPORT_BLOCK_BYTES = 24,
    SENDER_INFO_BYTES = 20,
    FIR_ENTRY_BYTES = 8,
    COUNT_MAX = 31,
    NACK_MASK_BITS = 16,
    REMB_MANTISSA_BITS = 18,
};

#define REMB_MARK UINT32_C(0x52454d42) /* "REMB" */

RtcpReader rtcp_reader(const uint8_t *bytes, size_t size)
{
    return (RtcpReader){.compound = byte_reader(bytes, size), .packet = byte_reader(bytes, 0)};
}

static void strip_padding(RtcpReader *reader)
{
    size_t left = byte_reader_left(&reader->packet);
    uint8_t padding = left == 0 ? 0 : reader->packet.end[-1];
    if (padding == 0 || padding > left) {
        reader->packet.failed = true;
        return;
    }
    reader->packet.end -= padding;
}

/* Opens the next packet of the compound: `packet` is its body, without padding. */
static void open_packet(RtcpReader *reader)
{
    uint8_t first = read_u8(&reader->compound);
    reader->type = read_u8(&reader->compound);
    uint16_t words = read_u16(&reader->compound);
    reader->packet = read_sub(&reader->compound, words * (size_t)4);
    reader->count = first & 0x1f;
    reader->sender_ssrc = 0;
    reader->media_ssrc = 0;
    if (first >> 6 != RTCP_VERSION) {
        reader->packet.failed = true;
    }
    if (!reader->packet.failed && (first & 0x20) != 0) {
        strip_padding(reader);
    }
}

static void pass_over(RtcpReader *reader)
{
    reader->packet.at = reader->packet.end;
}

static bool read_sender_info(RtcpReader *reader, RtcpItem *item)
{
    item->kind = RTCP_SENDER_INFO;
    item->sender_info.ntp = read_u64(&reader->packet);
    item->sender_info.rtp_timestamp = read_u32(&reader->packet);
    item->sender_info.packets = read_u32(&reader->packet);
    item->sender_info.octets = read_u32(&reader->packet);
    return true;
}

/* The 24-bit cumulative loss is signed (RFC 3550 section 6.4.1). */
static int32_t sign_extend_24(uint32_t value)
{
    return (value & 0x800000) != 0 ? (int32_t)value - 0x1000000 : (int32_t)value;
}

static bool read_report_block(RtcpReader *reader, RtcpItem *item)
{
    if (reader->count == 0) {
        pass_over(reader); /* profile-specific extensions */
        return false;
    }
    reader->count--;
    ByteReader *packet = &reader->packet;
    item->kind = RTCP_REPORT_BLOCK;
    item->report.ssrc = read_u32(packet);
    item->report.fraction_lost = read_u8(packet);
    item->report.packets_lost = sign_extend_24(read_u24(packet));
    item->report.highest_seq = read_u32(packet);
    item->report.jitter = read_u32(packet);
    item->report.last_sr = read_u32(packet);
    item->report.delay_since_last_sr = read_u32(packet);
    return true;
}

static bool read_bye(RtcpReader *reader, RtcpItem *item)
{
    if (reader->count == 0) {
        pass_over(reader); /* the reason, a text */
        return false;
    }
    reader->count--;
    item->kind = RTCP_BYE;
    item->media_ssrc = read_u32(&reader->packet);
    return true;
}

static bool read_nack(RtcpReader *reader, RtcpItem *item)
{
    item->kind = RTCP_NACK;
    item->nack.packet_id = read_u16(&reader->packet);
    item->nack.following_mask = read_u16(&reader->packet);
    return true;
}

static bool read_fir(RtcpReader *reader, RtcpItem *item)
{
    item->kind = RTCP_FIR;
    item->media_ssrc = read_u32(&reader->packet);
    item->fir_seq = read_u8(&reader->packet);
    read_u24(&reader->packet);
    return true;
}

static uint64_t remb_value(uint8_t exponent, uint32_t mantissa)
{
    uint64_t value = (uint64_t)mantissa << exponent;
    return value >> exponent == mantissa ? value : UINT64_MAX;
}

static bool read_remb(RtcpReader *reader, RtcpItem *item)
{
    if (read_u32(&reader->packet) != REMB_MARK) {
        pass_over(reader);
        return false;
    }
    uint8_t ssrc_count = read_u8(&reader->packet);
    uint32_t value = read_u24(&reader->packet);
    read_bytes(&reader->packet, ssrc_count * (size_t)4);
    item->kind = RTCP_REMB;
    item->remb_bps = remb_value((uint8_t)(value >> REMB_MANTISSA_BITS),
                                value & ((UINT32_C(1) << REMB_MANTISSA_BITS) - 1));
    pass_over(reader);
    return true;
}

static bool is_feedback(const RtcpReader *reader)
{
    return reader->type == RTCP_TYPE_RTPFB || reader->type == RTCP_TYPE_PSFB;
}

/* Reads what opens a packet; true when that already is an item. */
static bool read_opening(RtcpReader *reader, RtcpItem *item)
{
    bool report = reader->type == RTCP_TYPE_SR || reader->type == RTCP_TYPE_RR;
    if (report || is_feedback(reader)) {
        reader->sender_ssrc = read_u32(&reader->packet);
    }
    if (is_feedback(reader)) {
        reader->media_ssrc = read_u32(&reader->packet);
    }
    item->sender_ssrc = reader->sender_ssrc;
    item->media_ssrc = reader->media_ssrc;
    if (reader->type == RTCP_TYPE_SR) {
        return read_sender_info(reader, item);
    }
    if (reader->type == RTCP_TYPE_PSFB && reader->count == PSFB_PLI) {
        item->kind = RTCP_PLI;
        pass_over(reader);
        return true;
    }
    return false;
}

static bool read_psfb(RtcpReader *reader, RtcpItem *item)
{
    if (reader->count == PSFB_FIR) {
        return read_fir(reader, item);
    }
    if (reader->count == PSFB_APPLICATION) {
        return read_remb(reader, item);
    }
    pass_over(reader);
    return false;
}

/* One step within a packet; true when it yields an item. */
static bool read_next(RtcpReader *reader, RtcpItem *item)
{
    item->sender_ssrc = reader->sender_ssrc;
    item->media_ssrc = reader->media_ssrc;
    switch (reader->type) {
    case RTCP_TYPE_SR:
    case RTCP_TYPE_RR:
        return read_report_block(reader, item);
    case RTCP_TYPE_BYE:
        return read_bye(reader, item);
    case RTCP_TYPE_PSFB:
        return read_psfb(reader, item);
    case RTCP_TYPE_RTPFB:
        if (reader->count == RTPFB_NACK) {
            return read_nack(reader, item);
        }
        break;
    }
    pass_over(reader);
    return false;
}

/* An item was announced by a count but its bytes are not there. */
static bool owes_items(const RtcpReader *reader)
{
    bool counted = reader->type == RTCP_TYPE_SR || reader->type == RTCP_TYPE_RR ||
                   reader->type == RTCP_TYPE_BYE;
    return counted && reader->count > 0;
}

bool rtcp_next(RtcpReader *reader, RtcpItem *ret_item)
{
    while (!reader->malformed) {
        bool found;
        *ret_item = (RtcpItem){0};
        if (byte_reader_left(&reader->packet) > 0 || owes_items(reader)) {
            found = read_next(reader, ret_item);
        } else if (byte_reader_left(&reader->compound) > 0) {
            open_packet(reader);
            found = !reader->packet.failed && read_opening(reader, ret_item);
        } else {
            return false;
        }
        if (reader->packet.failed || reader->compound.failed) {
            reader->malformed = true;
        } else if (found) {
            return true;
        }
    }
    return false;
}

static bool has_room(const ByteWriter *writer, size_t body_bytes)
{
    return !writer->failed && (size_t)(writer->end - writer->at) >= HEADER_BYTES + body_bytes;
}

static void write_packet_header(ByteWriter *writer, uint8_t type, size_t count, size_t body_bytes)
{
    write_u8(writer, (uint8_t)(RTCP_VERSION << 6 | count));
    write_u8(writer, type);
    write_u16(writer, (uint16_t)(body_bytes / 4));
}

static void write_report_blocks(ByteWriter *writer, const RtcpReportBlock *blocks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        write_u32(writer, blocks[i].ssrc);
        write_u8(writer, blocks[i].fraction_lost);
        write_u24(writer, (uint32_t)blocks[i].packets_lost & 0xffffff);
        write_u32(writer, blocks[i].highest_seq);
        write_u32(writer, blocks[i].jitter);
        write_u32(writer, blocks[i].last_sr);
        write_u32(writer, blocks[i].delay_since_last_sr);
    }
}

bool rtcp_write_sender_report(ByteWriter *writer, uint32_t ssrc, const RtcpSenderInfo *info,
                              const RtcpReportBlock *blocks, size_t count)
{
    size_t body = 4 + SENDER_INFO_BYTES + count * REPORT_BLOCK_BYTES;
    if (count > COUNT_MAX || !has_room(writer, body)) {
        return false;
    }
    write_packet_header(writer, RTCP_TYPE_SR, count, body);
    write_u32(writer, ssrc);
    write_u64(writer, info->ntp);
    write_u32(writer, info->rtp_timestamp);
    write_u32(writer, info->packets);
    write_u32(writer, info->octets);
    write_report_blocks(writer, blocks, count);
    return true;
}

bool rtcp_write_receiver_report(ByteWriter *writer, uint32_t ssrc, const RtcpReportBlock *blocks,
                                size_t count)
{
    size_t body = 4 + count * REPORT_BLOCK_BYTES;
    if (count > COUNT_MAX || !has_room(writer, body)) {
        return false;
    }
    write_packet_header(writer, RTCP_TYPE_RR, count, body);
    write_u32(writer, ssrc);
    write_report_blocks(writer, blocks, count);
    return true;
}

bool rtcp_write_cname(ByteWriter *writer, uint32_t ssrc, const char *cname)
{
    size_t length = strlen(cname);
    if (length > UINT8_MAX) {
        return false;
    }
    /* The chunk ends with one to four zero bytes, at a multiple of 32 bits. */
    size_t content = 4 + 2 + length;
    size_t body = (content / 4 + 1) * 4;
    if (!has_room(writer, body)) {
        return false;
    }
    write_packet_header(writer, RTCP_TYPE_SDES, 1, body);
    write_u32(writer, ssrc);
    write_u8(writer, SDES_CNAME);
    write_u8(writer, (uint8_t)length);
    write_bytes(writer, cname, length);
    for (; content < body; content++) {
        write_u8(writer, 0);
    }
    return true;
}

/* How many of `seqs`, beginning with the first, one packet id with its mask covers. */
static size_t nack_run(const uint16_t *seqs, size_t count, uint16_t *ret_mask)
{
    size_t run = 1;
    *ret_mask = 0;
    for (; run < count; run++) {
        uint16_t distance = (uint16_t)(seqs[run] - seqs[0]);
        if (distance == 0 || distance > NACK_MASK_BITS) {
            break;
        }
        *ret_mask |= (uint16_t)(1U << (distance - 1));
    }
    return run;
}

static size_t nack_entries(const uint16_t *seqs, size_t count)
{
    size_t entries = 0;
    uint16_t mask;
    for (size_t i = 0; i < count; i += nack_run(seqs + i, count - i, &mask)) {
        entries++;
    }
    return entries;
}

bool rtcp_write_nack(ByteWriter *writer, uint32_t sender_ssrc, uint32_t media_ssrc,
                     const uint16_t *seqs, size_t count)
{
    size_t body = 8 + 4 * nack_entries(seqs, count);
    if (count == 0 || !has_room(writer, body)) {
        return false;
    }
    write_packet_header(writer, RTCP_TYPE_RTPFB, RTPFB_NACK, body);
    write_u32(writer, sender_ssrc);
    write_u32(writer, media_ssrc);
    for (size_t i = 0; i < count;) {
        uint16_t mask;
        size_t run = nack_run(seqs + i, count - i, &mask);
        write_u16(writer, seqs[i]);
        write_u16(writer, mask);
        i += run;
    }
    return true;
}

bool rtcp_write_pli(ByteWriter *writer, uint32_t sender_ssrc, uint32_t media_ssrc)
{
    if (!has_room(writer, 8)) {
        return false;
    }
    write_packet_header(writer, RTCP_TYPE_PSFB, PSFB_PLI, 8);
    write_u32(writer, sender_ssrc);
    write_u32(writer, media_ssrc);
    return true;
}

bool rtcp_write_remb(ByteWriter *writer, uint32_t sender_ssrc, uint64_t bitrate_bps,
                     const uint32_t *ssrcs, size_t count)
{
    size_t body = 16 + 4 * count;
    if (count > UINT8_MAX || !has_room(writer, body)) {
        return false;
    }
    uint32_t exponent = 0;
    while (bitrate_bps >> exponent >> REMB_MANTISSA_BITS != 0) {
        exponent++;
    }
    write_packet_header(writer, RTCP_TYPE_PSFB, PSFB_APPLICATION, body);
    write_u32(writer, sender_ssrc);
    write_u32(writer, 0); /* the draft demands a media source of 0 */
    write_u32(writer, REMB_MARK);
    write_u8(writer, (uint8_t)count);
    write_u24(writer, exponent << REMB_MANTISSA_BITS | (uint32_t)(bitrate_bps >> exponent));
    for (size_t i = 0; i < count; i++) {
        write_u32(writer, ssrcs[i]);
    }
    return true;
}

bool rtcp_write_bye(ByteWriter *writer, uint32_t ssrc)
{
    if (!has_room(writer, 4)) {
        return false;
    }
    write_packet_header(writer, RTCP_TYPE_BYE, 1, 4);
    write_u32(writer, ssrc);
    return true;
}

#include "bridge/relay/repair.h"

#include <glib.h>
#include <string.h>

#include "bridge/base/clock.h"

#define RTX_SEQ_BYTES 2
/* Packets that one frame may bring with it. */
#define PROBE_PACKETS_MAX 8

void repair_init(Repair *repair, const SdpMedia *media, bool may_keep_sent, Counters *counters)
{
    *repair = (Repair){.counters = counters};
    if (media->rtx_type < 0) {
        repair->sent = media->feedback_nack && may_keep_sent ? sent_ring_new() : NULL;
        return;
    }
    repair->rtx_ssrc = MAX(g_random_int(), 1);
    repair->rtx_seq = (uint16_t)g_random_int_range(1, 0x8000);
    repair->has_rtx = outhead_init_for(&repair->rtx_head, media, repair->rtx_ssrc, media->rtx_type);
}

void repair_clear(Repair *repair)
{
    sent_ring_free(repair->sent);
    repair->sent = NULL;
}

void repair_keep(Repair *repair, uint16_t seq, const uint8_t *bytes, size_t size)
{
    if (repair->sent != NULL) {
        sent_ring_put(repair->sent, seq, bytes, size);
    }
}

static size_t send_rtx(Repair *repair, const RepairStream *of, const OutSpan *span,
                       const HistoryPacket *packet, uint16_t seq, int64_t now_us)
{
    Outbox *outbox = transport_outbox(of->transport);
    uint8_t *bytes = outbox_reserve(outbox);
    uint8_t payload[RTX_SEQ_BYTES + LIMIT_RTP_BYTES] = {(uint8_t)(seq >> 8), (uint8_t)seq};
    memcpy(payload + RTX_SEQ_BYTES, packet->payload, packet->size);
    OutPacket out = {
        .marker = packet->marker, .payload = payload, .size = packet->size + RTX_SEQ_BYTES};
    repair->rtx_seq++;
    size_t size =
        outhead_write(&repair->rtx_head, &out, repair->rtx_seq,
                      packet->timestamp + span->timestamp_offset, bytes, LIMIT_DATAGRAM_BYTES);
    if (size == 0) {
        return 0;
    }
    outhead_stamp(&repair->rtx_head, now_us, bytes);
    if (!transport_protect_rtp(of->transport, bytes, &size)) {
        return 0;
    }
    outbox_add(outbox, size);
    return size;
}

static size_t send_same(const Repair *repair, const RepairStream *of, uint16_t seq)
{
    size_t size;
    const uint8_t *bytes = repair->sent == NULL ? NULL : sent_ring_find(repair->sent, seq, &size);
    if (bytes == NULL) {
        return 0;
    }
    memcpy(outbox_reserve(transport_outbox(of->transport)), bytes, size);
    outbox_add(transport_outbox(of->transport), size);
    return size;
}

/* NULL when it is no longer known what was sent with this number. */
static const HistoryPacket *find_packet(const RepairStream *of, uint16_t seq,
                                        const OutSpan **ret_span)
{
    uint64_t index;
    const OutSpan *span = outstream_find(of->stream, seq, &index);
    *ret_span = span;
    bool is_of_rung = span != NULL && of->rung != NULL && span->feed == rung_id(of->rung);
    return is_of_rung ? rung_find(of->rung, index) : NULL;
}

size_t repair_answer(Repair *repair, const RepairStream *of, uint16_t seq, int64_t now_us)
{
    const OutSpan *span;
    const HistoryPacket *packet = find_packet(of, seq, &span);
    repair->counters->nacks_received++;
    if (packet == NULL) {
        repair->counters->resend_unknown++;
        return 0;
    }
    if (!resend_take(&repair->resend, seq, packet->size, now_us, of->rtt_us,
                     rung_rate_bps(of->rung, now_us))) {
        repair->counters->resend_limited++;
        return 0;
    }
    size_t size = repair->has_rtx ? send_rtx(repair, of, span, packet, seq, now_us)
                                  : send_same(repair, of, seq);
    *(size > 0 ? &repair->counters->resent : &repair->counters->resend_unknown) += 1;
    return size;
}

size_t repair_probe(Repair *repair, const RepairStream *of, size_t frame_bytes, double share,
                    int64_t now_us)
{
    size_t sent = 0;
    if (!repair->has_rtx) {
        return 0;
    }
    repair->probe_debt_bytes += (double)frame_bytes * share;
    for (unsigned i = 0; i < PROBE_PACKETS_MAX && repair->probe_debt_bytes > 0; i++) {
        const OutSpan *span;
        uint16_t seq = (uint16_t)(of->stream->seq - i);
        const HistoryPacket *packet = find_packet(of, seq, &span);
        size_t size = packet == NULL ? 0 : send_rtx(repair, of, span, packet, seq, now_us);
        if (size == 0) {
            break;
        }
        repair->counters->probes_sent++;
        repair->probe_debt_bytes -= (double)size;
        sent += size;
    }
    repair->probe_debt_bytes = MIN(repair->probe_debt_bytes, (double)LIMIT_RTP_BYTES);
    return sent;
}

#include "bridge/relay/fanout.h"

static void report_when_due(Peer *peer, int64_t now_us)
{
    if (downlink_take_report_due(peer_downlink(peer))) {
        outbox_flush(transport_outbox(peer_transport(peer)));
        peer_send_report(peer, now_us);
    }
}

static void offer_sound(Peer *peer, const SoundPacket *packet, int64_t now_us)
{
    if (peer_is_sending(peer)) {
        downlink_send_sound(peer_downlink(peer), peer_transport(peer), packet, now_us);
        report_when_due(peer, now_us);
    }
}

static void flush(const GPtrArray *peers)
{
    if (peers->len > 0) {
        outbox_flush(transport_outbox(peer_transport(peers->pdata[0])));
    }
}

void fanout_sound(const GPtrArray *peers, const SoundPacket *packet, int64_t now_us)
{
    for (guint i = 0; i < peers->len; i++) {
        offer_sound(peers->pdata[i], packet, now_us);
    }
    flush(peers);
}

void fanout_own_sound(Peer *peer, const SoundPacket *packet, int64_t now_us)
{
    offer_sound(peer, packet, now_us);
    outbox_flush(transport_outbox(peer_transport(peer)));
}

static void offer_pictures(Peer *peer, Rung *rung, int64_t now_us)
{
    if (peer_is_sending(peer)) {
        downlink_send_pictures(peer_downlink(peer), peer_transport(peer), rung, now_us);
        report_when_due(peer, now_us);
    }
}

bool fanout_pictures(FanoutJob *job, const GPtrArray *audience, Rung *rung, int64_t now_us)
{
    if (job->next == 0) {
        if (job->limit == rung_limit(rung)) {
            return false;
        }
        job->limit = rung_limit(rung);
    }
    guint end = MIN(job->next + FANOUT_SLICE, audience->len);
    for (guint i = job->next; i < end; i++) {
        offer_pictures(audience->pdata[i], rung, now_us);
    }
    flush(audience);
    job->next = end < audience->len ? end : 0;
    return job->next != 0 || job->limit != rung_limit(rung);
}

#include "bridge/relay/intake.h"

#include "bridge/relay/demux.h"
#include "bridge/rtc/stun.h"

static const char *find_password(const char *local_ufrag, void *data)
{
    Peer *peer = peers_find_ufrag(data, local_ufrag);
    return peer == NULL ? NULL : transport_password(peer_transport(peer));
}

/* The peer a check is addressed to, if it may be examined at all. */
static Peer *find_addressee(const Intake *intake, const IntakeDatagram *datagram)
{
    char ufrag[STUN_UFRAG_CHARS + 1];
    Peer *peer = stun_peek_ufrag(datagram->bytes, datagram->size, ufrag)
                     ? peers_find_ufrag(intake->peers, ufrag)
                     : NULL;
    if (peer == NULL) {
        intake->counters->stun_bad++;
        return NULL;
    }
    bool is_verified = peers_find_address(intake->peers, &datagram->from->remote) == peer;
    if (!is_verified && !transport_may_examine(peer_transport(peer), datagram->now_us)) {
        intake->counters->stun_limited++;
        return NULL;
    }
    return peer;
}

static void on_check(const Intake *intake, Peer *peer, const IntakeDatagram *datagram,
                     const StunCheck *check)
{
    intake->counters->stun_checks++;
    peers_learn_address(intake->peers, peer, &datagram->from->remote);
    transport_on_check(peer_transport(peer), datagram->from, check->use_candidate,
                       datagram->now_us);
    intake->reply(datagram->from, check->reply, check->reply_size, intake->data);
}

static void on_stun(const Intake *intake, const IntakeDatagram *datagram)
{
    Peer *peer = find_addressee(intake, datagram);
    if (peer == NULL) {
        return;
    }
    struct sockaddr_storage from;
    address_write_native(&datagram->from->remote, &from);
    StunCheck check;
    switch (stun_answer(datagram->bytes, datagram->size, (struct sockaddr *)&from, find_password,
                        intake->peers, &check)) {
    case STUN_VERDICT_CHECK:
        on_check(intake, peer, datagram, &check);
        break;
    case STUN_VERDICT_REPLY:
        intake->counters->stun_refused++;
        intake->reply(datagram->from, check.reply, check.reply_size, intake->data);
        break;
    case STUN_VERDICT_IGNORE:
        intake->counters->stun_ignored++;
        break;
    case STUN_VERDICT_BAD:
        intake->counters->stun_bad++;
        break;
    }
}

static void on_secured(const Intake *intake, DemuxKind kind, const IntakeDatagram *datagram)
{
    Peer *peer = peers_find_address(intake->peers, &datagram->from->remote);
    if (peer == NULL) {
        intake->counters->datagrams_unverified++;
        return;
    }
    if (kind == DEMUX_DTLS) {
        peer_on_dtls(peer, datagram->bytes, datagram->size, datagram->now_us);
    } else if (kind == DEMUX_RTP) {
        peer_on_rtp(peer, datagram->bytes, datagram->size, datagram->from, datagram->now_us);
        intake->on_rtp(peer, datagram->now_us, intake->data);
    } else {
        peer_on_rtcp(peer, datagram->bytes, datagram->size, datagram->from, datagram->now_us);
        intake->on_rtcp(peer, datagram->now_us, intake->data);
    }
}

void intake_take(const Intake *intake, const IntakeDatagram *datagram)
{
    DemuxKind kind = demux_kind(datagram->bytes, datagram->size);
    switch (kind) {
    case DEMUX_STUN:
        on_stun(intake, datagram);
        break;
    case DEMUX_DTLS:
    case DEMUX_RTP:
    case DEMUX_RTCP:
        on_secured(intake, kind, datagram);
        break;
    case DEMUX_UNKNOWN:
        intake->counters->datagrams_unknown++;
        break;
    }
}

/* What happened how often since the process started: one number per verdict, told to the server
 * once a second. Owned by the relay; everybody on its loop counts. */
#pragma once

#include <stdint.h>

#define COUNTERS(X)                                                                                \
    X(datagrams_in)                                                                                \
    X(datagrams_out)                                                                               \
    X(bytes_in)                                                                                    \
    X(bytes_out)                                                                                   \
    X(datagrams_overflowed) /* dropped by the system: the socket was full */                       \
    X(datagrams_too_long)                                                                          \
    X(datagrams_unknown)    /* none of STUN, DTLS, RTP, RTCP */                                    \
    X(datagrams_unverified) /* DTLS or SRTP from an address that did not pass ICE */               \
    X(stun_checks)                                                                                 \
    X(stun_refused)    /* answered with an error */                                                \
    X(stun_ignored)    /* indications, responses */                                                \
    X(stun_bad)        /* malformed, or addressed to nobody */                                     \
    X(stun_limited)    /* over LIMIT_STUN_UNVERIFIED_PER_S */                                      \
    X(packets_limited) /* over LIMIT_PEER_..._PER_S */                                             \
    X(srtp_early)      /* before there were keys */                                                \
    X(srtp_replayed)                                                                               \
    X(srtp_forged)                                                                                 \
    X(srtp_malformed)                                                                              \
    X(srtp_too_many_streams)                                                                       \
    X(srtp_failed) /* the library refused */                                                       \
    X(rtp_malformed)                                                                               \
    X(rtp_unknown) /* no stream that was negotiated, or a second one beside it */                  \
    X(rtcp_malformed)                                                                              \
    X(audio_muted)    /* dropped: the source is muted */                                           \
    X(audio_unranked) /* dropped: not among the loudest */                                         \
    X(audio_to_mixer)                                                                              \
    X(video_unwanted) /* dropped: the source is in no cell */                                      \
    X(video_to_mixer)                                                                              \
    X(video_duplicate)                                                                             \
    X(video_late)                                                                                  \
    X(video_lost) /* given up after asking */                                                      \
    X(nacks_sent) /* sequence numbers */                                                           \
    X(plis_sent)                                                                                   \
    X(nacks_received) /* sequence numbers */                                                       \
    X(plis_received)                                                                               \
    X(plis_limited)                                                                                \
    X(resent)                                                                                      \
    X(resend_unknown) /* asked for what is no longer kept */                                       \
    X(resend_limited)                                                                              \
    X(probes_sent) /* repeated to learn what a link carries */                                     \
    X(rung_changes)                                                                                \
    X(video_clipped) /* dropped: its sender sends far more than was asked for */                   \
    X(mixer_in)                                                                                    \
    X(mixer_bad)                                                                                   \
    X(mixer_out_dropped)                                                                           \
    X(keyframes_asked) /* of the mixer */                                                          \
    X(packets_paced)                                                                               \
    X(send_full)                                                                                   \
    X(send_failed)                                                                                 \
    X(gso_refused)

typedef struct Counters {
#define COUNTER_FIELD(name) uint64_t name;
    COUNTERS(COUNTER_FIELD)
#undef COUNTER_FIELD
} Counters;

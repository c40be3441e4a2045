/* Session descriptions (RFC 8866, RFC 8829 shape: one BUNDLE, rtcp-mux). Only what we negotiate is
 * kept: from a fixed list of codecs, feedback kinds and header extensions; a remote description
 * never names anything else to the rest of the program. SDES keys (a=crypto) are refused. Plain
 * values. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/limits.h"
#include "bridge/base/problem.h"
#include "bridge/base/videocodec.h"

typedef enum SdpKind { SDP_AUDIO, SDP_VIDEO, SDP_OTHER } SdpKind;

typedef enum SdpSetup { SDP_SETUP_ACTPASS, SDP_SETUP_ACTIVE, SDP_SETUP_PASSIVE } SdpSetup;

typedef struct SdpMedia {
    SdpKind kind;
    char media[16];    /* the m= line's media, for the answer of a refused section */
    char protocol[32]; /* "UDP/TLS/RTP/SAVPF" */
    char mid[32];
    bool rejected; /* port 0, or left out of BUNDLE */
    bool sends;    /* the describing side sends (sendrecv, sendonly) */
    bool receives;
    int codec_type;               /* payload type of Opus or of `codec`; -1: not offered */
    VideoCodec codec;             /* of video: VP8, or, when that is not offered, H.264 */
    int rtx_type;                 /* payload type of RTX for codec_type; -1: none */
    int h264_type;                /* 42e01f-compatible, packetization-mode 1; -1: none */
    int ext_mid;                  /* header extension ids 1 to 14; 0: not offered */
    int ext_audio_level;          /* the describing side sends it */
    int ext_audio_level_received; /* the describing side takes it: an answer says so */
    int ext_abs_send_time;
    int ext_transport_cc;
    int ext_playout_delay;
    bool reduced_size_rtcp;
    bool feedback_nack;
    bool feedback_pli;
    bool feedback_fir;
    bool feedback_remb;
    bool feedback_transport_cc;
    uint32_t ssrc;     /* first a=ssrc, 0: none */
    uint32_t rtx_ssrc; /* second of the FID group, 0: none */
} SdpMedia;

typedef struct SdpCandidate {
    char address[46]; /* numeric IPv4 or IPv6 */
    uint16_t port;
    uint32_t priority;
} SdpCandidate;

typedef struct SdpSession {
    char ice_ufrag[257];
    char ice_password[257];
    bool ice_lite;
    char fingerprint_hash[16];
    char fingerprint[192];
    SdpSetup setup;
    bool bundle;            /* a BUNDLE group was named; without one there is one section at most */
    size_t candidate_count; /* UDP, component 1, numeric host; others are passed over */
    SdpCandidate candidates[20];
    size_t media_count;
    SdpMedia media[LIMIT_SDP_MEDIA];
} SdpSession;

/* What our side puts into an offer or answer. */
typedef struct SdpLocal {
    const char *ice_ufrag;
    const char *ice_password;
    bool ice_lite;
    const char *fingerprint; /* SHA-256 */
    SdpSetup setup;
    const SdpCandidate *candidates;
    size_t candidate_count;
    const char *cname; /* also the msid: one sync group for audio and video */
    uint32_t audio_ssrc, video_ssrc, video_rtx_ssrc;
    bool sends_audio, sends_video, receives_audio, receives_video;
} SdpLocal;

/* False with code "bad_sdp" and a message that begins "line N: " when it is malformed, over a
 * limit, without BUNDLE-able ICE and DTLS attributes, or offers neither Opus audio nor video of a
 * codec of ours. */
bool sdp_parse(const char *text, size_t size, SdpSession *ret_session, Problem *problem);

/* The section of this kind that is negotiated: the first one that is not rejected and has a codec
 * of ours; NULL when there is none. */
const SdpMedia *sdp_find_media(const SdpSession *session, SdpKind kind);

/* The answer to `offer`: first audio and first video section taken up, later ones refused; codecs
 * Opus and VP8, or else H.264, (with RTX) under the offer's payload types; feedback nack, nack pli,
 * ccm fir, goog-remb, for video; extensions mid, audio level, abs-send-time, playout-delay — never
 * ccfb, transport-cc, red, fec. Direction is what both sides can. DTLS setup is passive, or active
 * when the offer insists on passive (local->setup is for offers). Returns a string to g_free. */
char *sdp_write_answer(const SdpSession *offer, const SdpLocal *local);
/* An offer of one audio and one video section with our usual payload types (Opus 111, VP8 96, RTX
 * 97) and extension ids, mids "0" and "1". To g_free. */
char *sdp_write_offer(const SdpLocal *local);

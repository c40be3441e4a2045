/* The inside of the SDP parser: what is known while the lines go by, and one handler for each
 * attribute we read. sdp_parse.c walks the lines; the handlers are in sdp_transport.c (BUNDLE, ICE,
 * DTLS) and sdp_codec.c (payload types, feedback, extensions, SSRCs). Nobody else includes this. */
#pragma once

#include <glib.h>

#include "bridge/rtc/sdp.h"
#include "bridge/rtc/sdp_span.h"

enum { SDP_PAYLOAD_TYPES = 128 };

/* Directions, as bits. */
enum { SDP_SENDS = 1, SDP_RECEIVES = 2 };

typedef enum Codec { CODEC_OTHER, CODEC_OPUS, CODEC_VP8, CODEC_H264, CODEC_RTX } Codec;

enum {
    FEEDBACK_NACK = 1,
    FEEDBACK_PLI = 2,
    FEEDBACK_FIR = 4,
    FEEDBACK_REMB = 8,
    FEEDBACK_TRANSPORT_CC = 16,
};

typedef struct Payload {
    Codec codec;
    int apt; /* what this RTX repairs; -1: nothing */
    bool h264_fits;
    unsigned feedback;
} Payload;

typedef struct SdpParser {
    unsigned line;
    SdpSession *session;
    SdpMedia defaults; /* what the session level says, before the first section */
    SdpMedia *media;   /* the current section, or the defaults */
    Span bundle;       /* the mids of the BUNDLE group */
    bool has_setup;
    /* Of the current section. */
    unsigned media_line;
    bool bundle_only;
    bool rtcp_mux;
    size_t format_count;
    uint8_t formats[SDP_PAYLOAD_TYPES]; /* in the order of preference */
    Payload payloads[SDP_PAYLOAD_TYPES];
    unsigned feedback_of_all;
    Problem *problem;
} SdpParser;

/* Refuses the description, because of the current line; returns false. */
bool sdp_fail(SdpParser *parser, const char *format, ...) G_GNUC_PRINTF(2, 3);

bool sdp_is_token_char(char c);

/* Handlers. The value is what follows the colon; `argument` comes from the table's row. */
bool sdp_on_bundle_only(SdpParser *parser, Span value, int argument);
bool sdp_on_candidate(SdpParser *parser, Span value, int argument);
bool sdp_on_direction(SdpParser *parser, Span value, int argument);
bool sdp_on_extmap(SdpParser *parser, Span value, int argument);
bool sdp_on_fingerprint(SdpParser *parser, Span value, int argument);
bool sdp_on_fmtp(SdpParser *parser, Span value, int argument);
bool sdp_on_group(SdpParser *parser, Span value, int argument);
bool sdp_on_ice_lite(SdpParser *parser, Span value, int argument);
bool sdp_on_ice_password(SdpParser *parser, Span value, int argument);
bool sdp_on_ice_ufrag(SdpParser *parser, Span value, int argument);
bool sdp_on_mid(SdpParser *parser, Span value, int argument);
bool sdp_on_rtcp_fb(SdpParser *parser, Span value, int argument);
bool sdp_on_rtcp_mux(SdpParser *parser, Span value, int argument);
bool sdp_on_rtcp_rsize(SdpParser *parser, Span value, int argument);
bool sdp_on_rtpmap(SdpParser *parser, Span value, int argument);
bool sdp_on_setup(SdpParser *parser, Span value, int argument);
bool sdp_on_ssrc(SdpParser *parser, Span value, int argument);
bool sdp_on_ssrc_group(SdpParser *parser, Span value, int argument);

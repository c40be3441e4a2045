#include <stddef.h>
#include <string.h>

#include "bridge/rtc/rtp.h"
#include "bridge/rtc/sdp_parser.h"

enum {
    EXTENSION_ID_MAX = 14,
    H264_LEVEL_3_1 = 0x1f,
};

static Codec find_codec(Span encoding)
{
    static const struct {
        const char *name;
        const char *clock;
        const char *channels;
        Codec codec;
    } codecs[] = {
        {"opus", "48000", "2", CODEC_OPUS},
        {"VP8", "90000", "", CODEC_VP8},
        {"H264", "90000", "", CODEC_H264},
        {"rtx", "90000", "", CODEC_RTX},
    };
    Span name = span_take_until(&encoding, '/');
    Span clock = span_take_until(&encoding, '/');
    for (size_t i = 0; i < G_N_ELEMENTS(codecs); i++) {
        if (span_is_any_case(name, codecs[i].name) && span_is(clock, codecs[i].clock) &&
            span_is(encoding, codecs[i].channels)) {
            return codecs[i].codec;
        }
    }
    return CODEC_OTHER;
}

/* The payload that an attribute speaks of, or NULL. */
static Payload *find_payload(SdpParser *parser, Span number)
{
    uint32_t type;
    return span_read_number(number, SDP_PAYLOAD_TYPES - 1, &type) ? &parser->payloads[type] : NULL;
}

bool sdp_on_rtpmap(SdpParser *parser, Span value, int argument)
{
    if (parser->media->kind == SDP_OTHER) {
        return true;
    }
    Payload *payload = find_payload(parser, span_take_word(&value));
    Span encoding = span_take_word(&value);
    if (payload == NULL || span_size(encoding) == 0) {
        return sdp_fail(parser, "a=rtpmap is not a payload type and an encoding");
    }
    payload->codec = find_codec(encoding);
    return true;
}

/* Constrained Baseline (RFC 6184 section 8.1), at the level of 720p30 or free to exceed its own. */
static bool h264_profile_fits(Span profile, bool level_asymmetry)
{
    if (span_size(profile) != 6) {
        return false;
    }
    uint32_t value = 0;
    for (size_t i = 0; i < 6; i++) {
        int digit = g_ascii_xdigit_value(profile.at[i]);
        if (digit < 0) {
            return false;
        }
        value = value << 4 | (uint32_t)digit;
    }
    bool baseline = value >> 16 == 0x42;
    bool constrained = (value & 0x4000) != 0;
    return baseline && constrained && ((value & 0xff) >= H264_LEVEL_3_1 || level_asymmetry);
}

/* What we read of the parameters of one payload type. */
typedef struct Format {
    int apt;
    bool mode_1;
    bool level_asymmetry;
    Span profile;
} Format;

static void read_parameter(Span text, Format *format)
{
    while (span_size(text) > 0 && *text.at == ' ') {
        text.at++;
    }
    Span name = span_take_until(&text, '=');
    uint32_t number = 0;
    bool is_number = span_read_number(text, UINT16_MAX, &number);
    if (span_is_any_case(name, "apt") && is_number && number < SDP_PAYLOAD_TYPES) {
        format->apt = (int)number;
    } else if (span_is_any_case(name, "packetization-mode")) {
        format->mode_1 = is_number && number == 1;
    } else if (span_is_any_case(name, "level-asymmetry-allowed")) {
        format->level_asymmetry = is_number && number == 1;
    } else if (span_is_any_case(name, "profile-level-id")) {
        format->profile = text;
    }
}

bool sdp_on_fmtp(SdpParser *parser, Span value, int argument)
{
    if (parser->media->kind == SDP_OTHER) {
        return true;
    }
    Payload *payload = find_payload(parser, span_take_word(&value));
    if (payload == NULL) {
        return sdp_fail(parser, "a=fmtp has no payload type");
    }
    Format format = {.apt = -1};
    while (span_size(value) > 0) {
        read_parameter(span_take_until(&value, ';'), &format);
    }
    payload->apt = format.apt;
    payload->h264_fits = format.mode_1 && h264_profile_fits(format.profile, format.level_asymmetry);
    return true;
}

static unsigned find_feedback(Span kind)
{
    static const struct {
        const char *text;
        unsigned feedback;
    } kinds[] = {
        {"nack", FEEDBACK_NACK},
        {"nack pli", FEEDBACK_PLI},
        {"ccm fir", FEEDBACK_FIR},
        {"goog-remb", FEEDBACK_REMB},
        {"transport-cc", FEEDBACK_TRANSPORT_CC},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (span_is(kind, kinds[i].text)) {
            return kinds[i].feedback;
        }
    }
    return 0;
}

bool sdp_on_rtcp_fb(SdpParser *parser, Span value, int argument)
{
    if (parser->media->kind == SDP_OTHER) {
        return true;
    }
    Span number = span_take_word(&value);
    unsigned feedback = find_feedback(value);
    if (span_is(number, "*")) {
        parser->feedback_of_all |= feedback;
        return true;
    }
    Payload *payload = find_payload(parser, number);
    if (payload == NULL) {
        return sdp_fail(parser, "a=rtcp-fb has no payload type");
    }
    payload->feedback |= feedback;
    return true;
}

/* Our use of an extension must be among the directions that were offered. */
typedef struct ExtensionUse {
    const char *uri;
    size_t field;   /* offset of the id in SdpMedia */
    unsigned needs; /* of the describing side */
} ExtensionUse;

static bool note_extension(SdpMedia *media, Span uri, unsigned offered, int id)
{
    static const ExtensionUse uses[] = {
        {RTP_EXT_URI_MID, offsetof(SdpMedia, ext_mid), SDP_SENDS | SDP_RECEIVES},
        {RTP_EXT_URI_AUDIO_LEVEL, offsetof(SdpMedia, ext_audio_level), SDP_SENDS},
        {RTP_EXT_URI_AUDIO_LEVEL, offsetof(SdpMedia, ext_audio_level_received), SDP_RECEIVES},
        {RTP_EXT_URI_ABS_SEND_TIME, offsetof(SdpMedia, ext_abs_send_time),
         SDP_SENDS | SDP_RECEIVES},
        {RTP_EXT_URI_TRANSPORT_CC, offsetof(SdpMedia, ext_transport_cc), SDP_SENDS | SDP_RECEIVES},
        {RTP_EXT_URI_PLAYOUT_DELAY, offsetof(SdpMedia, ext_playout_delay), SDP_RECEIVES},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(uses); i++) {
        if (span_is(uri, uses[i].uri) && (offered & uses[i].needs) == uses[i].needs) {
            *(int *)((char *)media + uses[i].field) = id;
        }
    }
    return true;
}

/* RFC 8285 section 5. Ids over 14 would need two-byte extensions: passed over. */
bool sdp_on_extmap(SdpParser *parser, Span value, int argument)
{
    Span direction = span_take_word(&value);
    Span uri = span_take_word(&value);
    uint32_t id;
    if (!span_read_number(span_take_until(&direction, '/'), UINT16_MAX, &id) ||
        span_size(uri) == 0) {
        return sdp_fail(parser, "a=extmap is not an id and a URI");
    }
    unsigned offered = SDP_SENDS | SDP_RECEIVES;
    if (span_is(direction, "sendonly")) {
        offered = SDP_SENDS;
    } else if (span_is(direction, "recvonly")) {
        offered = SDP_RECEIVES;
    } else if (span_is(direction, "inactive")) {
        offered = 0;
    }
    if (id == 0 || id > EXTENSION_ID_MAX) {
        return true;
    }
    return note_extension(parser->media, uri, offered, (int)id);
}

bool sdp_on_ssrc(SdpParser *parser, Span value, int argument)
{
    uint32_t ssrc;
    if (!span_read_number(span_take_word(&value), UINT32_MAX, &ssrc)) {
        return sdp_fail(parser, "a=ssrc has no number");
    }
    if (parser->media->ssrc == 0) {
        parser->media->ssrc = ssrc;
    }
    return true;
}

bool sdp_on_ssrc_group(SdpParser *parser, Span value, int argument)
{
    uint32_t first, second;
    if (!span_is(span_take_word(&value), "FID") || parser->media->rtx_ssrc != 0) {
        return true;
    }
    if (!span_read_number(span_take_word(&value), UINT32_MAX, &first) ||
        !span_read_number(span_take_word(&value), UINT32_MAX, &second)) {
        return sdp_fail(parser, "a=ssrc-group:FID is not two numbers");
    }
    parser->media->ssrc = first;
    parser->media->rtx_ssrc = second;
    return true;
}

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bridge/rtc/sdp_parser.h"

bool sdp_fail(SdpParser *parser, const char *format, ...)
{
    char text[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return problem_set(parser->problem, "bad_sdp", "sdp", "line %u: %s", parser->line, text);
}

bool sdp_is_token_char(char c)
{
    return g_ascii_isalnum(c) || (c != '\0' && strchr("!#$%&'*+-.^_`{|}~", c) != NULL);
}

static bool is_protocol_char(char c)
{
    return sdp_is_token_char(c) || c == '/';
}

static bool on_crypto(SdpParser *parser, Span value, int argument)
{
    return sdp_fail(parser, "SDES keys (a=crypto) are refused");
}

/* Where an attribute means something; elsewhere it is passed over. */
typedef enum SdpLevel { ANY_LEVEL, SESSION_LEVEL, MEDIA_LEVEL } SdpLevel;

typedef struct SdpAttribute {
    const char *name;
    SdpLevel level;
    bool (*handle)(SdpParser *parser, Span value, int argument);
    int argument;
} SdpAttribute;

static const SdpAttribute attributes[] = {
    {"bundle-only", MEDIA_LEVEL, sdp_on_bundle_only, 0},
    {"candidate", ANY_LEVEL, sdp_on_candidate, 0},
    {"crypto", ANY_LEVEL, on_crypto, 0},
    {"extmap", ANY_LEVEL, sdp_on_extmap, 0},
    {"fingerprint", ANY_LEVEL, sdp_on_fingerprint, 0},
    {"fmtp", MEDIA_LEVEL, sdp_on_fmtp, 0},
    {"group", SESSION_LEVEL, sdp_on_group, 0},
    {"ice-lite", ANY_LEVEL, sdp_on_ice_lite, 0},
    {"ice-pwd", ANY_LEVEL, sdp_on_ice_password, 0},
    {"ice-ufrag", ANY_LEVEL, sdp_on_ice_ufrag, 0},
    {"inactive", ANY_LEVEL, sdp_on_direction, 0},
    {"mid", MEDIA_LEVEL, sdp_on_mid, 0},
    {"recvonly", ANY_LEVEL, sdp_on_direction, SDP_RECEIVES},
    {"rtcp-fb", MEDIA_LEVEL, sdp_on_rtcp_fb, 0},
    {"rtcp-mux", MEDIA_LEVEL, sdp_on_rtcp_mux, 0},
    {"rtcp-rsize", MEDIA_LEVEL, sdp_on_rtcp_rsize, 0},
    {"rtpmap", MEDIA_LEVEL, sdp_on_rtpmap, 0},
    {"sendonly", ANY_LEVEL, sdp_on_direction, SDP_SENDS},
    {"sendrecv", ANY_LEVEL, sdp_on_direction, SDP_SENDS | SDP_RECEIVES},
    {"setup", ANY_LEVEL, sdp_on_setup, 0},
    {"ssrc", MEDIA_LEVEL, sdp_on_ssrc, 0},
    {"ssrc-group", MEDIA_LEVEL, sdp_on_ssrc_group, 0},
};

static bool read_attribute(SdpParser *parser, Span value)
{
    Span name = span_take_until(&value, ':');
    SdpLevel elsewhere = parser->media == &parser->defaults ? MEDIA_LEVEL : SESSION_LEVEL;
    for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++) {
        const SdpAttribute *attribute = &attributes[i];
        if (span_is(name, attribute->name)) {
            return attribute->level == elsewhere ||
                   attribute->handle(parser, value, attribute->argument);
        }
    }
    return true;
}

static int find_rtx(const SdpParser *parser, int codec_type)
{
    for (size_t i = 0; codec_type >= 0 && i < parser->format_count; i++) {
        const Payload *payload = &parser->payloads[parser->formats[i]];
        if (payload->codec == CODEC_RTX && payload->apt == codec_type) {
            return parser->formats[i];
        }
    }
    return -1;
}

/* The first format, in the describer's order, of this codec. */
static int find_format(const SdpParser *parser, Codec codec)
{
    for (size_t i = 0; i < parser->format_count; i++) {
        const Payload *payload = &parser->payloads[parser->formats[i]];
        if (payload->codec == codec && (codec != CODEC_H264 || payload->h264_fits)) {
            return parser->formats[i];
        }
    }
    return -1;
}

static void settle_codecs(SdpParser *parser)
{
    SdpMedia *media = parser->media;
    if (media->kind == SDP_OTHER) {
        return;
    }
    bool video = media->kind == SDP_VIDEO;
    media->codec_type = find_format(parser, video ? CODEC_VP8 : CODEC_OPUS);
    media->h264_type = video ? find_format(parser, CODEC_H264) : -1;
    if (video && media->codec_type < 0) {
        media->codec = VIDEO_H264;
        media->codec_type = media->h264_type;
    }
    media->rtx_type = video ? find_rtx(parser, media->codec_type) : -1;
    unsigned feedback = parser->feedback_of_all;
    if (media->codec_type >= 0) {
        feedback |= parser->payloads[media->codec_type].feedback;
    }
    media->feedback_nack = (feedback & FEEDBACK_NACK) != 0;
    media->feedback_pli = (feedback & FEEDBACK_PLI) != 0;
    media->feedback_fir = (feedback & FEEDBACK_FIR) != 0;
    media->feedback_remb = (feedback & FEEDBACK_REMB) != 0;
    media->feedback_transport_cc = (feedback & FEEDBACK_TRANSPORT_CC) != 0;
}

static bool is_bundled(const SdpParser *parser, const SdpMedia *media)
{
    Span mids = parser->bundle;
    while (span_size(mids) > 0) {
        if (span_is(span_take_word(&mids), media->mid)) {
            return media->mid[0] != '\0';
        }
    }
    return false;
}

/* Ends the section before the next m= line or the end of the text. */
static bool end_media(SdpParser *parser)
{
    SdpMedia *media = parser->media;
    if (media == &parser->defaults) {
        return true;
    }
    settle_codecs(parser);
    if (parser->bundle_only) {
        media->rejected =
            false; /* RFC 9143 section 6: its port is 0 because it has none of its own */
    }
    if (parser->session->bundle && !is_bundled(parser, media)) {
        media->rejected = true;
    }
    if (!media->rejected && media->codec_type >= 0 && !parser->rtcp_mux) {
        parser->line = parser->media_line;
        return sdp_fail(parser, "the section has no a=rtcp-mux");
    }
    return true;
}

static SdpKind find_kind(const SdpMedia *media)
{
    if (strcmp(media->protocol, "UDP/TLS/RTP/SAVPF") != 0) {
        return SDP_OTHER;
    }
    if (strcmp(media->media, "audio") == 0) {
        return SDP_AUDIO;
    }
    return strcmp(media->media, "video") == 0 ? SDP_VIDEO : SDP_OTHER;
}

static bool read_formats(SdpParser *parser, Span formats)
{
    while (span_size(formats) > 0) {
        Span word = span_take_word(&formats);
        uint32_t type;
        if (span_size(word) == 0) {
            break;
        }
        if (!span_read_number(word, SDP_PAYLOAD_TYPES - 1, &type)) {
            return sdp_fail(parser, "m= has a format that is no payload type");
        }
        if (parser->format_count == G_N_ELEMENTS(parser->formats)) {
            return sdp_fail(parser, "m= has more formats than there are payload types");
        }
        parser->formats[parser->format_count++] = (uint8_t)type;
    }
    return parser->format_count > 0 || sdp_fail(parser, "m= has no format");
}

static void clear_section(SdpParser *parser)
{
    parser->media_line = parser->line;
    parser->bundle_only = false;
    parser->rtcp_mux = false;
    parser->format_count = 0;
    parser->feedback_of_all = 0;
    for (size_t i = 0; i < SDP_PAYLOAD_TYPES; i++) {
        parser->payloads[i] = (Payload){.apt = -1};
    }
}

static bool begin_media(SdpParser *parser, Span value)
{
    SdpSession *session = parser->session;
    if (!end_media(parser)) {
        return false;
    }
    if (session->media_count == LIMIT_SDP_MEDIA) {
        return sdp_fail(parser, "more than %d media sections", LIMIT_SDP_MEDIA);
    }
    SdpMedia *media = &session->media[session->media_count++];
    *media = parser->defaults;
    parser->media = media;
    clear_section(parser);
    Span name = span_take_word(&value);
    Span ports = span_take_word(&value);
    uint32_t port;
    if (!span_copy(name, sdp_is_token_char, media->media, sizeof media->media) ||
        !span_read_number(span_take_until(&ports, '/'), UINT16_MAX, &port) ||
        !span_copy(span_take_word(&value), is_protocol_char, media->protocol,
                   sizeof media->protocol)) {
        return sdp_fail(parser, "m= is not a media name, a port, a protocol and formats");
    }
    media->rejected = port == 0;
    media->kind = find_kind(media);
    return media->kind == SDP_OTHER || read_formats(parser, value);
}

static bool read_line(SdpParser *parser, Span line)
{
    if (span_size(line) < 2 || !g_ascii_islower(line.at[0]) || line.at[1] != '=') {
        return sdp_fail(parser, "not of the form x=value");
    }
    if (memchr(line.at, '\0', span_size(line)) != NULL) {
        return sdp_fail(parser, "a zero byte");
    }
    char type = line.at[0];
    Span value = {line.at + 2, line.end};
    if (parser->line == 1 && !span_is(line, "v=0")) {
        return sdp_fail(parser, "a description begins with v=0");
    }
    if (type == 'm') {
        return begin_media(parser, value);
    }
    return type != 'a' || read_attribute(parser, value);
}

static bool read_lines(SdpParser *parser, Span text)
{
    while (span_size(text) > 0) {
        Span line = span_take_until(&text, '\n');
        parser->line++;
        if (parser->line > LIMIT_SDP_LINES) {
            return sdp_fail(parser, "more than %d lines", LIMIT_SDP_LINES);
        }
        if (span_size(line) > 0 && line.end[-1] == '\r') {
            line.end--;
        }
        if (!read_line(parser, line)) {
            return false;
        }
    }
    return end_media(parser);
}

/* What only shows when everything has been read. */
static bool check_session(SdpParser *parser)
{
    const SdpSession *session = parser->session;
    size_t usable = 0;
    for (size_t i = 0; i < session->media_count; i++) {
        usable += !session->media[i].rejected && session->media[i].codec_type >= 0;
    }
    if (usable == 0) {
        return sdp_fail(parser, "neither Opus audio nor VP8 or H.264 video is offered");
    }
    if (usable > 1 && !session->bundle) {
        return sdp_fail(parser, "several media sections without a=group:BUNDLE");
    }
    if (session->ice_ufrag[0] == '\0' || session->ice_password[0] == '\0') {
        return sdp_fail(parser, "no a=ice-ufrag and a=ice-pwd");
    }
    if (session->fingerprint[0] == '\0') {
        return sdp_fail(parser, "no a=fingerprint of SHA-256, SHA-384 or SHA-512");
    }
    return parser->has_setup || sdp_fail(parser, "no a=setup");
}

bool sdp_parse(const char *text, size_t size, SdpSession *ret_session, Problem *problem)
{
    *ret_session = (SdpSession){0};
    SdpParser parser = {
        .session = ret_session,
        .defaults =
            {.sends = true, .receives = true, .codec_type = -1, .rtx_type = -1, .h264_type = -1},
        .problem = problem,
    };
    parser.media = &parser.defaults;
    if (size > (size_t)LIMIT_SDP_BYTES) {
        parser.line = 1;
        return sdp_fail(&parser, "more than %d bytes", LIMIT_SDP_BYTES);
    }
    if (size == 0) {
        parser.line = 1;
        return sdp_fail(&parser, "the description is empty");
    }
    return read_lines(&parser, (Span){text, text + size}) && check_session(&parser);
}

const SdpMedia *sdp_find_media(const SdpSession *session, SdpKind kind)
{
    for (size_t i = 0; i < session->media_count; i++) {
        const SdpMedia *media = &session->media[i];
        if (media->kind == kind && !media->rejected && media->codec_type >= 0) {
            return media;
        }
    }
    return NULL;
}

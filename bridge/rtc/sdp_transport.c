#include <arpa/inet.h>
#include <string.h>

#include "bridge/rtc/sdp_parser.h"

enum {
    UFRAG_CHARS_MIN = 4, /* RFC 8839 section 5.4 */
    PASSWORD_CHARS_MIN = 22,
};

static bool is_ice_char(char c)
{
    return g_ascii_isalnum(c) || c == '+' || c == '/';
}

/* Hex bytes, joined by colons. */
static bool is_digest(Span span, size_t bytes)
{
    if (span_size(span) != bytes * 3 - 1) {
        return false;
    }
    for (size_t i = 0; i < span_size(span); i++) {
        bool fits = i % 3 == 2 ? span.at[i] == ':' : g_ascii_isxdigit(span.at[i]);
        if (!fits) {
            return false;
        }
    }
    return true;
}

static bool is_address_char(char c)
{
    return g_ascii_isxdigit(c) || c == '.' || c == ':';
}

bool sdp_on_group(SdpParser *parser, Span value, int argument)
{
    if (span_is(span_take_word(&value), "BUNDLE") && !parser->session->bundle) {
        parser->session->bundle = true;
        parser->bundle = value;
    }
    return true;
}

bool sdp_on_mid(SdpParser *parser, Span value, int argument)
{
    SdpSession *session = parser->session;
    char *mid = parser->media->mid;
    if (!span_copy(value, sdp_is_token_char, mid, sizeof parser->media->mid)) {
        return sdp_fail(parser, "a=mid is not a token of 1 to 31 characters");
    }
    for (size_t i = 0; i + 1 < session->media_count; i++) {
        if (strcmp(session->media[i].mid, mid) == 0) {
            return sdp_fail(parser, "a=mid stands twice");
        }
    }
    return true;
}

bool sdp_on_direction(SdpParser *parser, Span value, int direction)
{
    parser->media->sends = (direction & SDP_SENDS) != 0;
    parser->media->receives = (direction & SDP_RECEIVES) != 0;
    return true;
}

bool sdp_on_rtcp_mux(SdpParser *parser, Span value, int argument)
{
    parser->rtcp_mux = true;
    return true;
}

bool sdp_on_rtcp_rsize(SdpParser *parser, Span value, int argument)
{
    parser->media->reduced_size_rtcp = true;
    return true;
}

bool sdp_on_bundle_only(SdpParser *parser, Span value, int argument)
{
    parser->bundle_only = true;
    return true;
}

bool sdp_on_ice_lite(SdpParser *parser, Span value, int argument)
{
    parser->session->ice_lite = true;
    return true;
}

/* Transport attributes are the same in every section of a BUNDLE: the first ones count. */
bool sdp_on_ice_ufrag(SdpParser *parser, Span value, int argument)
{
    SdpSession *session = parser->session;
    char text[sizeof session->ice_ufrag];
    if (span_size(value) < UFRAG_CHARS_MIN || !span_copy(value, is_ice_char, text, sizeof text)) {
        return sdp_fail(parser, "a=ice-ufrag is not 4 to 256 letters, digits, + and /");
    }
    if (session->ice_ufrag[0] == '\0') {
        g_strlcpy(session->ice_ufrag, text, sizeof session->ice_ufrag);
    }
    return true;
}

bool sdp_on_ice_password(SdpParser *parser, Span value, int argument)
{
    SdpSession *session = parser->session;
    char text[sizeof session->ice_password];
    if (span_size(value) < PASSWORD_CHARS_MIN ||
        !span_copy(value, is_ice_char, text, sizeof text)) {
        return sdp_fail(parser, "a=ice-pwd is not 22 to 256 letters, digits, + and /");
    }
    if (session->ice_password[0] == '\0') {
        g_strlcpy(session->ice_password, text, sizeof session->ice_password);
    }
    return true;
}

static void keep_fingerprint(SdpSession *session, const char *hash, Span digest)
{
    if (session->fingerprint[0] != '\0') {
        return;
    }
    g_strlcpy(session->fingerprint_hash, hash, sizeof session->fingerprint_hash);
    memcpy(session->fingerprint, digest.at, span_size(digest));
    session->fingerprint[span_size(digest)] = '\0';
}

/* The first one with a hash that is still trusted; others are passed over. */
bool sdp_on_fingerprint(SdpParser *parser, Span value, int argument)
{
    static const struct {
        const char *hash;
        size_t bytes;
    } trusted[] = {{"sha-256", 32}, {"sha-384", 48}, {"sha-512", 64}};
    G_STATIC_ASSERT(sizeof parser->session->fingerprint == (size_t)64 * 3);
    Span hash = span_take_word(&value);
    Span digest = span_take_word(&value);
    for (size_t i = 0; i < G_N_ELEMENTS(trusted); i++) {
        if (!span_is_any_case(hash, trusted[i].hash)) {
            continue;
        }
        if (!is_digest(digest, trusted[i].bytes)) {
            return sdp_fail(parser, "a=fingerprint is not hex of its hash's length");
        }
        keep_fingerprint(parser->session, trusted[i].hash, digest);
    }
    return true;
}

bool sdp_on_setup(SdpParser *parser, Span value, int argument)
{
    static const char *const names[] = {
        [SDP_SETUP_ACTPASS] = "actpass",
        [SDP_SETUP_ACTIVE] = "active",
        [SDP_SETUP_PASSIVE] = "passive",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (!span_is(value, names[i])) {
            continue;
        }
        if (!parser->has_setup) {
            parser->session->setup = (SdpSetup)i;
            parser->has_setup = true;
        }
        return true;
    }
    return sdp_fail(parser, "a=setup is none of actpass, active, passive");
}

static bool is_numeric_address(const char *text)
{
    uint8_t address[16];
    return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

/* RFC 8839 section 5.1. Candidates of other kinds (TCP, .local names, relayed) are passed over, as
 * are those that make no sense: the far side finds us by its own checks. */
bool sdp_on_candidate(SdpParser *parser, Span value, int argument)
{
    SdpSession *session = parser->session;
    SdpCandidate candidate = {0};
    uint32_t port;
    span_take_word(&value);
    bool component_1 = span_is(span_take_word(&value), "1");
    bool udp = span_is_any_case(span_take_word(&value), "udp");
    bool usable = component_1 && udp &&
                  span_read_number(span_take_word(&value), UINT32_MAX, &candidate.priority) &&
                  candidate.priority > 0 &&
                  span_copy(span_take_word(&value), is_address_char, candidate.address,
                            sizeof candidate.address) &&
                  is_numeric_address(candidate.address) &&
                  span_read_number(span_take_word(&value), UINT16_MAX, &port) && port > 0 &&
                  span_is(span_take_word(&value), "typ") && span_is(span_take_word(&value), "host");
    if (usable && session->candidate_count < G_N_ELEMENTS(session->candidates)) {
        candidate.port = (uint16_t)port;
        session->candidates[session->candidate_count++] = candidate;
    }
    return true;
}

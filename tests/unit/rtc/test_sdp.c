#include "bridge/rtc/sdp.h"

#include <criterion/criterion.h>
#include <glib.h>
#include <string.h>

static char *load(const char *name)
{
    g_autofree char *path = g_build_filename(SDP_CORPUS, name, NULL);
    char *text = NULL;
    cr_assert(g_file_get_contents(path, &text, NULL, NULL), "%s", path);
    return text;
}

static bool parse(const char *text, SdpSession *session, Problem *problem)
{
    /* An exact copy on the heap, so that a read past the end is seen by the address sanitizer. */
    size_t size = strlen(text);
    g_autofree char *copy = g_memdup2(text, size);
    return sdp_parse(copy, size, session, problem);
}

/* The text with `old` replaced; fails when there is no such thing. */
static char *with(const char *text, const char *old, const char *new)
{
    cr_assert_not_null(strstr(text, old), "%s", old);
    g_auto(GStrv) parts = g_strsplit(text, old, -1);
    return g_strjoinv(new, parts);
}

static const SdpLocal relay = {
    .ice_ufrag = "Abcd0123",
    .ice_password = "thePasswordOfThisPeer123",
    .ice_lite = true,
    .fingerprint = "AA:BB",
    .setup = SDP_SETUP_PASSIVE,
    .candidates =
        (const SdpCandidate[]){{"192.0.2.1", 8443, 2130706431}, {"2001:db8::1", 8443, 2130706175}},
    .candidate_count = 2,
    .cname = "bridge",
    .audio_ssrc = 11,
    .video_ssrc = 22,
    .video_rtx_ssrc = 33,
    .sends_audio = true,
    .sends_video = true,
    .receives_audio = true,
    .receives_video = true,
};

static char *answer_to(const char *offer, const SdpLocal *local)
{
    SdpSession session;
    Problem problem = {0};
    cr_assert(parse(offer, &session, &problem), "%s", problem.message);
    return sdp_write_answer(&session, local);
}

static void assert_has(const char *text, const char *line)
{
    g_autofree char *whole = g_strdup_printf("\r\n%s\r\n", line);
    cr_assert_not_null(strstr(text, whole), "no line %s in\n%s", line, text);
}

static void assert_lacks(const char *text, const char *part)
{
    cr_assert_null(strstr(text, part), "%s stands in\n%s", part, text);
}

Test(sdp, reads_the_offer_of_chromium)
{
    g_autofree char *text = load("chromium-156-offer.sdp");
    SdpSession session;
    Problem problem = {0};
    cr_assert(parse(text, &session, &problem), "%s", problem.message);
    cr_assert_str_eq(session.ice_ufrag, "Ax+7");
    cr_assert_str_eq(session.ice_password, "m/8J4zq0Y1pWkq3TnT7cQ9xD");
    cr_assert_str_eq(session.fingerprint_hash, "sha-256");
    cr_assert_eq(session.setup, SDP_SETUP_ACTPASS);
    cr_assert(session.bundle);
    cr_assert_not(session.ice_lite);
    cr_assert_eq(session.media_count, 2);

    const SdpMedia *audio = &session.media[0];
    cr_assert_eq(audio->kind, SDP_AUDIO);
    cr_assert_str_eq(audio->mid, "0");
    cr_assert(audio->sends && audio->receives && !audio->rejected);
    cr_assert_eq(audio->codec_type, 111);
    cr_assert_eq(audio->rtx_type, -1);
    cr_assert_eq(audio->ext_audio_level, 1);
    cr_assert_eq(audio->ext_mid, 4);
    cr_assert_eq(audio->ssrc, 3735928559);

    const SdpMedia *video = &session.media[1];
    cr_assert_eq(video->codec_type, 96);
    cr_assert_eq(video->codec, VIDEO_VP8);
    cr_assert_eq(video->rtx_type, 97);
    cr_assert_eq(video->h264_type, 109, "42e01f in mode 1, not 42001f and not mode 0");
    cr_assert_eq(video->ext_abs_send_time, 2);
    cr_assert_eq(video->ext_transport_cc, 3);
    cr_assert_eq(video->ext_playout_delay, 5);
    cr_assert(video->feedback_nack && video->feedback_pli && video->feedback_fir);
    cr_assert(video->feedback_remb && video->feedback_transport_cc);
    cr_assert_eq(video->ssrc, 1122334455);
    cr_assert_eq(video->rtx_ssrc, 2233445566);
}

Test(sdp, keeps_only_numeric_host_candidates_over_udp)
{
    g_autofree char *text = load("chromium-156-offer.sdp");
    SdpSession session;
    cr_assert(parse(text, &session, NULL));
    cr_assert_eq(session.candidate_count, 2);
    cr_assert_str_eq(session.candidates[0].address, "192.168.10.24");
    cr_assert_eq(session.candidates[0].port, 51472);
    cr_assert_eq(session.candidates[0].priority, 2122260223);
    cr_assert_str_eq(session.candidates[1].address, "2001:db8::24");
}

Test(sdp, reads_the_offer_of_firefox)
{
    g_autofree char *text = load("firefox-153-offer.sdp");
    SdpSession session;
    Problem problem = {0};
    cr_assert(parse(text, &session, &problem), "%s", problem.message);
    cr_assert_eq(session.media_count, 3);
    cr_assert_eq(session.candidate_count, 1);
    cr_assert_eq(session.media[0].codec_type, 109);
    cr_assert(session.media[0].receives && !session.media[0].sends);
    cr_assert_eq(session.media[0].ext_mid, 3);
    const SdpMedia *video = &session.media[1];
    cr_assert_not(video->rejected, "port 0 means bundle-only here");
    cr_assert_eq(video->codec_type, 120);
    cr_assert_eq(video->rtx_type, 124);
    cr_assert_eq(video->h264_type, 126);
    cr_assert_eq(video->ext_playout_delay, 6);
    cr_assert_eq(video->rtx_ssrc, 3074519261);
    cr_assert_eq(session.media[2].kind, SDP_OTHER);
}

Test(sdp, reads_what_stands_at_the_session_level)
{
    g_autofree char *text = load("obs-whip-offer.sdp");
    SdpSession session;
    Problem problem = {0};
    cr_assert(parse(text, &session, &problem), "%s", problem.message);
    cr_assert_str_eq(session.ice_ufrag, "xK4b");
    cr_assert_eq(session.setup, SDP_SETUP_ACTPASS);
    cr_assert_eq(session.media[1].codec_type, 96);
    cr_assert_eq(session.media[1].codec, VIDEO_H264, "nothing else is offered");
    cr_assert_eq(session.media[1].h264_type, 96);
    cr_assert_eq(sdp_find_media(&session, SDP_AUDIO), &session.media[0]);
    cr_assert_eq(sdp_find_media(&session, SDP_VIDEO), &session.media[1]);
}

Test(sdp, answers_chromium_with_what_we_have_and_nothing_else)
{
    g_autofree char *offer = load("chromium-156-offer.sdp");
    g_autofree char *answer = answer_to(offer, &relay);
    assert_has(answer, "a=group:BUNDLE 0 1");
    assert_has(answer, "a=ice-lite");
    assert_has(answer, "m=audio 9 UDP/TLS/RTP/SAVPF 111");
    assert_has(answer, "m=video 9 UDP/TLS/RTP/SAVPF 96 97");
    assert_has(answer, "a=setup:passive");
    assert_has(answer, "a=ice-ufrag:Abcd0123");
    assert_has(answer, "a=fingerprint:sha-256 AA:BB");
    assert_has(answer, "a=rtcp-mux");
    assert_has(answer, "a=rtcp-rsize");
    assert_has(answer, "a=sendrecv");
    assert_has(answer, "a=rtpmap:111 opus/48000/2");
    assert_has(answer, "a=fmtp:111 minptime=10;useinbandfec=1");
    assert_has(answer, "a=fmtp:97 apt=96");
    assert_has(answer, "a=rtcp-fb:96 goog-remb");
    assert_has(answer, "a=rtcp-fb:96 nack");
    assert_has(answer, "a=rtcp-fb:96 nack pli");
    assert_has(answer, "a=rtcp-fb:96 ccm fir");
    assert_has(answer, "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid");
    assert_has(answer, "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time");
    assert_has(answer, "a=msid:bridge bridge-audio");
    assert_has(answer, "a=ssrc:11 cname:bridge");
    assert_has(answer, "a=ssrc-group:FID 22 33");
    assert_has(answer, "a=ssrc:33 msid:bridge bridge-video");
    assert_has(answer, "a=candidate:1 1 udp 2130706431 192.0.2.1 8443 typ host");
    assert_has(answer, "a=candidate:2 1 udp 2130706175 2001:db8::1 8443 typ host");
    assert_has(answer, "a=end-of-candidates");
    static const char *const never[] = {
        "ccfb", "transport-cc", "transport-wide", "red/",  "fec",       "H264",    "H265",
        "AV1",  "VP9",          " tcp ",          "a=rid", "telephone", "a=crypto"};
    for (size_t i = 0; i < G_N_ELEMENTS(never); i++) {
        g_autofree char *rest = with(answer, "useinbandfec", "");
        assert_lacks(rest, never[i]);
    }
}

Test(sdp, its_answer_is_a_description_too)
{
    g_autofree char *offer = load("chromium-156-offer.sdp");
    SdpLocal local = relay;
    local.fingerprint =
        "6B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64:1A:24:C2:43:F0:"
        "A1:58:D0:A1:2C:19:08";
    g_autofree char *answer = answer_to(offer, &local);
    SdpSession session;
    Problem problem = {0};
    cr_assert(parse(answer, &session, &problem), "%s", problem.message);
    cr_assert(session.ice_lite);
    cr_assert_eq(session.media[0].ext_audio_level, 0, "our sound carries none");
    cr_assert_gt(session.media[0].ext_audio_level_received, 0, "but we want the peer's");
    cr_assert_eq(session.setup, SDP_SETUP_PASSIVE);
    cr_assert_eq(session.candidate_count, 2);
    cr_assert_eq(session.media[1].rtx_ssrc, 33);
    cr_assert_eq(session.media[1].rtx_type, 97);
}

Test(sdp, ends_every_line_of_its_answer_with_crlf)
{
    g_autofree char *offer = load("firefox-153-offer.sdp");
    g_autofree char *answer = answer_to(offer, &relay);
    for (const char *c = strchr(answer, '\n'); c != NULL; c = strchr(c + 1, '\n')) {
        cr_assert_eq(c[-1], '\r');
    }
    cr_assert(g_str_has_suffix(answer, "\r\n"));
    cr_assert(g_str_has_prefix(answer, "v=0\r\n"));
}

Test(sdp, answers_firefox_with_directions_that_fit_and_refuses_the_data_channel)
{
    g_autofree char *offer = load("firefox-153-offer.sdp");
    g_autofree char *answer = answer_to(offer, &relay);
    assert_has(answer, "a=group:BUNDLE 0 1");
    assert_has(answer, "m=audio 9 UDP/TLS/RTP/SAVPF 109");
    assert_has(answer, "a=sendonly");
    assert_has(answer, "m=video 9 UDP/TLS/RTP/SAVPF 120 124");
    assert_has(answer,
               "a=extmap:6/sendonly http://www.webrtc.org/experiments/rtp-hdrext/playout-delay");
    assert_has(answer, "a=extmap:1/recvonly urn:ietf:params:rtp-hdrext:ssrc-audio-level");
    assert_has(answer, "m=application 0 UDP/DTLS/SCTP webrtc-datachannel");
    assert_has(answer, "a=mid:2");
    assert_lacks(answer, "csrc-audio-level");
}

Test(sdp, puts_candidates_into_the_first_section_that_is_taken_up)
{
    g_autofree char *offer = load("obs-whip-offer.sdp");
    g_autofree char *vp8 = with(offer, "H264/90000", "VP8/90000");
    g_autofree char *no_opus = with(vp8, "opus/48000/2", "PCMU/8000");
    g_autofree char *answer = answer_to(no_opus, &relay);
    assert_has(answer, "a=group:BUNDLE 1");
    assert_has(answer, "m=audio 0 UDP/TLS/RTP/SAVPF 0");
    cr_assert_gt(strstr(answer, "a=candidate:1"), strstr(answer, "m=video"));
}

Test(sdp, takes_up_only_the_first_section_of_a_kind)
{
    g_autofree char *offer = load("obs-whip-offer.sdp");
    g_autofree char *second = with(offer, "m=video 9", "m=audio 9");
    g_autofree char *opus = with(second, "a=rtpmap:96 H264/90000", "a=rtpmap:96 opus/48000/2");
    g_autofree char *answer = answer_to(opus, &relay);
    assert_has(answer, "a=group:BUNDLE 0");
    assert_has(answer, "m=audio 0 UDP/TLS/RTP/SAVPF 0");
}

Test(sdp, answers_the_direction_that_both_can)
{
    g_autofree char *offer = load("minimal-offer.sdp");
    SdpLocal local = relay;
    local.receives_audio = false;
    g_autofree char *sendonly = answer_to(offer, &local);
    assert_has(sendonly, "a=sendonly");
    local.sends_audio = false;
    g_autofree char *inactive = answer_to(offer, &local);
    assert_has(inactive, "a=inactive");
    assert_lacks(inactive, "a=ssrc");
    assert_lacks(inactive, "a=msid:");
    g_autofree char *silent = with(offer, "a=rtcp-mux", "a=rtcp-mux\r\na=recvonly");
    g_autofree char *to_silent = answer_to(silent, &relay);
    assert_has(to_silent, "a=sendonly");
}

Test(sdp, answers_a_passive_offer_as_the_active_side)
{
    g_autofree char *offer = load("minimal-offer.sdp");
    g_autofree char *passive = with(offer, "setup:active", "setup:passive");
    g_autofree char *to_active = answer_to(offer, &relay);
    g_autofree char *to_passive = answer_to(passive, &relay);
    assert_has(to_active, "a=setup:passive");
    assert_has(to_passive, "a=setup:active");
    assert_lacks(to_active, "BUNDLE");
    assert_lacks(to_active, "rsize");
}

Test(sdp, leaves_out_rtx_that_was_not_offered)
{
    g_autofree char *offer = load("chromium-156-offer.sdp");
    g_autofree char *no_rtx = with(offer, "a=fmtp:97 apt=96", "a=fmtp:97 apt=95");
    g_autofree char *answer = answer_to(no_rtx, &relay);
    assert_has(answer, "m=video 9 UDP/TLS/RTP/SAVPF 96");
    assert_lacks(answer, "FID");
    assert_lacks(answer, "a=ssrc:33");
}

Test(sdp, takes_feedback_from_a_wildcard)
{
    g_autofree char *offer = load("obs-whip-offer.sdp");
    g_autofree char *vp8 = with(offer, "H264/90000", "VP8/90000");
    g_autofree char *wild = with(vp8, "a=rtcp-fb:96 nack pli", "a=rtcp-fb:* nack pli");
    SdpSession session;
    cr_assert(parse(wild, &session, NULL));
    cr_assert(session.media[1].feedback_pli);
    cr_assert_not(session.media[0].feedback_pli);
}

Test(sdp, reads_back_the_offer_it_writes)
{
    SdpLocal local = relay;
    local.ice_lite = false;
    local.setup = SDP_SETUP_ACTPASS;
    local.fingerprint =
        "6B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64:1A:24:C2:43:F0:"
        "A1:58:D0:A1:2C:19:08";
    local.receives_video = false;
    g_autofree char *offer = sdp_write_offer(&local);
    SdpSession session;
    Problem problem = {0};
    cr_assert(parse(offer, &session, &problem), "%s", problem.message);
    cr_assert_eq(session.setup, SDP_SETUP_ACTPASS);
    cr_assert_eq(session.media_count, 2);
    cr_assert_eq(session.media[0].codec_type, 111);
    cr_assert_eq(session.media[0].ext_audio_level, 1);
    cr_assert_eq(session.media[1].codec_type, 96);
    cr_assert_eq(session.media[1].rtx_type, 97);
    cr_assert(session.media[1].sends && !session.media[1].receives);
    cr_assert(session.media[1].feedback_remb && session.media[1].reduced_size_rtcp);
    cr_assert_eq(session.media[1].ssrc, 22);
    cr_assert_eq(session.media[1].rtx_ssrc, 33);
    cr_assert_str_eq(session.media[0].mid, "0");
    cr_assert_str_eq(session.media[1].mid, "1");
}

Test(sdp, selects_h264_by_profile_and_mode)
{
    static const struct {
        const char *parameters;
        bool fits;
    } cases[] = {
        {"profile-level-id=42e01f;packetization-mode=1", true},
        {"packetization-mode=1; profile-level-id=42C01F", true},
        {"profile-level-id=42e034;packetization-mode=1", true},
        {"profile-level-id=42e00d;packetization-mode=1;level-asymmetry-allowed=1", true},
        {"profile-level-id=42e00d;packetization-mode=1", false},
        {"profile-level-id=42e01f", false},
        {"profile-level-id=42e01f;packetization-mode=0", false},
        {"profile-level-id=42001f;packetization-mode=1", false},
        {"profile-level-id=64001f;packetization-mode=1", false},
        {"profile-level-id=42e01;packetization-mode=1", false},
        {"profile-level-id=42e01g;packetization-mode=1", false},
        {"packetization-mode=1", false},
    };
    g_autofree char *offer = load("obs-whip-offer.sdp");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *changed =
            with(offer, "profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1",
                 cases[i].parameters);
        SdpSession session;
        cr_assert(parse(changed, &session, NULL));
        cr_assert_eq(session.media[1].h264_type, cases[i].fits ? 96 : -1, "%s",
                     cases[i].parameters);
    }
}

Test(sdp, refuses_what_is_wrong_and_names_the_line)
{
    static const struct {
        const char *old, *new;
        const char *message;
    } cases[] = {
        {"v=0", "v=1", "line 1: a description begins with v=0"},
        {"s=-", "s", "line 3: not of the form x=value"},
        {"s=-", "", "line 3: not of the form x=value"},
        {"s=-", "S=-", "line 3: not of the form x=value"},
        {"a=ice-ufrag:abcd", "a=ice-ufrag:abc", "line 5: "},
        {"a=ice-ufrag:abcd", "a=ice-ufrag:ab cd", "line 5: "},
        {"a=ice-ufrag:abcd", "a=x", "line 11: no a=ice-ufrag and a=ice-pwd"},
        {"a=ice-pwd:abcdefghijklmnopqrstuv", "a=ice-pwd:short", "line 6: "},
        {"a=ice-pwd:abcdefghijklmnopqrstuv", "a=x", "line 11: "},
        {"a=fingerprint:sha-256 6B:", "a=fingerprint:sha-256 6BB", "line 7: "},
        {"a=fingerprint:sha-256 6B:", "a=fingerprint:sha-256 ", "line 7: "},
        {"a=fingerprint:sha-256 6B:", "a=fingerprint:sha-256 XX:", "line 7: "},
        {"a=fingerprint:sha-256", "a=fingerprint:sha-512", "line 7: "},
        {"a=fingerprint:sha-256", "a=fingerprint:sha-1", "line 11: no a=fingerprint"},
        {"a=setup:active", "a=setup:holdconn", "line 8: "},
        {"a=setup:active", "a=x", "line 11: no a=setup"},
        {"a=setup:active", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x", "line 8: SDES"},
        {"m=audio 9 ", "m=audio 65536 ", "line 9: "},
        {"m=audio 9 ", "m=audio -1 ", "line 9: "},
        {"m=audio 9 ", "m=audio ", "line 9: "},
        {"m=audio 9 ", "m= 9 ", "line 9: "},
        {"m=audio 9 ", "m=au/dio 9 ", "line 9: "},
        {"m=audio 9 ", "m=audioaudioaudioaudio 9 ", "line 9: "},
        {"SAVPF 111", "SAVPF", "line 9: m= has no format"},
        {"SAVPF 111", "SAVPF 128", "line 9: m= has a format that is no payload type"},
        {"SAVPF 111", "SAVPF x", "line 9: m= has a format that is no payload type"},
        {"RTP/SAVPF", "RTP/AVP", "line 11: neither"},
        {"m=audio 9", "m=audio 0", "line 11: neither"},
        {"m=audio 9", "m=video 9", "line 11: neither"},
        {"a=rtcp-mux", "a=x", "line 9: the section has no a=rtcp-mux"},
        {"a=rtpmap:111 opus/48000/2", "a=rtpmap:111 opus/48000", "line 11: neither"},
        {"a=rtpmap:111 opus/48000/2", "a=rtpmap:111", "line 11: a=rtpmap"},
        {"a=rtpmap:111 opus/48000/2", "a=rtpmap:x opus/48000/2", "line 11: a=rtpmap"},
        {"a=rtpmap:111 opus/48000/2", "a=rtpmap:111 VP8/90000", "line 11: neither"},
        {"a=rtcp-mux", "a=fmtp:999 x", "line 10: a=fmtp"},
        {"a=rtcp-mux", "a=rtcp-fb:-1 nack", "line 10: a=rtcp-fb"},
        {"a=rtcp-mux", "a=extmap:x urn:x", "line 10: a=extmap"},
        {"a=rtcp-mux", "a=extmap:1", "line 10: a=extmap"},
        {"a=rtcp-mux", "a=ssrc:4294967296 cname:x", "line 10: a=ssrc"},
        {"a=rtcp-mux", "a=ssrc-group:FID 1", "line 10: a=ssrc-group"},
        {"a=rtcp-mux", "a=mid:", "line 10: a=mid"},
        {"a=rtcp-mux", "a=mid:a b", "line 10: a=mid"},
        {"a=rtcp-mux", "a=mid:01234567890123456789012345678901", "line 10: a=mid"},
    };
    g_autofree char *offer = load("minimal-offer.sdp");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *changed = with(offer, cases[i].old, cases[i].new);
        SdpSession session;
        Problem problem = {0};
        cr_assert_not(parse(changed, &session, &problem), "%s → %s", cases[i].old, cases[i].new);
        cr_assert_str_eq(problem.code, "bad_sdp");
        cr_assert(g_str_has_prefix(problem.message, cases[i].message), "%s → %s: %s", cases[i].old,
                  cases[i].new, problem.message);
    }
}

Test(sdp, survives_every_truncation)
{
    g_autofree char *text = load("firefox-153-offer.sdp");
    size_t length = strlen(text);
    for (size_t size = 0; size < length; size++) {
        g_autofree char *copy = g_memdup2(text, size);
        SdpSession session;
        Problem problem = {0};
        if (!sdp_parse(copy, size, &session, &problem)) {
            cr_assert(g_str_has_prefix(problem.message, "line "));
        }
    }
}

Test(sdp, refuses_what_exceeds_its_limits)
{
    g_autofree char *offer = load("minimal-offer.sdp");
    SdpSession session;
    Problem problem = {0};
    g_autoptr(GString) many = g_string_new(offer);
    for (size_t i = 0; i < LIMIT_SDP_MEDIA; i++) {
        g_string_append(many, "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\n");
    }
    cr_assert_not(parse(many->str, &session, &problem));
    cr_assert_not_null(strstr(problem.message, "media sections"));

    g_autoptr(GString) lines = g_string_new(offer);
    for (size_t i = 0; i < LIMIT_SDP_LINES; i++) {
        g_string_append(lines, "a=x\n");
    }
    cr_assert_not(parse(lines->str, &session, &problem));
    cr_assert_str_eq(problem.message, "line 1001: more than 1000 lines");

    g_autoptr(GString) bytes = g_string_new(offer);
    while (bytes->len <= LIMIT_SDP_BYTES) {
        g_string_append(bytes, "a=a long attribute that nobody reads but everybody must carry\n");
    }
    cr_assert_not(parse(bytes->str, &session, &problem));
    cr_assert_str_eq(problem.message, "line 1: more than 32768 bytes");

    g_autoptr(GString) formats = g_string_new("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF");
    for (size_t i = 0; i < 129; i++) {
        g_string_append(formats, " 1");
    }
    cr_assert_not(parse(formats->str, &session, &problem));
    cr_assert(g_str_has_prefix(problem.message, "line 2: "));
}

Test(sdp, refuses_zero_bytes_and_nothing)
{
    SdpSession session;
    Problem problem = {0};
    cr_assert_not(sdp_parse("v=0\na=\0x\n", 9, &session, &problem));
    cr_assert_str_eq(problem.message, "line 2: a zero byte");
    cr_assert_not(sdp_parse("", 0, &session, &problem));
}

Test(sdp, refuses_two_sections_that_are_not_bundled)
{
    g_autofree char *offer = load("chromium-156-offer.sdp");
    g_autofree char *loose = with(offer, "a=group:BUNDLE 0 1", "a=x");
    SdpSession session;
    Problem problem = {0};
    cr_assert_not(parse(loose, &session, &problem));
    cr_assert_not_null(strstr(problem.message, "BUNDLE"));
}

Test(sdp, refuses_in_its_answer_a_section_outside_the_bundle)
{
    g_autofree char *offer = load("chromium-156-offer.sdp");
    g_autofree char *partial = with(offer, "a=group:BUNDLE 0 1", "a=group:BUNDLE 0");
    g_autofree char *answer = answer_to(partial, &relay);
    assert_has(answer, "a=group:BUNDLE 0");
    assert_has(answer, "m=video 0 UDP/TLS/RTP/SAVPF 0");
}

Test(sdp, refuses_one_mid_for_two_sections)
{
    g_autofree char *offer = load("chromium-156-offer.sdp");
    g_autofree char *doubled = with(offer, "a=mid:1", "a=mid:0");
    SdpSession session;
    cr_assert_not(parse(doubled, &session, NULL));
}

Test(sdp, refuses_sdes_keys_even_in_a_rejected_section)
{
    g_autofree char *offer = load("minimal-offer.sdp");
    g_autofree char *with_keys = g_strconcat(
        offer, "m=audio 0 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n", NULL);
    SdpSession session;
    Problem problem = {0};
    cr_assert_not(parse(with_keys, &session, &problem));
    cr_assert_str_eq(problem.message, "line 13: SDES keys (a=crypto) are refused");
}

Test(sdp, passes_over_candidates_it_cannot_use)
{
    static const char *const candidates[] = {
        "1 1 tcp 1 192.0.2.1 9 typ host tcptype active",
        "1 2 udp 1 192.0.2.1 9 typ host",
        "1 1 udp 0 192.0.2.1 9 typ host",
        "1 1 udp 1 192.0.2.1 0 typ host",
        "1 1 udp 1 192.0.2.1 65536 typ host",
        "1 1 udp 1 192.0.2.300 9 typ host",
        "1 1 udp 1 host.example 9 typ host",
        "1 1 udp 1 0123456789abcdef0123456789abcdef0123456789abcdef 9 typ host",
        "1 1 udp 1 192.0.2.1 9 typ relay",
        "1 1 udp 1 192.0.2.1 9",
        "1 1 udp",
        "",
    };
    g_autofree char *offer = load("minimal-offer.sdp");
    for (size_t i = 0; i < G_N_ELEMENTS(candidates); i++) {
        g_autofree char *text = g_strdup_printf("%sa=candidate:%s\r\n", offer, candidates[i]);
        SdpSession session;
        cr_assert(parse(text, &session, NULL));
        cr_assert_eq(session.candidate_count, 0, "%s", candidates[i]);
    }
}

Test(sdp, keeps_no_more_candidates_than_it_has_room_for)
{
    g_autofree char *offer = load("minimal-offer.sdp");
    g_autoptr(GString) text = g_string_new(offer);
    for (size_t i = 0; i < 50; i++) {
        g_string_append(text, "a=candidate:1 1 UDP 1 192.0.2.1 9 typ host\r\n");
    }
    SdpSession session;
    cr_assert(parse(text->str, &session, NULL));
    cr_assert_eq(session.candidate_count, G_N_ELEMENTS(session.candidates));
}

Test(sdp, does_not_use_an_extension_against_its_offered_direction)
{
    g_autofree char *offer = load("firefox-153-offer.sdp");
    g_autofree char *level = with(offer, "a=extmap:1 ", "a=extmap:1/recvonly ");
    g_autofree char *delay = with(level, "a=extmap:6/recvonly", "a=extmap:6/sendonly");
    g_autofree char *big = with(delay, "a=extmap:4 ", "a=extmap:15 ");
    SdpSession session;
    cr_assert(parse(big, &session, NULL));
    cr_assert_eq(session.media[0].ext_audio_level, 0);
    cr_assert_eq(session.media[1].ext_playout_delay, 0);
    cr_assert_eq(session.media[1].ext_abs_send_time, 0);
}

Test(sdp, takes_lines_that_end_with_a_bare_line_feed)
{
    g_autofree char *offer = load("chromium-156-offer.sdp");
    g_autofree char *bare = with(offer, "\r\n", "\n");
    SdpSession session;
    cr_assert(parse(bare, &session, NULL));
}

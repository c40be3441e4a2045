#include <glib.h>
#include <string.h>

#include "bridge/rtc/rtp.h"
#include "bridge/rtc/sdp.h"

/* One section as we describe it. */
typedef struct Section {
    SdpKind kind;
    const char *mid; /* "": none */
    bool sends;
    bool receives;
    bool is_answer;
    bool carries_candidates;
    bool reduced_size_rtcp;
    int codec_type;
    VideoCodec codec;
    int rtx_type;
    int ext_mid;
    int ext_audio_level;
    int ext_abs_send_time;
    int ext_playout_delay;
    bool nack, pli, fir, remb;
    uint32_t ssrc;
    uint32_t rtx_ssrc;
} Section;

enum {
    OFFER_OPUS = 111,
    OFFER_VP8 = 96,
    OFFER_RTX = 97,
    OFFER_EXT_AUDIO_LEVEL = 1,
    OFFER_EXT_ABS_SEND_TIME = 2,
    OFFER_EXT_MID = 4,
    OFFER_EXT_PLAYOUT_DELAY = 5,
};

static void G_GNUC_PRINTF(2, 3) line(GString *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_string_append_vprintf(text, format, arguments);
    va_end(arguments);
    g_string_append(text, "\r\n");
}

static void write_session(GString *text, const SdpLocal *local)
{
    uint64_t id = (uint64_t)g_random_int() << 30 ^ g_random_int();
    line(text, "v=0");
    line(text, "o=- %" G_GUINT64_FORMAT " 1 IN IP4 127.0.0.1", id);
    line(text, "s=-");
    line(text, "t=0 0");
    if (local->ice_lite) {
        line(text, "a=ice-lite");
    }
    line(text, "a=msid-semantic: WMS *");
}

static const char *setup_name(SdpSetup setup)
{
    switch (setup) {
    case SDP_SETUP_ACTIVE:
        return "active";
    case SDP_SETUP_PASSIVE:
        return "passive";
    default:
        return "actpass";
    }
}

static const char *direction_name(const Section *section)
{
    if (section->sends) {
        return section->receives ? "sendrecv" : "sendonly";
    }
    return section->receives ? "recvonly" : "inactive";
}

static void write_transport(GString *text, const SdpLocal *local, SdpSetup setup)
{
    line(text, "a=ice-ufrag:%s", local->ice_ufrag);
    line(text, "a=ice-pwd:%s", local->ice_password);
    line(text, "a=fingerprint:sha-256 %s", local->fingerprint);
    line(text, "a=setup:%s", setup_name(setup));
}

static void write_candidates(GString *text, const SdpLocal *local)
{
    for (size_t i = 0; i < local->candidate_count; i++) {
        const SdpCandidate *candidate = &local->candidates[i];
        line(text, "a=candidate:%zu 1 udp %u %s %u typ host", i + 1, candidate->priority,
             candidate->address, candidate->port);
    }
    if (local->candidate_count > 0) {
        line(text, "a=end-of-candidates");
    }
}

static void write_extension(GString *text, int id, const char *direction, const char *uri)
{
    if (id > 0) {
        line(text, "a=extmap:%d%s %s", id, direction, uri);
    }
}

/* In an answer, directions as we use them (RFC 8285 section 6): levels come from those who speak,
 * playout delays go to those who watch. They fit an offer with those directions or with none. */
static void write_extensions(GString *text, const Section *section)
{
    write_extension(text, section->ext_mid, "", RTP_EXT_URI_MID);
    write_extension(text, section->ext_audio_level, section->is_answer ? "/recvonly" : "",
                    RTP_EXT_URI_AUDIO_LEVEL);
    write_extension(text, section->ext_abs_send_time, "", RTP_EXT_URI_ABS_SEND_TIME);
    write_extension(text, section->ext_playout_delay, section->is_answer ? "/sendonly" : "",
                    RTP_EXT_URI_PLAYOUT_DELAY);
}

static void write_feedback(GString *text, const Section *section)
{
    const struct {
        bool wanted;
        const char *kind;
    } kinds[] = {{section->remb, "goog-remb"},
                 {section->fir, "ccm fir"},
                 {section->nack, "nack"},
                 {section->pli, "nack pli"}};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (kinds[i].wanted) {
            line(text, "a=rtcp-fb:%d %s", section->codec_type, kinds[i].kind);
        }
    }
}

static void write_codecs(GString *text, const Section *section)
{
    if (section->kind == SDP_AUDIO) {
        line(text, "a=rtpmap:%d opus/48000/2", section->codec_type);
        line(text, "a=fmtp:%d minptime=10;useinbandfec=1", section->codec_type);
        return;
    }
    line(text, "a=rtpmap:%d %s/90000", section->codec_type, videocodec_name(section->codec));
    if (section->codec == VIDEO_H264) {
        line(text,
             "a=fmtp:%d level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
             section->codec_type);
    }
    write_feedback(text, section);
    if (section->rtx_type >= 0) {
        line(text, "a=rtpmap:%d rtx/90000", section->rtx_type);
        line(text, "a=fmtp:%d apt=%d", section->rtx_type, section->codec_type);
    }
}

static void write_ssrc(GString *text, uint32_t ssrc, const char *cname, const char *media)
{
    line(text, "a=ssrc:%u cname:%s", ssrc, cname);
    line(text, "a=ssrc:%u msid:%s %s-%s", ssrc, cname, cname, media);
}

static void write_streams(GString *text, const Section *section, const char *cname)
{
    const char *media = section->kind == SDP_AUDIO ? "audio" : "video";
    if (!section->sends) {
        return;
    }
    bool repaired = section->rtx_type >= 0 && section->rtx_ssrc != 0;
    line(text, "a=msid:%s %s-%s", cname, cname, media);
    if (repaired) {
        line(text, "a=ssrc-group:FID %u %u", section->ssrc, section->rtx_ssrc);
    }
    write_ssrc(text, section->ssrc, cname, media);
    if (repaired) {
        write_ssrc(text, section->rtx_ssrc, cname, media);
    }
}

static void write_media_line(GString *text, const Section *section)
{
    const char *media = section->kind == SDP_AUDIO ? "audio" : "video";
    if (section->rtx_type >= 0) {
        line(text, "m=%s 9 UDP/TLS/RTP/SAVPF %d %d", media, section->codec_type, section->rtx_type);
    } else {
        line(text, "m=%s 9 UDP/TLS/RTP/SAVPF %d", media, section->codec_type);
    }
    line(text, "c=IN IP4 0.0.0.0");
}

static void write_section(GString *text, const Section *section, const SdpLocal *local,
                          SdpSetup setup)
{
    write_media_line(text, section);
    if (section->mid[0] != '\0') {
        line(text, "a=mid:%s", section->mid);
    }
    write_transport(text, local, setup);
    line(text, "a=%s", direction_name(section));
    line(text, "a=rtcp-mux");
    if (section->reduced_size_rtcp) {
        line(text, "a=rtcp-rsize");
    }
    write_codecs(text, section);
    write_extensions(text, section);
    write_streams(text, section, local->cname);
    if (section->carries_candidates) {
        write_candidates(text, local);
    }
}

/* RFC 8829 section 5.3.1: a refused section keeps its place, with port 0. */
static void write_refusal(GString *text, const SdpMedia *media)
{
    const char *format = g_str_has_suffix(media->protocol, "SCTP") ? "webrtc-datachannel" : "0";
    line(text, "m=%s 0 %s %s", media->media, media->protocol, format);
    line(text, "c=IN IP4 0.0.0.0");
    if (media->mid[0] != '\0') {
        line(text, "a=mid:%s", media->mid);
    }
    line(text, "a=inactive");
}

static Section answer_section(const SdpMedia *media, const SdpLocal *local)
{
    bool audio = media->kind == SDP_AUDIO;
    return (Section){
        .kind = media->kind,
        .mid = media->mid,
        .sends = media->receives && (audio ? local->sends_audio : local->sends_video),
        .receives = media->sends && (audio ? local->receives_audio : local->receives_video),
        .is_answer = true,
        .reduced_size_rtcp = media->reduced_size_rtcp,
        .codec_type = media->codec_type,
        .codec = media->codec,
        .rtx_type = media->rtx_type,
        .ext_mid = media->ext_mid,
        .ext_audio_level = audio ? media->ext_audio_level : 0,
        .ext_abs_send_time = media->ext_abs_send_time,
        .ext_playout_delay = audio ? 0 : media->ext_playout_delay,
        .nack = media->feedback_nack,
        .pli = media->feedback_pli,
        .fir = media->feedback_fir,
        .remb = media->feedback_remb,
        .ssrc = audio ? local->audio_ssrc : local->video_ssrc,
        .rtx_ssrc = audio ? 0 : local->video_rtx_ssrc,
    };
}

char *sdp_write_answer(const SdpSession *offer, const SdpLocal *local)
{
    const SdpMedia *taken[] = {sdp_find_media(offer, SDP_AUDIO), sdp_find_media(offer, SDP_VIDEO)};
    SdpSetup setup = offer->setup == SDP_SETUP_PASSIVE ? SDP_SETUP_ACTIVE : SDP_SETUP_PASSIVE;
    g_autoptr(GString) group = g_string_new("a=group:BUNDLE");
    g_autoptr(GString) sections = g_string_new(NULL);
    bool first = true;
    for (size_t i = 0; i < offer->media_count; i++) {
        const SdpMedia *media = &offer->media[i];
        if (media != taken[0] && media != taken[1]) {
            write_refusal(sections, media);
            continue;
        }
        Section section = answer_section(media, local);
        section.carries_candidates = first;
        first = false;
        g_string_append_printf(group, " %s", media->mid);
        write_section(sections, &section, local, setup);
    }
    GString *text = g_string_new(NULL);
    write_session(text, local);
    if (offer->bundle) {
        line(text, "%s", group->str);
    }
    g_string_append_len(text, sections->str, (gssize)sections->len);
    return g_string_free(text, FALSE);
}

char *sdp_write_offer(const SdpLocal *local)
{
    const Section audio = {
        .kind = SDP_AUDIO,
        .mid = "0",
        .sends = local->sends_audio,
        .receives = local->receives_audio,
        .carries_candidates = true,
        .reduced_size_rtcp = true,
        .codec_type = OFFER_OPUS,
        .rtx_type = -1,
        .ext_mid = OFFER_EXT_MID,
        .ext_audio_level = OFFER_EXT_AUDIO_LEVEL,
        .ext_abs_send_time = OFFER_EXT_ABS_SEND_TIME,
        .ssrc = local->audio_ssrc,
    };
    const Section video = {
        .kind = SDP_VIDEO,
        .mid = "1",
        .sends = local->sends_video,
        .receives = local->receives_video,
        .reduced_size_rtcp = true,
        .codec_type = OFFER_VP8,
        .rtx_type = OFFER_RTX,
        .ext_mid = OFFER_EXT_MID,
        .ext_abs_send_time = OFFER_EXT_ABS_SEND_TIME,
        .ext_playout_delay = OFFER_EXT_PLAYOUT_DELAY,
        .nack = true,
        .pli = true,
        .fir = true,
        .remb = true,
        .ssrc = local->video_ssrc,
        .rtx_ssrc = local->video_rtx_ssrc,
    };
    GString *text = g_string_new(NULL);
    write_session(text, local);
    line(text, "a=group:BUNDLE 0 1");
    write_section(text, &audio, local, local->setup);
    write_section(text, &video, local, local->setup);
    return g_string_free(text, FALSE);
}

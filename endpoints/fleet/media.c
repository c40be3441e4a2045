#include "endpoints/fleet/media.h"

#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/rtc/dtls.h"
#include "bridge/rtc/ice_client.h"
#include "bridge/rtc/rtcp.h"
#include "bridge/rtc/rtp.h"
#include "bridge/rtc/sdp.h"
#include "bridge/rtc/srtp.h"
#include "bridge/rtc/stun.h"
#include "endpoints/fleet/audience.h"
#include "endpoints/fleet/performer.h"

#define FEEDBACK_US (20 * CLOCK_US_PER_MS)
#define REPORT_US CLOCK_US_PER_S
#define RTCP_BYTES_MAX 512

struct Media {
    MediaOptions options;
    MediaState state;
    char failure[160];
    char ufrag[STUN_UFRAG_CHARS + 1];
    char password[STUN_PASSWORD_CHARS + 1];
    uint32_t audio_ssrc;
    uint32_t video_ssrc;
    uint32_t rtx_ssrc;
    Line *line;
    uint32_t unread;
    IceClient *ice;
    Dtls *dtls;
    SrtpContext *srtp;
    Performer *performer;
    Audience *audience;
    int64_t heard_us;
    int64_t feedback_us;
    int64_t report_us;
};

static void on_datagram(const LineDatagram *datagram, void *data);
static void emit_rtp(uint8_t *bytes, size_t size, size_t capacity, void *data);
static void note_unread(Media *media);

static uint32_t random_ssrc(void)
{
    return g_random_int() | 1;
}

Media *media_new(const MediaOptions *options, GError **error)
{
    int64_t now_us = clock_now_us();
    Media *media = g_new0(Media, 1);
    media->options = *options;
    media->line = line_open(options->studio->board, on_datagram, media, error);
    if (media->line == NULL) {
        media_free(media);
        return NULL;
    }
    stun_make_credentials(media->ufrag, media->password);
    media->audio_ssrc = random_ssrc();
    media->video_ssrc = media->audio_ssrc + 2;
    media->rtx_ssrc = media->audio_ssrc + 4;
    media->performer = performer_new(
        &(PerformerOptions){
            .studio = options->studio,
            .site = options->site,
            .cname = options->cname,
            .audio_ssrc = media->audio_ssrc,
            .video_ssrc = media->video_ssrc,
            .rtx_ssrc = media->rtx_ssrc,
            .camera = options->camera,
            .emit = emit_rtp,
            .data = media,
        },
        now_us);
    /* Reports of many sites are spread over the second. */
    media->report_us = now_us + (int64_t)(g_random_double() * REPORT_US);
    return media;
}

void media_free(Media *media)
{
    if (media == NULL) {
        return;
    }
    if (media->line != NULL) {
        note_unread(media);
    }
    performer_free(media->performer);
    audience_free(media->audience);
    srtp_context_free(media->srtp);
    dtls_free(media->dtls);
    ice_client_free(media->ice);
    line_close(media->line);
    g_free(media);
}

void media_close(Media *media)
{
    if (media != NULL && media->dtls != NULL) {
        dtls_close(media->dtls);
    }
    media_free(media);
}

char *media_offer(Media *media)
{
    /* No candidates: the relay is a lite agent, it learns our address from our checks. */
    const SdpLocal local = {
        .ice_ufrag = media->ufrag,
        .ice_password = media->password,
        .fingerprint = dtls_identity_fingerprint(media->options.studio->identity),
        .setup = SDP_SETUP_ACTPASS,
        .cname = media->options.cname,
        .audio_ssrc = media->audio_ssrc,
        .video_ssrc = media->video_ssrc,
        .video_rtx_ssrc = media->rtx_ssrc,
        .sends_audio = true,
        .sends_video = true,
        .receives_audio = true,
        .receives_video = true,
    };
    return sdp_write_offer(&local);
}

static void fail(Media *media, const char *reason)
{
    media->state = MEDIA_FAILED;
    g_strlcpy(media->failure, reason, sizeof media->failure);
}

static void send_check(const SdpCandidate *candidate, const uint8_t *bytes, size_t size, void *data)
{
    Media *media = data;
    line_send_to(media->line, candidate, bytes, size);
}

static void send_record(const uint8_t *bytes, size_t size, void *data)
{
    Media *media = data;
    line_send(media->line, bytes, size);
}

static bool open_dtls(Media *media, const SdpSession *answer, Problem *problem)
{
    g_autoptr(GError) error = NULL;
    const DtlsOptions options = {
        .role = DTLS_ACTIVE,
        .fingerprint_hash = answer->fingerprint_hash,
        .fingerprint = answer->fingerprint,
        .send = send_record,
        .data = media,
    };
    media->dtls = dtls_new(media->options.studio->identity, &options, &error);
    return media->dtls != NULL || problem_set(problem, "bad_sdp", "sdp", "%s", error->message);
}

bool media_set_answer(Media *media, const char *sdp, Problem *problem)
{
    g_autofree SdpSession *answer = g_new0(SdpSession, 1);
    if (media->ice != NULL) {
        return problem_set(problem, "bad_sdp", "sdp", "a second answer");
    }
    if (!sdp_parse(sdp, strlen(sdp), answer, problem) || !open_dtls(media, answer, problem)) {
        return false;
    }
    const SdpMedia *audio = sdp_find_media(answer, SDP_AUDIO);
    const SdpMedia *video = sdp_find_media(answer, SDP_VIDEO);
    performer_accept(media->performer, audio, video);
    media->audience = audience_new(audio, video, media->options.tally);
    media->ice = ice_client_new(
        &(IceClientOptions){
            .local_ufrag = media->ufrag,
            .remote_ufrag = answer->ice_ufrag,
            .remote_password = answer->ice_password,
            .candidates = answer->candidates,
            .candidate_count = answer->candidate_count,
            .send = send_check,
            .data = media,
        },
        clock_now_us());
    return media->ice != NULL ||
           problem_set(problem, "bad_sdp", "sdp", "no candidate that could be reached");
}

void media_set_demand(Media *media, const Demand *demand)
{
    performer_set_demand(media->performer, demand);
}

void media_set_talking(Media *media, bool is_talking)
{
    performer_set_talking(media->performer, is_talking);
}

void media_set_muted(Media *media, bool is_muted)
{
    performer_set_muted(media->performer, is_muted);
}

void media_set_sink(Media *media, ViewerSink sink, void *data)
{
    if (media->audience != NULL) {
        audience_set_sink(media->audience, sink, data);
    }
}

static void emit_rtp(uint8_t *bytes, size_t size, size_t capacity, void *data)
{
    Media *media = data;
    TallySums *sums = &media->options.tally->sums;
    if (srtp_context_protect(media->srtp, bytes, &size, capacity) == SRTP_VERDICT_OK &&
        line_send(media->line, bytes, size)) {
        sums->packets_out++;
        sums->bytes_out += size;
    }
}

static void send_rtcp(Media *media, ByteWriter *writer)
{
    size_t size = byte_writer_size(writer);
    if (size > 0 &&
        srtp_context_protect_rtcp(media->srtp, writer->start, &size,
                                  RTCP_BYTES_MAX + SRTP_TRAILER_BYTES_MAX) == SRTP_VERDICT_OK) {
        line_send(media->line, writer->start, size);
    }
}

static void on_connected(Media *media, int64_t now_us)
{
    SrtpKeys keys = {0};
    g_autoptr(GError) error = NULL;
    if (dtls_get_keys(media->dtls, &keys)) {
        media->srtp = srtp_context_new(&keys, &error);
    }
    explicit_bzero(&keys, sizeof keys);
    if (media->srtp == NULL) {
        fail(media, "no keys");
        return;
    }
    media->state = MEDIA_CONNECTED;
    media->heard_us = now_us;
}

static void follow_dtls(Media *media, DtlsState state, int64_t now_us)
{
    if (state == DTLS_STATE_CONNECTED && media->srtp == NULL) {
        on_connected(media, now_us);
    } else if (state == DTLS_STATE_FAILED) {
        fail(media, dtls_failure(media->dtls));
    } else if (state == DTLS_STATE_CLOSED) {
        fail(media, "the relay said goodbye");
    }
}

static void follow_ice(Media *media, IceClientState state)
{
    if (state == ICE_CLIENT_FAILED) {
        fail(media, "no answer to connectivity checks");
    } else if (state == ICE_CLIENT_CONNECTED && dtls_deadline_us(media->dtls) < 0 &&
               dtls_state(media->dtls) == DTLS_STATE_HANDSHAKING) {
        if (line_connect(media->line, ice_client_selected(media->ice))) {
            dtls_start(media->dtls);
        } else {
            fail(media, "the relay's address cannot be reached");
        }
    }
}

static void on_rtcp_item(Media *media, const RtcpItem *item, int64_t now_us)
{
    switch (item->kind) {
    case RTCP_SENDER_INFO:
        audience_on_sender_info(media->audience, item, now_us);
        break;
    case RTCP_NACK:
        performer_on_nack(media->performer, item->media_ssrc, item->nack.packet_id, now_us);
        for (uint16_t bit = 0; bit < 16; bit++) {
            if ((item->nack.following_mask >> bit & 1) != 0) {
                performer_on_nack(media->performer, item->media_ssrc,
                                  (uint16_t)(item->nack.packet_id + bit + 1), now_us);
            }
        }
        break;
    case RTCP_PLI:
    case RTCP_FIR:
        performer_on_keyframe_request(media->performer, now_us);
        break;
    default:
        break;
    }
}

static bool take_rtcp(Media *media, uint8_t *bytes, size_t size, int64_t now_us)
{
    if (srtp_context_unprotect_rtcp(media->srtp, bytes, &size) != SRTP_VERDICT_OK) {
        return false;
    }
    RtcpReader reader = rtcp_reader(bytes, size);
    RtcpItem item;
    while (rtcp_next(&reader, &item)) {
        on_rtcp_item(media, &item, now_us);
    }
    return !reader.malformed;
}

static bool take_rtp(Media *media, uint8_t *bytes, size_t size, int64_t arrival_us)
{
    TallySums *sums = &media->options.tally->sums;
    RtpPacket packet;
    sums->packets_in++;
    sums->bytes_in += size;
    SrtpVerdict verdict = srtp_context_unprotect(media->srtp, bytes, &size);
    if (verdict == SRTP_VERDICT_REPLAYED) {
        sums->duplicates++;
        return true;
    }
    if (verdict != SRTP_VERDICT_OK || !rtp_parse(bytes, size, &packet)) {
        return false;
    }
    audience_on_rtp(media->audience, &packet, arrival_us);
    return true;
}

static void on_media(Media *media, const LineDatagram *datagram)
{
    /* Media may overtake the end of the handshake; it is no loss of the relay's making. */
    if (media->srtp == NULL) {
        return;
    }
    bool is_rtcp = rtp_is_rtcp(datagram->bytes, datagram->size);
    bool is_good = is_rtcp ? take_rtcp(media, datagram->bytes, datagram->size, datagram->arrival_us)
                           : take_rtp(media, datagram->bytes, datagram->size, datagram->arrival_us);
    if (is_good) {
        media->heard_us = MAX(media->heard_us, datagram->arrival_us);
    } else {
        media->options.tally->sums.rejected++;
    }
}

static void on_datagram(const LineDatagram *datagram, void *data)
{
    Media *media = data;
    if (media->state == MEDIA_FAILED || media->ice == NULL) {
        return;
    }
    if (rtp_is_packet(datagram->bytes, datagram->size)) {
        on_media(media, datagram);
    } else if (dtls_is_record(datagram->bytes, datagram->size)) {
        follow_dtls(media, dtls_receive(media->dtls, datagram->bytes, datagram->size),
                    datagram->arrival_us);
    } else if (stun_is_message(datagram->bytes, datagram->size)) {
        follow_ice(media, ice_client_receive(media->ice, datagram->bytes, datagram->size,
                                             datagram->arrival_us));
    } else {
        media->options.tally->sums.rejected++;
    }
}

static void run_timers(Media *media, int64_t now_us)
{
    int64_t ice_us = ice_client_deadline_us(media->ice);
    if (ice_us >= 0 && now_us >= ice_us) {
        follow_ice(media, ice_client_on_timer(media->ice, now_us));
    }
    if (media->state != MEDIA_CONNECTING) {
        return;
    }
    int64_t dtls_us = dtls_deadline_us(media->dtls);
    if (dtls_us >= 0 && now_us >= dtls_us) {
        follow_dtls(media, dtls_on_timer(media->dtls), now_us);
    }
}

static void send_feedback(Media *media, int64_t now_us)
{
    _Alignas(16) uint8_t bytes[RTCP_BYTES_MAX + SRTP_TRAILER_BYTES_MAX];
    ByteWriter writer = byte_writer(bytes, RTCP_BYTES_MAX);
    media->feedback_us = now_us + FEEDBACK_US;
    if (audience_write_feedback(media->audience, media->video_ssrc, now_us, &writer)) {
        send_rtcp(media, &writer);
    }
}

static void note_unread(Media *media)
{
    uint32_t unread = line_unread(media->line);
    media->options.tally->sums.unread += unread - media->unread;
    media->unread = unread;
}

static void send_report(Media *media, int64_t now_us)
{
    note_unread(media);
    _Alignas(16) uint8_t bytes[RTCP_BYTES_MAX + SRTP_TRAILER_BYTES_MAX];
    ByteWriter writer = byte_writer(bytes, RTCP_BYTES_MAX);
    RtcpReportBlock blocks[AUDIENCE_BLOCKS_MAX];
    media->report_us = now_us + REPORT_US;
    size_t count = audience_write_blocks(media->audience, now_us, blocks);
    rtcp_write_receiver_report(&writer, media->audio_ssrc, blocks, count);
    performer_report(media->performer, now_us, &writer);
    send_rtcp(media, &writer);
}

static void tick_connected(Media *media, int64_t now_us)
{
    performer_tick(media->performer, now_us);
    if (now_us >= media->feedback_us) {
        send_feedback(media, now_us);
    }
    if (now_us >= media->report_us) {
        send_report(media, now_us);
    }
    if (now_us - media->heard_us > MEDIA_SILENCE_US) {
        fail(media, "nothing received for 5 s");
    }
}

MediaState media_tick(Media *media, int64_t now_us)
{
    if (media->state == MEDIA_FAILED || media->ice == NULL) {
        return media->state;
    }
    run_timers(media, now_us);
    if (media->state == MEDIA_CONNECTED) {
        tick_connected(media, now_us);
    }
    return media->state;
}

MediaState media_state(const Media *media)
{
    return media->state;
}

const char *media_failure(const Media *media)
{
    return media->failure;
}

bool media_is_served(const Media *media)
{
    return media->state == MEDIA_CONNECTED && audience_is_served(media->audience);
}

#include "endpoints/fleet/performer.h"

#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/rtc/srtp.h"
#include "endpoints/device/sendstream.h"
#include "endpoints/fleet/clip.h"

#define SOUND_US (CLOCK_US_PER_S / CLIP_VOICE_FPS)
#define SOUND_TICKS (OUTGOING_AUDIO_HZ / CLIP_VOICE_FPS)
/* Opus in DTX sends one frame in 400 ms. */
#define DTX_FRAMES 20
/* Further behind than this nothing is made up for. */
#define LAG_MAX_US (200 * CLOCK_US_PER_MS)
#define KEYFRAME_SPACING_US (300 * CLOCK_US_PER_MS)
#define VP8_DESCRIPTOR_START 0x10
#define PACKET_BYTES (LIMIT_DATAGRAM_BYTES + SRTP_TRAILER_BYTES_MAX)

struct Performer {
    PerformerOptions options;
    int64_t began_us;

    SendStream *sound;
    int64_t sound_us; /* of the next frame; its time on the grid */
    size_t sound_at;  /* in the voice */
    unsigned silent_frames;
    bool is_talking;
    bool is_muted;

    SendStream *picture;
    Demand demand;
    const Clip *clip;
    unsigned clip_revision;
    size_t picture_at;
    int64_t picture_us;
    int64_t keyframe_us;
    bool is_keyframe_wanted;
};

Performer *performer_new(const PerformerOptions *options, int64_t now_us)
{
    Performer *performer = g_new0(Performer, 1);
    performer->options = *options;
    performer->began_us = now_us;
    performer->sound = send_stream_new(&(SendStreamOptions){
        .ssrc = options->audio_ssrc, .clock_hz = OUTGOING_AUDIO_HZ, .cname = options->cname});
    performer->picture = send_stream_new(&(SendStreamOptions){
        .ssrc = options->video_ssrc,
        .rtx_ssrc = options->rtx_ssrc,
        .clock_hz = OUTGOING_VIDEO_HZ,
        .cname = options->cname,
    });
    /* Sites are not in step with each other, neither in time nor in what they say and show. */
    performer->sound_us = now_us + (int64_t)(options->site * 1700 % SOUND_US);
    performer->sound_at = options->site * 131;
    performer->picture_at = options->site * 37;
    return performer;
}

void performer_free(Performer *performer)
{
    if (performer != NULL) {
        send_stream_free(performer->sound);
        send_stream_free(performer->picture);
        g_free(performer);
    }
}

void performer_accept(Performer *performer, const SdpMedia *audio, const SdpMedia *video)
{
    if (audio != NULL) {
        send_stream_accept(performer->sound, audio);
    }
    if (video != NULL) {
        send_stream_accept(performer->picture, video);
    }
}

static void choose_clip(Performer *performer)
{
    Shelf *shelf = performer->options.studio->shelf;
    const Clip *clip = shelf_find(shelf, performer->options.site, &performer->demand);
    performer->clip_revision = shelf_revision(shelf);
    if (clip != performer->clip) {
        performer->clip = clip;
        performer->is_keyframe_wanted = true;
        performer->keyframe_us = 0;
    }
}

void performer_set_demand(Performer *performer, const Demand *demand)
{
    performer->demand = *demand;
    if (performer->options.camera != NULL) {
        camera_set_demand(performer->options.camera, demand);
        return;
    }
    if (demand_is_off(demand)) {
        performer->clip = NULL;
        return;
    }
    performer->picture_us = MAX(performer->picture_us, clock_now_us());
    choose_clip(performer);
}

void performer_set_talking(Performer *performer, bool is_talking)
{
    performer->is_talking = is_talking;
}

void performer_set_muted(Performer *performer, bool is_muted)
{
    performer->is_muted = is_muted;
}

static void emit(Performer *performer, SendStream *stream, const Outgoing *outgoing, int64_t now_us)
{
    _Alignas(16) uint8_t bytes[PACKET_BYTES];
    ByteWriter writer = byte_writer(bytes, LIMIT_DATAGRAM_BYTES);
    size_t size = send_stream_write(stream, outgoing, now_us, &writer);
    if (size > 0) {
        performer->options.emit(bytes, size, sizeof bytes, performer->options.data);
    }
}

static const ClipFrame *next_sound(Performer *performer)
{
    const Studio *studio = performer->options.studio;
    if (performer->is_talking && !performer->is_muted) {
        const Clip *voice = speech_voice(studio->speech, performer->options.site);
        performer->silent_frames = 0;
        return clip_frame(voice, performer->sound_at++);
    }
    bool is_due = studio->sends_silence || performer->silent_frames % DTX_FRAMES == 0;
    performer->silent_frames++;
    return is_due && !performer->is_muted ? speech_silence(studio->speech) : NULL;
}

static void send_sound(Performer *performer, int64_t now_us)
{
    const ClipFrame *frame = next_sound(performer);
    int64_t index = (performer->sound_us - performer->began_us) / SOUND_US;
    Outgoing outgoing = {
        .kind = OUTGOING_AUDIO,
        .rtp_timestamp = (uint32_t)(index * SOUND_TICKS),
        .captured_us = performer->sound_us,
    };
    if (frame != NULL && frame->size <= OUTGOING_PAYLOAD_BYTES) {
        outgoing.level = frame->level;
        outgoing.size = (uint16_t)frame->size;
        memcpy(outgoing.payload, frame->bytes, frame->size);
        emit(performer, performer->sound, &outgoing, now_us);
    }
    performer->sound_us += SOUND_US;
}

/* RFC 7741: a one-byte descriptor before each piece, all pieces about the same size. */
static void send_frame(Performer *performer, const ClipFrame *frame, int64_t now_us)
{
    size_t pieces = (frame->size + OUTGOING_PAYLOAD_BYTES - 2) / (OUTGOING_PAYLOAD_BYTES - 1);
    int64_t since_us = performer->picture_us - performer->began_us;
    Outgoing outgoing = {
        .kind = OUTGOING_VIDEO,
        .rtp_timestamp = (uint32_t)(since_us * (OUTGOING_VIDEO_HZ / 1000) / CLOCK_US_PER_MS),
        .captured_us = performer->picture_us,
    };
    size_t at = 0;
    for (size_t piece = 0; piece < pieces; piece++) {
        size_t size = (frame->size - at + pieces - piece - 1) / (pieces - piece);
        outgoing.marker = piece + 1 == pieces;
        outgoing.size = (uint16_t)(size + 1);
        outgoing.payload[0] = piece == 0 ? VP8_DESCRIPTOR_START : 0;
        memcpy(outgoing.payload + 1, frame->bytes + at, size);
        emit(performer, performer->picture, &outgoing, now_us);
        at += size;
    }
}

static void send_picture(Performer *performer, int64_t now_us)
{
    if (performer->is_keyframe_wanted && now_us - performer->keyframe_us >= KEYFRAME_SPACING_US) {
        performer->picture_at = clip_next_keyframe(performer->clip, performer->picture_at);
    }
    const ClipFrame *frame = clip_frame(performer->clip, performer->picture_at++);
    if (frame->is_keyframe) {
        performer->is_keyframe_wanted = false;
        performer->keyframe_us = now_us;
    }
    send_frame(performer, frame, now_us);
    performer->picture_us += CLOCK_US_PER_S / clip_shape(performer->clip)->fps;
}

/* After a stall the grid goes on from where it would be. */
static int64_t catch_up(int64_t due_us, int64_t period_us, int64_t now_us)
{
    int64_t behind_us = now_us - due_us;
    return behind_us > LAG_MAX_US ? due_us + behind_us / period_us * period_us : due_us;
}

static void send_from_camera(Performer *performer, int64_t now_us)
{
    Outgoing outgoing;
    camera_tick(performer->options.camera, now_us);
    while (camera_take(performer->options.camera, now_us, &outgoing)) {
        emit(performer, performer->picture, &outgoing, now_us);
    }
}

static void send_from_film(Performer *performer, int64_t now_us)
{
    if (performer->clip_revision != shelf_revision(performer->options.studio->shelf)) {
        choose_clip(performer);
    }
    performer->picture_us = catch_up(performer->picture_us, 1, now_us);
    while (performer->clip != NULL && performer->picture_us <= now_us) {
        send_picture(performer, now_us);
    }
}

void performer_tick(Performer *performer, int64_t now_us)
{
    performer->sound_us = catch_up(performer->sound_us, SOUND_US, now_us);
    while (performer->sound_us <= now_us && send_stream_is_accepted(performer->sound)) {
        send_sound(performer, now_us);
    }
    if (demand_is_off(&performer->demand) || !send_stream_is_accepted(performer->picture)) {
        return;
    }
    if (performer->options.camera != NULL) {
        send_from_camera(performer, now_us);
    } else {
        send_from_film(performer, now_us);
    }
}

void performer_on_nack(Performer *performer, uint32_t ssrc, uint16_t seq, int64_t now_us)
{
    if (ssrc != performer->options.video_ssrc) {
        return;
    }
    _Alignas(16) uint8_t bytes[PACKET_BYTES];
    ByteWriter writer = byte_writer(bytes, LIMIT_DATAGRAM_BYTES);
    size_t size = send_stream_resend(performer->picture, seq, now_us, &writer);
    if (size > 0) {
        performer->options.emit(bytes, size, sizeof bytes, performer->options.data);
    }
}

void performer_on_keyframe_request(Performer *performer, int64_t now_us)
{
    if (performer->options.camera != NULL) {
        camera_request_keyframe(performer->options.camera);
    }
    performer->is_keyframe_wanted = true;
}

void performer_report(Performer *performer, int64_t now_us, ByteWriter *writer)
{
    send_stream_report(performer->sound, now_us, writer);
    send_stream_report(performer->picture, now_us, writer);
}

#include "endpoints/fleet/audience.h"

#include <glib.h>

#include "bridge/rtc/reception.h"
#include "endpoints/fleet/continuity.h"

#define SOUND_HZ 48000
#define PICTURE_HZ 90000
#define NACKS_MAX 64
#define RTX_PREFIX_BYTES 2

typedef struct Stream {
    uint32_t ssrc; /* 0: none */
    uint32_t rtx_ssrc;
    Continuity continuity;
    Reception reception;
} Stream;

struct Audience {
    Tally *tally;
    Stream sound;
    Stream picture;
    Viewer *viewer;
    uint64_t sounds_before;
    uint64_t frames_before;
};

Audience *audience_new(const SdpMedia *audio, const SdpMedia *video, Tally *tally)
{
    Audience *audience = g_new0(Audience, 1);
    audience->tally = tally;
    audience->sound.ssrc = audio != NULL ? audio->ssrc : 0;
    audience->picture.ssrc = video != NULL ? video->ssrc : 0;
    audience->picture.rtx_ssrc = video != NULL ? video->rtx_ssrc : 0;
    audience->viewer = viewer_new(tally);
    audience->sounds_before = tally->sums.sounds;
    audience->frames_before = tally->sums.frames;
    return audience;
}

void audience_free(Audience *audience)
{
    if (audience != NULL) {
        viewer_free(audience->viewer);
        g_free(audience);
    }
}

/* True unless the packet has come before. */
static bool note(Audience *audience, Stream *stream, uint16_t seq, bool is_repair,
                 uint64_t *ret_index)
{
    TallySums *sums = &audience->tally->sums;
    uint64_t expected = 0;
    ContinuityVerdict verdict = continuity_note(&stream->continuity, seq, ret_index, &expected);
    sums->expected += expected;
    if (verdict == CONTINUITY_DUPLICATE) {
        sums->duplicates++;
        return false;
    }
    if (is_repair) {
        sums->repaired++;
    } else {
        sums->received++;
    }
    return true;
}

static void on_sound(Audience *audience, const RtpPacket *packet, int64_t arrival_us)
{
    uint64_t index = 0;
    reception_on_packet(&audience->sound.reception, packet, SOUND_HZ, arrival_us);
    if (note(audience, &audience->sound, packet->seq, false, &index)) {
        tally_on_sound(audience->tally, arrival_us);
    }
}

static void on_picture(Audience *audience, const RtpPacket *packet, int64_t arrival_us)
{
    uint64_t index = 0;
    reception_on_packet(&audience->picture.reception, packet, PICTURE_HZ, arrival_us);
    if (note(audience, &audience->picture, packet->seq, false, &index)) {
        viewer_add(audience->viewer, packet, index, arrival_us);
    }
}

/* RFC 4588 section 4: the number of the original, then its payload. */
static void on_repair(Audience *audience, const RtpPacket *packet, int64_t arrival_us)
{
    if (packet->payload_size <= RTX_PREFIX_BYTES || !audience->picture.continuity.is_started) {
        return;
    }
    RtpPacket original = *packet;
    original.seq = (uint16_t)(packet->payload[0] << 8 | packet->payload[1]);
    original.payload += RTX_PREFIX_BYTES;
    original.payload_size -= RTX_PREFIX_BYTES;
    uint64_t index = 0;
    if (note(audience, &audience->picture, original.seq, true, &index)) {
        viewer_add(audience->viewer, &original, index, arrival_us);
    }
}

void audience_on_rtp(Audience *audience, const RtpPacket *packet, int64_t arrival_us)
{
    if (packet->ssrc == 0) {
        audience->tally->sums.rejected++;
    } else if (packet->ssrc == audience->sound.ssrc) {
        on_sound(audience, packet, arrival_us);
    } else if (packet->ssrc == audience->picture.ssrc) {
        on_picture(audience, packet, arrival_us);
    } else if (packet->ssrc == audience->picture.rtx_ssrc) {
        on_repair(audience, packet, arrival_us);
    } else {
        audience->tally->sums.rejected++;
    }
}

void audience_on_sender_info(Audience *audience, const RtcpItem *item, int64_t now_us)
{
    Stream *streams[] = {&audience->sound, &audience->picture};
    for (size_t i = 0; i < G_N_ELEMENTS(streams); i++) {
        if (streams[i]->ssrc == item->sender_ssrc) {
            reception_on_sender_report(&streams[i]->reception, item->sender_info.ntp, now_us);
        }
    }
}

bool audience_is_served(const Audience *audience)
{
    const TallySums *sums = &audience->tally->sums;
    return sums->frames > audience->frames_before && sums->sounds > audience->sounds_before;
}

bool audience_write_feedback(Audience *audience, uint32_t sender_ssrc, int64_t now_us,
                             ByteWriter *writer)
{
    uint16_t seqs[NACKS_MAX];
    size_t count = viewer_take_nacks(audience->viewer, now_us, seqs, NACKS_MAX);
    uint32_t ssrc = audience->picture.ssrc;
    bool has_written = count > 0 && rtcp_write_nack(writer, sender_ssrc, ssrc, seqs, count);
    if (ssrc != 0 && viewer_take_pli(audience->viewer, now_us)) {
        has_written |= rtcp_write_pli(writer, sender_ssrc, ssrc);
    }
    return has_written;
}

size_t audience_write_blocks(Audience *audience, int64_t now_us,
                             RtcpReportBlock ret_blocks[AUDIENCE_BLOCKS_MAX])
{
    Stream *streams[] = {&audience->sound, &audience->picture};
    size_t count = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(streams); i++) {
        if (streams[i]->continuity.is_started) {
            reception_write_report(&streams[i]->reception, streams[i]->ssrc, now_us,
                                   &ret_blocks[count++]);
        }
    }
    return count;
}

void audience_set_sink(Audience *audience, ViewerSink sink, void *data)
{
    viewer_set_sink(audience->viewer, sink, data);
}

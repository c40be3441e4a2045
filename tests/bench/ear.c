#include "tests/bench/ear.h"

#include <glib.h>

#include "bridge/rtc/rtcp.h"
#include "bridge/rtc/rtp.h"
#include "tests/bench/reel.h"

#define STREAMS 2
#define ESTIMATE_BPS UINT64_C(10000000)

void ear_init(Ear *ear, int sound_type, int picture_type)
{
    *ear = (Ear){
        .sound = {.payload_type = sound_type, .clock_hz = REEL_SOUND.clock_hz},
        .picture = {.payload_type = picture_type, .clock_hz = REEL_PICTURE.clock_hz},
    };
}

static EarStream *find_stream(Ear *ear, uint8_t payload_type)
{
    return payload_type == ear->sound.payload_type     ? &ear->sound
           : payload_type == ear->picture.payload_type ? &ear->picture
                                                       : NULL;
}

void ear_take_rtp(Ear *ear, SrtpContext *srtp, uint8_t *bytes, size_t size, int64_t arrival_us)
{
    RtpPacket packet;
    EarStream *stream =
        rtp_parse(bytes, size, &packet) ? find_stream(ear, packet.payload_type) : NULL;
    if (stream == NULL) {
        return;
    }
    stream->ssrc = packet.ssrc;
    reception_on_packet(&stream->reception, &packet, stream->clock_hz, arrival_us);
    ear->bytes += size;
    if (packet.seq % EAR_SAMPLE == 0) {
        bool is_good = srtp_context_unprotect(srtp, bytes, &size) == SRTP_VERDICT_OK;
        ear->decrypted += is_good;
        ear->rejected += !is_good;
    }
}

void ear_take_rtcp(Ear *ear, const uint8_t *bytes, size_t size, int64_t arrival_us)
{
    EarStream *streams[STREAMS] = {&ear->sound, &ear->picture};
    RtcpReader reader = rtcp_reader(bytes, size);
    RtcpItem item;
    while (rtcp_next(&reader, &item)) {
        for (size_t i = 0; i < STREAMS && item.kind == RTCP_SENDER_INFO; i++) {
            if (streams[i]->ssrc == item.sender_ssrc) {
                reception_on_sender_report(&streams[i]->reception, item.sender_info.ntp,
                                           arrival_us);
            }
        }
    }
}

void ear_write_report(Ear *ear, uint32_t ssrc, int64_t now_us, ByteWriter *writer)
{
    EarStream *streams[STREAMS] = {&ear->sound, &ear->picture};
    RtcpReportBlock blocks[STREAMS];
    size_t count = 0;
    for (size_t i = 0; i < STREAMS; i++) {
        if (streams[i]->reception.received > 0) {
            reception_write_report(&streams[i]->reception, streams[i]->ssrc, now_us,
                                   &blocks[count++]);
        }
    }
    rtcp_write_receiver_report(writer, ssrc, blocks, count);
    if (ear->picture.ssrc != 0) {
        rtcp_write_remb(writer, ssrc, ESTIMATE_BPS, &ear->picture.ssrc, 1);
    }
}

static bool has_come(const EarStream *stream)
{
    return stream->payload_type < 0 || stream->reception.received > 0;
}

bool ear_has_heard_all(const Ear *ear)
{
    return has_come(&ear->sound) && has_come(&ear->picture);
}

static void add_stream(EarCounts *counts, const Reception *reception)
{
    if (reception->received > 0) {
        counts->expected += reception->unwrapper.highest - reception->first + 1;
        counts->received += reception->received;
    }
}

EarCounts ear_counts(const Ear *ear)
{
    EarCounts counts = {
        .bytes = ear->bytes,
        .decrypted = ear->decrypted,
        .rejected = ear->rejected,
    };
    add_stream(&counts, &ear->sound.reception);
    add_stream(&counts, &ear->picture.reception);
    return counts;
}

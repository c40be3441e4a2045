#include "bridge/mixer/soundline.h"

#include <glib.h>
#include <opus/opus.h>
#include <string.h>

#include "bridge/base/bytes.h"
#include "bridge/base/medialink.h"

#define CLOCK_HZ 48000
#define BITRATE_BPS 32000
#define EXPECTED_LOSS_PCT 5
/* 1 % of a core a line; 10 costs twice as much for a difference that is hard to hear in speech. */
#define COMPLEXITY 5
#define RTP_VERSION_2 0x80
#define RTP_HEADER_BYTES 12

struct SoundLine {
    uint32_t source;
    SoundLimiter limiter;
    OpusEncoder *encoder;
};

/* VOIP keeps to the modes of Opus that carry in-band FEC, which AUDIO leaves for anything that does
 * not look like speech. Even so, at 32 kbit/s libopus pays for FEC only when the bandwidth ends at
 * 12 kHz. No DTX: a steady stream keeps the receivers' clocks running. */
static OpusEncoder *new_encoder(void)
{
    int error = OPUS_OK;
    OpusEncoder *encoder = opus_encoder_create(CLOCK_HZ, 1, OPUS_APPLICATION_VOIP, &error);
    if (error != OPUS_OK) {
        g_error("sound: opus encoder: %s", opus_strerror(error));
    }
    opus_encoder_ctl(encoder, OPUS_SET_BITRATE(BITRATE_BPS));
    opus_encoder_ctl(encoder, OPUS_SET_VBR(1));
    opus_encoder_ctl(encoder, OPUS_SET_VBR_CONSTRAINT(1));
    opus_encoder_ctl(encoder, OPUS_SET_MAX_BANDWIDTH(OPUS_BANDWIDTH_SUPERWIDEBAND));
    opus_encoder_ctl(encoder, OPUS_SET_INBAND_FEC(1));
    opus_encoder_ctl(encoder, OPUS_SET_PACKET_LOSS_PERC(EXPECTED_LOSS_PCT));
    opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(COMPLEXITY));
    opus_encoder_ctl(encoder, OPUS_SET_DTX(0));
    return encoder;
}

SoundLine *sound_line_new(void)
{
    SoundLine *line = g_new0(SoundLine, 1);
    line->encoder = new_encoder();
    sound_limiter_init(&line->limiter);
    return line;
}

void sound_line_free(SoundLine *line)
{
    if (line == NULL) {
        return;
    }
    opus_encoder_destroy(line->encoder);
    g_free(line);
}

void sound_line_start(SoundLine *line, uint32_t source, const SoundLine *common)
{
    line->source = source;
    line->limiter = common->limiter;
    /* opus.h: "only a shallow copy is sufficient to copy" an encoder's state. */
    memcpy(line->encoder, common->encoder, (size_t)opus_encoder_get_size(1));
}

size_t sound_line_write(SoundLine *line, const int32_t mix[SOUND_LINE_MIX], SoundStamp stamp,
                        uint8_t ret_rtp[LIMIT_RTP_BYTES])
{
    int16_t pcm[SOUND_LINE_SAMPLES];
    sound_limiter_run(&line->limiter, mix, pcm);
    ByteWriter writer = byte_writer(ret_rtp, LIMIT_RTP_BYTES);
    write_u8(&writer, RTP_VERSION_2);
    write_u8(&writer, MEDIALINK_OPUS_PAYLOAD_TYPE);
    write_u16(&writer, stamp.seq);
    write_u32(&writer, stamp.rtp_ts);
    write_u32(&writer, line->source);
    int size = opus_encode(line->encoder, pcm, SOUND_LINE_SAMPLES, writer.at,
                           LIMIT_RTP_BYTES - RTP_HEADER_BYTES);
    return RTP_HEADER_BYTES + (size_t)MAX(size, 0);
}

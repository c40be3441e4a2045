#include "bridge/mixer/soundline.h"

#include <criterion/criterion.h>

#include "tests/unit/mixer/test_sound_support.h"

/* A few voices' worth of sound: three tones that come and go. */
static void make_mix(int32_t mix[SOUND_LINE_MIX], int tick)
{
    for (int i = 0; i < SOUND_LINE_MIX; i++) {
        double t = (double)(tick * 960 + i) / RATE;
        double loud = 6000 * (0.5 + 0.5 * sin(2 * M_PI * 3 * t));
        mix[i] = (int32_t)lrint(
            loud * (sin(2 * M_PI * 220 * t) + sin(2 * M_PI * 1300 * t) + sin(2 * M_PI * 5100 * t)));
    }
}

static size_t write_tick(SoundLine *line, int tick, uint8_t rtp[LIMIT_RTP_BYTES])
{
    int32_t mix[SOUND_LINE_MIX];
    make_mix(mix, tick);
    return sound_line_write(line, mix, (SoundStamp){.seq = (uint16_t)tick, .rtp_ts = 9}, rtp);
}

Test(soundline, writes_the_rtp_header_of_its_source)
{
    SoundLine *common = sound_line_new();
    SoundLine *line = sound_line_new();
    uint8_t rtp[LIMIT_RTP_BYTES];
    sound_line_start(line, 0x01020304, common);
    size_t size = write_tick(line, 0x1234, rtp);
    const uint8_t expected[] = {0x80, 111, 0x12, 0x34, 0, 0, 0, 9, 1, 2, 3, 4};
    cr_assert_gt(size, 12);
    cr_expect_arr_eq(rtp, expected, sizeof expected);
    cr_expect_eq(opus_packet_get_nb_samples(rtp + 12, (opus_int32)size - 12, RATE), 960);
    sound_line_free(line);
    sound_line_free(common);
}

Test(soundline, starts_as_a_twin_of_the_common_line_whatever_it_did_before)
{
    SoundLine *common = sound_line_new();
    SoundLine *line = sound_line_new();
    uint8_t rtp[LIMIT_RTP_BYTES];
    uint8_t twin[LIMIT_RTP_BYTES];
    for (int tick = 0; tick < 50; tick++) {
        write_tick(line, 1000 - tick, rtp);
        write_tick(common, tick, rtp);
    }
    sound_line_start(line, 0, common);
    for (int tick = 50; tick < 100; tick++) {
        size_t size = write_tick(common, tick, rtp);
        cr_assert_eq(write_tick(line, tick, twin), size);
        cr_assert_arr_eq(rtp, twin, size);
    }
    sound_line_free(line);
    sound_line_free(common);
}

Test(soundline, keeps_to_its_bitrate)
{
    SoundLine *line = sound_line_new();
    uint8_t rtp[LIMIT_RTP_BYTES];
    size_t total = 0;
    size_t largest = 0;
    for (int tick = 0; tick < 500; tick++) {
        size_t size = write_tick(line, tick, rtp) - 12;
        total += size;
        largest = MAX(largest, size);
    }
    double kbps = (double)total * 8 / 10 / 1000;
    cr_expect(kbps > 20 && kbps < 38, "%.1f kbit/s", kbps);
    cr_expect_leq(largest, 250);
    sound_line_free(line);
}

Test(soundline, carries_in_band_fec_of_the_frame_before)
{
    SoundLine *line = sound_line_new();
    uint8_t rtp[LIMIT_RTP_BYTES];
    int with_fec = 0;
    for (int tick = 0; tick < 500; tick++) {
        write_tick(line, tick, rtp);
        /* RFC 6716: below 16 the mode has a SILK layer (section 3.1), whose first bits are, for one
         * mono frame, voice activity and then the LBRR flag (section 4.2.3). */
        bool has_silk = rtp[12] >> 3 < 16;
        with_fec += has_silk && (rtp[13] & 0x40) != 0;
    }
    cr_expect_geq(with_fec, 300, "%d of 500", with_fec);
    sound_line_free(line);
}

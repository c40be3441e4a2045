#include "bridge/mixer/voicebuffer.h"

#include <criterion/criterion.h>
#include <glib.h>

static VoiceBufferVerdict put(VoiceBuffer *buffer, int64_t seq)
{
    uint8_t byte = (uint8_t)seq;
    VoiceFrameHeader header = {.seq = seq, .rtp_ts = seq * 960, .samples = 960};
    return voice_buffer_put(buffer, &header, &byte, 1);
}

static VoiceBuffer *buffer_from(int64_t seq)
{
    VoiceBuffer *buffer = g_new0(VoiceBuffer, 1);
    voice_buffer_reset(buffer, seq);
    return buffer;
}

static int64_t take(VoiceBuffer *buffer)
{
    const VoiceFrame *frame = voice_buffer_first(buffer);
    cr_assert_not_null(frame);
    int64_t seq = frame->seq;
    cr_expect_eq(frame->rtp_ts, seq * 960);
    cr_expect_eq(frame->bytes[0], (uint8_t)seq);
    voice_buffer_drop_first(buffer);
    return seq;
}

Test(voicebuffer, gives_frames_back_in_order_of_their_numbers)
{
    g_autofree VoiceBuffer *buffer = buffer_from(10);
    const int64_t order[] = {12, 10, 14, 11, 13};
    for (size_t i = 0; i < 5; i++) {
        cr_expect_eq(put(buffer, order[i]), VOICE_BUFFER_TAKEN);
    }
    for (int64_t seq = 10; seq < 15; seq++) {
        cr_expect_eq(take(buffer), seq);
    }
    cr_expect_null(voice_buffer_first(buffer));
}

Test(voicebuffer, skips_what_is_missing)
{
    g_autofree VoiceBuffer *buffer = buffer_from(10);
    put(buffer, 13);
    put(buffer, 40);
    cr_expect_eq(take(buffer), 13);
    cr_expect_eq(take(buffer), 40);
}

Test(voicebuffer, refuses_a_duplicate)
{
    g_autofree VoiceBuffer *buffer = buffer_from(10);
    put(buffer, 11);
    cr_expect_eq(put(buffer, 11), VOICE_BUFFER_DUPLICATE);
    cr_expect_eq(buffer->count, 1);
}

Test(voicebuffer, refuses_what_lies_before_the_last_that_was_dropped)
{
    g_autofree VoiceBuffer *buffer = buffer_from(10);
    cr_expect_eq(put(buffer, 9), VOICE_BUFFER_LATE);
    put(buffer, 12);
    cr_expect_eq(take(buffer), 12);
    cr_expect_eq(put(buffer, 11), VOICE_BUFFER_LATE);
    cr_expect_eq(put(buffer, 12), VOICE_BUFFER_LATE);
    cr_expect_eq(put(buffer, 13), VOICE_BUFFER_TAKEN);
}

Test(voicebuffer, throws_the_oldest_away_when_it_is_full)
{
    g_autofree VoiceBuffer *buffer = buffer_from(0);
    for (int64_t seq = 0; seq < LIMIT_VOICE_PACKETS; seq++) {
        cr_expect_eq(put(buffer, seq), VOICE_BUFFER_TAKEN);
    }
    cr_expect_eq(put(buffer, LIMIT_VOICE_PACKETS + 1), VOICE_BUFFER_OVERFLOW);
    cr_expect_eq(buffer->count, LIMIT_VOICE_PACKETS - 1);
    cr_expect_eq(take(buffer), 2);
}

Test(voicebuffer, outlives_a_leap_over_all_it_can_hold)
{
    g_autofree VoiceBuffer *buffer = buffer_from(0);
    put(buffer, 0);
    put(buffer, 1);
    cr_expect_eq(put(buffer, 2000), VOICE_BUFFER_OVERFLOW);
    cr_expect_eq(buffer->count, 1);
    cr_expect_eq(put(buffer, 100), VOICE_BUFFER_LATE);
    cr_expect_eq(take(buffer), 2000);
}

Test(voicebuffer, works_below_zero_as_well)
{
    g_autofree VoiceBuffer *buffer = buffer_from(-3);
    for (int64_t seq = -3; seq < 3; seq++) {
        cr_expect_eq(put(buffer, seq), VOICE_BUFFER_TAKEN);
    }
    cr_expect_eq(take(buffer), -3);
}

Test(voicebuffer, is_empty_after_a_reset)
{
    g_autofree VoiceBuffer *buffer = buffer_from(0);
    put(buffer, 5);
    voice_buffer_reset(buffer, 100);
    cr_expect_null(voice_buffer_first(buffer));
    cr_expect_eq(put(buffer, 5), VOICE_BUFFER_LATE);
    cr_expect_eq(put(buffer, 100), VOICE_BUFFER_TAKEN);
    voice_buffer_drop_first(buffer);
    voice_buffer_drop_first(buffer);
    cr_expect_eq(buffer->count, 0);
}

#include "bridge/mixer/soundmix.h"

#include <criterion/criterion.h>
#include <malloc.h>

#include "bridge/base/limits.h"
#include "tests/unit/mixer/test_sound_support.h"

#define EARS 4
#define HEARD_MAX (RATE * 20)

/* Decodes one of the mixes, as a site would. */
typedef struct Ear {
    uint32_t source;
    OpusDecoder *decoder;
    int16_t *pcm;
    size_t count;
    uint64_t packets;
    uint16_t seq;
    uint32_t rtp_ts;
} Ear;

typedef struct Room {
    SoundMix *mix;
    int64_t now_us;
    Ear ears[EARS];
    size_t ear_count;
    uint64_t packets;
    uint32_t last_source;
} Room;

static void hear(Ear *ear, const uint8_t *rtp, size_t size)
{
    ByteReader reader = byte_reader(rtp, size);
    read_u16(&reader);
    ear->seq = read_u16(&reader);
    ear->rtp_ts = read_u32(&reader);
    ear->packets++;
    if (ear->count + 960 <= HEARD_MAX) {
        int made = opus_decode(ear->decoder, rtp + 12, (opus_int32)size - 12, ear->pcm + ear->count,
                               960, 0);
        cr_assert_eq(made, 960);
        ear->count += 960;
    }
}

static void on_send(uint32_t source, const uint8_t *rtp, size_t size, int64_t time_us, void *data)
{
    Room *room = data;
    cr_assert_eq(time_us, room->now_us);
    room->packets++;
    room->last_source = source;
    for (size_t i = 0; i < room->ear_count; i++) {
        if (room->ears[i].source == source) {
            hear(&room->ears[i], rtp, size);
        }
    }
}

static Room *room_new(void)
{
    Room *room = g_new0(Room, 1);
    room->mix = soundmix_new(&(SoundOptions){.send = on_send, .data = room});
    room->now_us = 50000000;
    return room;
}

static Ear *room_add_ear(Room *room, uint32_t source)
{
    Ear *ear = &room->ears[room->ear_count++];
    ear->source = source;
    ear->decoder = opus_decoder_create(RATE, 1, NULL);
    ear->pcm = g_new0(int16_t, HEARD_MAX);
    return ear;
}

static void room_free(Room *room)
{
    for (size_t i = 0; i < room->ear_count; i++) {
        opus_decoder_destroy(room->ears[i].decoder);
        g_free(room->ears[i].pcm);
    }
    soundmix_free(room->mix);
    g_free(room);
}

static void room_say(Room *room, uint32_t source, Talker *talker)
{
    uint8_t rtp[RTP_MAX];
    size_t size = talker_write(talker, rtp);
    soundmix_push(room->mix, source, rtp, size, room->now_us);
}

static void room_tick(Room *room)
{
    room->now_us += SOUNDMIX_TICK_US;
    soundmix_tick(room->mix, room->now_us);
}

/* The last `seconds` of what an ear heard. */
static const int16_t *ear_tail(const Ear *ear, size_t seconds)
{
    cr_assert_geq(ear->count, seconds * RATE);
    return ear->pcm + ear->count - seconds * RATE;
}

/* All but the first second: the longer, the less of the noise of coding falls into the tone. */
static double ear_tone(const Ear *ear, double hz)
{
    cr_assert_gt(ear->count, 2 * RATE);
    return tone_level(ear->pcm + RATE, ear->count - RATE, hz);
}

Test(soundmix, gives_each_speaker_all_others_and_listeners_everybody)
{
    /* Not in step with each other, or the codec's noise repeats itself at just these tones. */
    const double hz[] = {403, 701, 1117};
    Room *room = room_new();
    Talker talkers[] = {talker_of(hz[0], 6000), talker_of(hz[1], 6000), talker_of(hz[2], 6000)};
    Ear *common = room_add_ear(room, 0);
    Ear *own[] = {room_add_ear(room, 1), room_add_ear(room, 2), room_add_ear(room, 3)};
    for (int tick = 0; tick < HEARD_MAX / 960; tick++) {
        for (uint32_t i = 0; i < 3; i++) {
            room_say(room, i + 1, &talkers[i]);
        }
        room_tick(room);
        cr_assert_eq(room->last_source, 0, "the common mix goes last");
    }
    for (int i = 0; i < 3; i++) {
        double reference = ear_tone(common, hz[i]);
        cr_expect_float_eq(decibel(reference, 6000), 0, 1.5, "common %g Hz: %.2f dB", hz[i],
                           decibel(reference, 6000));
        for (int of = 0; of < 3; of++) {
            double level = decibel(ear_tone(own[of], hz[i]), reference);
            if (of == i) {
                cr_expect_leq(level, -60, "speaker hears itself: %.1f dB", level);
            } else {
                cr_expect_float_eq(level, 0, 1.5, "other tone: %.2f dB", level);
            }
            if (g_getenv("VERBOSE")) {
                cr_log_warn("mix without %d, %g Hz: %.2f dB", of + 1, hz[i], level);
            }
        }
    }
    for (int i = 0; i < 3; i++) {
        talker_clear(&talkers[i]);
    }
    room_free(room);
}

Test(soundmix, gives_silence_for_silence)
{
    Room *room = room_new();
    Ear *common = room_add_ear(room, 0);
    Ear *own = room_add_ear(room, 7);
    Talker talker = talker_of(0, 0);
    for (int tick = 0; tick < 200; tick++) {
        if (tick > 100) {
            room_say(room, 7, &talker);
        }
        room_tick(room);
    }
    cr_expect_eq(common->packets, 200, "the common mix never pauses");
    cr_expect_lt(decibel(rms_level(common->pcm, common->count), 32768), -70);
    cr_expect_lt(decibel(rms_level(own->pcm, own->count), 32768), -70);
    talker_clear(&talker);
    room_free(room);
}

Test(soundmix, gives_a_lone_loud_speaker_nothing_back)
{
    Room *room = room_new();
    Ear *common = room_add_ear(room, 0);
    Ear *own = room_add_ear(room, 7);
    Talker talker = talker_of(500, 32000);
    for (int tick = 0; tick < 500; tick++) {
        room_say(room, 7, &talker);
        room_tick(room);
    }
    cr_expect_gt(decibel(ear_tone(common, 500), 32768), -12);
    cr_expect_lt(decibel(rms_level(own->pcm, own->count), 32768), -90);
    talker_clear(&talker);
    room_free(room);
}

Test(soundmix, lets_no_loud_voices_wrap_or_change_what_the_others_hear)
{
    const double hz[] = {307, 509, 811, 1229};
    Room *room = room_new();
    Talker talkers[4];
    Ear *common = room_add_ear(room, 0);
    Ear *own = room_add_ear(room, 1);
    for (int i = 0; i < 4; i++) {
        talkers[i] = talker_of(hz[i], 24000);
    }
    for (int tick = 0; tick < 500; tick++) {
        for (uint32_t i = 0; i < 4; i++) {
            room_say(room, i + 1, &talkers[i]);
        }
        room_tick(room);
    }
    for (int i = 0; i < 4; i++) {
        /* 96,000 at the peak must fit in 16 bits: all are turned down alike. */
        double level = ear_tone(common, hz[i]);
        cr_expect(level > 4500 && level < 12000, "%g Hz: %g", hz[i], level);
    }
    double third = tone_level(ear_tail(common, 8), 8 * RATE, 3 * hz[0]);
    cr_expect_lt(decibel(third, ear_tone(common, hz[0])), -25, "harmonics of clipping: %.1f dB",
                 decibel(third, ear_tone(common, hz[0])));
    double leak = decibel(ear_tone(own, hz[0]), ear_tone(common, hz[0]));
    cr_expect_lt(leak, -45, "%.1f dB", leak);
    for (int i = 0; i < 4; i++) {
        talker_clear(&talkers[i]);
    }
    room_free(room);
}

Test(soundmix, sends_own_mixes_before_the_common_one_with_one_stamp)
{
    Room *room = room_new();
    Ear *common = room_add_ear(room, 0);
    Ear *own = room_add_ear(room, 7);
    Talker talker = talker_of(500, 3000);
    uint16_t seq = 0;
    uint32_t rtp_ts = 0;
    for (int tick = 0; tick < 100; tick++) {
        room_say(room, 7, &talker);
        room_tick(room);
        cr_expect_eq(room->last_source, 0);
        cr_expect_eq(own->packets, common->packets);
        cr_expect_eq(own->seq, common->seq);
        cr_expect_eq(own->rtp_ts, common->rtp_ts);
        if (tick > 0) {
            cr_expect_eq((uint16_t)(common->seq - seq), 1);
            cr_expect_eq(common->rtp_ts - rtp_ts, 960);
        }
        seq = common->seq;
        rtp_ts = common->rtp_ts;
    }
    talker_clear(&talker);
    room_free(room);
}

Test(soundmix, leaves_missed_time_out_of_the_timestamps)
{
    Room *room = room_new();
    Ear *common = room_add_ear(room, 0);
    room_tick(room);
    uint32_t rtp_ts = common->rtp_ts;
    uint16_t seq = common->seq;
    room->now_us += 14 * SOUNDMIX_TICK_US;
    room_tick(room);
    cr_expect_eq(common->rtp_ts - rtp_ts, 15 * 960);
    cr_expect_eq((uint16_t)(common->seq - seq), 1);
    room_free(room);
}

Test(soundmix, keeps_an_own_mix_for_two_seconds_after_the_last_word)
{
    Room *room = room_new();
    Ear *own = room_add_ear(room, 7);
    Talker talker = talker_of(500, 3000);
    for (int tick = 0; tick < 50; tick++) {
        room_say(room, 7, &talker);
        room_tick(room);
    }
    uint64_t before = own->packets;
    for (int tick = 0; tick < 600; tick++) {
        room_tick(room);
    }
    cr_expect_geq(own->packets - before, 100);
    cr_expect_leq(own->packets - before, 125);
    cr_expect_eq(soundmix_stats(room->mix)->speakers_now, 0);
    cr_expect_eq(soundmix_stats(room->mix)->voices_now, 0, "forgotten after 10 s");
    talker_clear(&talker);
    room_free(room);
}

Test(soundmix, moves_a_listener_to_an_own_mix_without_a_seam)
{
    Room *room = room_new();
    Ear *common = room_add_ear(room, 0);
    Ear *moving = room_add_ear(room, 0);
    Talker talker = talker_of(500, 8000);
    Talker listener = talker_of(0, 0);
    int16_t seam[960 * 10];
    for (int tick = 0; tick < 300; tick++) {
        room_say(room, 1, &talker);
        if (tick >= 200) {
            moving->source = 2;
            room_say(room, 2, &listener);
        }
        room_tick(room);
    }
    cr_expect_eq(moving->count, common->count);
    for (size_t i = 0; i < G_N_ELEMENTS(seam); i++) {
        size_t at = 199 * 960 + i;
        seam[i] = (int16_t)CLAMP(moving->pcm[at] - common->pcm[at], INT16_MIN, INT16_MAX);
    }
    /* No more than the noise of coding, which is 28 dB below this tone. */
    double click = decibel(rms_level(seam, G_N_ELEMENTS(seam)), 8000 * M_SQRT1_2);
    cr_expect_lt(click, -24, "%.1f dB", click);
    talker_clear(&talker);
    talker_clear(&listener);
    room_free(room);
}

Test(soundmix, is_heard_whole_under_loss_jitter_and_reordering)
{
    Room *room = room_new();
    Ear *common = room_add_ear(room, 0);
    Talker talker = talker_of(500, 5000);
    GRand *random = g_rand_new_with_seed(1);
    uint8_t held[RTP_MAX];
    size_t held_size = 0;
    for (int tick = 0; tick < 300; tick++) {
        uint8_t rtp[RTP_MAX];
        size_t size = talker_write(&talker, rtp);
        bool is_held = held_size == 0 && g_rand_double(random) < 0.2;
        if (is_held) {
            memcpy(held, rtp, size);
            held_size = size;
        } else if (g_rand_double(random) >= 0.02) {
            soundmix_push(room->mix, 1, rtp, size, room->now_us);
        }
        if (!is_held && held_size > 0) {
            soundmix_push(room->mix, 1, held, held_size, room->now_us);
            held_size = 0;
        }
        room_tick(room);
    }
    double loss = decibel(rms_level(ear_tail(common, 4), 4 * RATE), 5000 * M_SQRT1_2);
    cr_expect_gt(loss, -1, "%.1f dB", loss);
    cr_expect_leq(soundmix_stats(room->mix)->packets_late, 5);
    g_rand_free(random);
    talker_clear(&talker);
    room_free(room);
}

Test(soundmix, counts_what_it_can_not_use)
{
    Room *room = room_new();
    Talker talker = talker_of(500, 8000);
    uint8_t rtp[RTP_MAX];
    size_t size = talker_write(&talker, rtp);
    soundmix_push(room->mix, 0, rtp, size, room->now_us);
    soundmix_push(room->mix, 9, rtp, 11, room->now_us);
    soundmix_push(room->mix, 9, rtp, 0, room->now_us);
    rtp[1] = 96;
    soundmix_push(room->mix, 9, rtp, size, room->now_us);
    room_tick(room);
    cr_expect_eq(soundmix_stats(room->mix)->packets_bad, 4);
    cr_expect_eq(soundmix_stats(room->mix)->voices_now, 0, "garbage takes no seat");
    soundmix_remove(room->mix, 0);
    soundmix_remove(room->mix, 9);
    talker_clear(&talker);
    room_free(room);
}

Test(soundmix, stays_the_same_size_over_10000_joins_and_leaves)
{
    Room *room = room_new();
    Talker talker = talker_of(500, 8000);
    uint8_t rtp[RTP_MAX];
    size_t size = talker_write(&talker, rtp);
    size_t before = 0;
    for (uint32_t i = 1; i <= 10000; i++) {
        soundmix_push(room->mix, i, rtp, size, room->now_us);
        if (i % 3 != 0) {
            soundmix_remove(room->mix, i);
        }
        if (i % 20 == 0) {
            room_tick(room);
        }
        cr_assert_leq(soundmix_stats(room->mix)->voices_now, LIMIT_SOUND_VOICES);
        cr_assert_leq(soundmix_stats(room->mix)->speakers_now, LIMIT_SOUND_MIXES);
        if (i == 1000) {
            before = mallinfo2().uordblks;
        }
    }
    cr_expect_leq(mallinfo2().uordblks, before + 4096);
    talker_clear(&talker);
    room_free(room);
}

Test(soundmix, hears_only_those_who_have_a_mix_without_themselves)
{
    Room *room = room_new();
    Ear *common = room_add_ear(room, 0);
    Talker talkers[LIMIT_SOUND_VOICES + 2];
    for (int i = 0; i < LIMIT_SOUND_VOICES + 2; i++) {
        talkers[i] = talker_of(300 + 100 * i, 1500);
    }
    for (int tick = 0; tick < 200; tick++) {
        for (uint32_t i = 0; i < LIMIT_SOUND_VOICES + 2; i++) {
            room_say(room, i + 1, &talkers[i]);
        }
        room->packets = 0;
        room_tick(room);
        cr_assert_leq(room->packets, LIMIT_SOUND_MIXES + 1);
    }
    cr_expect_eq(soundmix_stats(room->mix)->voices_now, LIMIT_SOUND_VOICES);
    cr_expect_eq(soundmix_stats(room->mix)->speakers_now, LIMIT_SOUND_MIXES);
    cr_expect_geq(soundmix_stats(room->mix)->packets_refused, 2 * 190);
    for (int i = 0; i < LIMIT_SOUND_VOICES + 2; i++) {
        double level = decibel(ear_tone(common, talkers[i].hz), 1500);
        bool is_heard = i < LIMIT_SOUND_MIXES;
        cr_expect(is_heard ? level > -4 : level < -20, "voice %d at %.1f dB", i, level);
        talker_clear(&talkers[i]);
    }
    room_free(room);
}

Test(soundmix, gives_the_seat_of_the_one_who_fell_silent_to_the_next_who_speaks)
{
    Room *room = room_new();
    Ear *common = room_add_ear(room, 0);
    Talker talkers[LIMIT_SOUND_MIXES + 1];
    for (int i = 0; i <= LIMIT_SOUND_MIXES; i++) {
        talkers[i] = talker_of(300 + 100 * i, 1500);
    }
    for (int tick = 0; tick < 400; tick++) {
        int silent = tick < 100 ? LIMIT_SOUND_MIXES : 0;
        for (int i = 0; i <= LIMIT_SOUND_MIXES; i++) {
            if (i != silent) {
                room_say(room, (uint32_t)i + 1, &talkers[i]);
            }
        }
        room_tick(room);
    }
    double level = decibel(ear_tone(common, talkers[LIMIT_SOUND_MIXES].hz), 1500);
    cr_expect_gt(level, -4, "%.1f dB", level);
    cr_expect_leq(soundmix_stats(room->mix)->packets_refused, 6);
    for (int i = 0; i <= LIMIT_SOUND_MIXES; i++) {
        talker_clear(&talkers[i]);
    }
    room_free(room);
}

/* The meeting's sound: takes the voices' Opus packets, mixes them every 20 ms on a thread of its
 * own and gives every mix back as an Opus RTP packet. Everybody who is silent shares one common
 * mix; whoever speaks gets the mix without their own voice. The owner makes and frees it on one
 * thread; the functions that say so may be called on any. The mixing itself is soundmix.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/decodemark.h"

typedef struct Sound Sound;

/* One RTP packet of a mix: payload type 111, Opus, 48 kHz, 20 ms. `source` 0 is the common mix, N
 * the mix without N. All mixes of a tick share sequence number and timestamp; those without
 * somebody come first and the common one last, so that who gets it is known when it comes. `rtp` is
 * borrowed for the call. `time_us` is the tick's monotonic time. */
typedef void (*SoundSend)(uint32_t source, const uint8_t *rtp, size_t size, int64_t time_us,
                          void *data);

typedef struct SoundOptions {
    SoundSend send; /* Called on the sound thread; must not wait. */
    void *data;
    DecodeMark *mark; /* Borrowed; may be NULL. */
    size_t mark_slot;
} SoundOptions;

/* Counters since the start, but for those that say "now". */
typedef struct SoundStats {
    uint64_t voices_now;             /* Voices that hold a decoder. */
    uint64_t speakers_now;           /* Voices that get a mix of their own. */
    uint64_t voice_delay_max_now_us; /* Longest wait in a jitter buffer. */
    uint64_t ticks;                  /* Times the mix was made, 50 a second. */
    uint64_t packets_in;             /* Taken into a voice's buffer. */
    uint64_t packets_out;            /* Given to `send`. */
    uint64_t packets_unposted;       /* Mailbox full or packet too large. */
    uint64_t packets_bad;            /* Not RTP with one Opus packet as the relay sends it. */
    uint64_t packets_duplicate;      /* Had come before. */
    uint64_t packets_late;           /* Their time to be played had passed. */
    uint64_t packets_overflowed;     /* The voice's buffer held too many. */
    uint64_t packets_refused;        /* All voices or mixes taken by others that speak. */
    uint64_t frames_recovered;       /* Lost, but rebuilt from the successor's in-band FEC. */
    uint64_t frames_concealed;       /* Guessed, in pieces of up to 20 ms. */
    uint64_t voice_stretches;        /* Times a voice was made one pitch period longer... */
    uint64_t voice_shrinks;          /* ...or shorter, to follow its clock and jitter. */
    uint64_t voice_restarts;         /* Times a voice's clock was taken anew (new SSRC, jump). */
    uint64_t ticks_late;             /* Ticks that were run at least one tick late. */
    uint64_t stalls;           /* Times the thread stood still for longer than it may catch up. */
    uint64_t tick_late_max_us; /* The longest a tick has been late. */
} SoundStats;

/* Starts the thread. */
Sound *sound_new(const SoundOptions *options);
/* Ends the thread: `send` is not called after this returns. */
void sound_free(Sound *sound);

/* Any thread; copies. `arrival_us` is when the relay received it. False: dropped and counted. */
bool sound_post_packet(Sound *sound, uint32_t source, const uint8_t *rtp, size_t size,
                       int64_t arrival_us);
/* Any thread: `source` has ended, forget its voice. */
void sound_post_gone(Sound *sound, uint32_t source);

/* Readable while a change of the active speaker waits; owned by the sound. */
int sound_speaker_fd(const Sound *sound);
/* The speaker since the latest change (0: nobody); false when there was none. */
bool sound_take_speaker(Sound *sound, uint32_t *ret_source);

/* A voice begins or ceases to howl. */
typedef struct SoundHowl {
    uint32_t source;
    bool is_howling;
} SoundHowl;

/* Readable while one waits; owned by the sound. */
int sound_howl_fd(const Sound *sound);
bool sound_take_howl(Sound *sound, SoundHowl *ret_howl);

/* Any thread; the numbers are those after the latest tick. */
void sound_read_stats(Sound *sound, SoundStats *ret_stats);

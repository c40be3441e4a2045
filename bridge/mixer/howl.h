/* Does a voice howl? Feedback between loudspeaker and microphone is one loud tone that stays: what
 * a vowel or a tune never does for so long. A plain value, zero at first, one a voice, on the sound
 * thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One tone for 3 s is a howl; without it for 2 s it is none any more. In ticks of 20 ms. */
#define HOWL_TICKS 150
#define HOWL_OVER_TICKS 100

typedef struct Howl {
    float tone; /* Of the latest tick: 2 cos of its angle a sample; 0: it was none. */
    int ticks;  /* With the same tone in a row, */
    int gap;    /* but for so many now. */
    int quiet;  /* Ticks without a tone. */
    bool is_on;
} Howl;

/* 20 ms of 48 kHz; NULL: nothing was heard. True when `is_on` has changed. */
bool howl_tick(Howl *howl, const int16_t *pcm, size_t count);

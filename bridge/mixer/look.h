/* Is something wrong with a source's picture? Looks at some of its pixels twice a second: black,
 * covered (one colour), or frozen. A frozen camera sends the same picture over and over, and hardly
 * a pixel of it changes once the encoder has come to rest; a real camera in a still room has the
 * noise of its sensor, which no encoder that has bits to spare removes. A plain value, zero at
 * first; time is given, never read. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bridge/mixer/i420.h"

/* How long it must be black or covered; the same; fine again. All within 10 s. */
#define LOOK_DARK_US INT64_C(5000000)
#define LOOK_FROZEN_US INT64_C(8000000)
#define LOOK_FINE_US INT64_C(1500000)
#define LOOK_PERIOD_US INT64_C(500000)

typedef enum Look { LOOK_FINE, LOOK_DARK, LOOK_COVERED, LOOK_FROZEN } Look;

#define LOOK_SAMPLES_MAX 3072

typedef struct LookWatch {
    Look look;       /* What holds. */
    Look seen;       /* In the latest picture, */
    int64_t seen_us; /* and since when. */
    int64_t sampled_us;
    int64_t still_us; /* Since when hardly a pixel has changed. */
    int moves;        /* Pictures in a row in which many had. */
    int count;
    uint8_t samples[LOOK_SAMPLES_MAX];
} LookWatch;

/* A new picture; most are not looked at. True when `look` has changed. */
bool look_watch(LookWatch *watch, const I420 *picture, int64_t now_us);
/* NULL for LOOK_FINE; "dark", "covered", "frozen". */
const char *look_name(Look look);

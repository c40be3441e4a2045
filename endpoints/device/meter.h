/* Counts what arrives at one place of the receiving side: frames, their size, the pauses between
 * them. Any thread counts, the main loop reads. */
#pragma once

#include <stdint.h>

typedef struct Meter Meter;

typedef struct MeterReading {
    uint64_t count;
    double per_s; /* over the last second or so */
    int width;    /* 0: unknown */
    int height;
    int64_t gap_us; /* the longest pause since the previous reading, also one that still goes on;
                       -1: nothing has come yet */
} MeterReading;

Meter *meter_new(void);
void meter_free(Meter *meter);

void meter_count(Meter *meter, int64_t now_us);
void meter_set_size(Meter *meter, int width, int height);
/* One reader: begins a new period. */
MeterReading meter_read(Meter *meter, int64_t now_us);

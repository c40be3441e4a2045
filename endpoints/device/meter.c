#include "endpoints/device/meter.h"

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "bridge/base/clock.h"

/* Readings kept to work out the rate over a second. */
#define METER_MARKS 8
#define METER_WINDOW_US CLOCK_US_PER_S

typedef struct Mark {
    uint64_t count;
    int64_t at_us;
} Mark;

struct Meter {
    atomic_uint_fast64_t count;
    atomic_int_fast64_t last_us;
    atomic_int_fast64_t longest_gap_us;
    atomic_uint_fast32_t size;
    Mark marks[METER_MARKS]; /* the reader's, oldest first */
    unsigned mark_count;
};

Meter *meter_new(void)
{
    return g_new0(Meter, 1);
}

void meter_free(Meter *meter)
{
    g_free(meter);
}

void meter_count(Meter *meter, int64_t now_us)
{
    int64_t last_us = atomic_exchange_explicit(&meter->last_us, now_us, memory_order_relaxed);
    if (last_us != 0 &&
        now_us - last_us > atomic_load_explicit(&meter->longest_gap_us, memory_order_relaxed)) {
        atomic_store_explicit(&meter->longest_gap_us, now_us - last_us, memory_order_relaxed);
    }
    atomic_fetch_add_explicit(&meter->count, 1, memory_order_relaxed);
}

void meter_set_size(Meter *meter, int width, int height)
{
    uint32_t word = (uint32_t)width << 16 | (uint32_t)height;
    atomic_store_explicit(&meter->size, word, memory_order_relaxed);
}

static double rate(Meter *meter, uint64_t count, int64_t now_us)
{
    while (meter->mark_count > 1 && now_us - meter->marks[1].at_us >= METER_WINDOW_US) {
        meter->mark_count--;
        for (unsigned i = 0; i < meter->mark_count; i++) {
            meter->marks[i] = meter->marks[i + 1];
        }
    }
    double per_s = 0;
    if (meter->mark_count > 0 && now_us > meter->marks[0].at_us) {
        per_s = (double)(count - meter->marks[0].count) * (double)CLOCK_US_PER_S /
                (double)(now_us - meter->marks[0].at_us);
    }
    if (meter->mark_count < METER_MARKS) {
        meter->marks[meter->mark_count++] = (Mark){.count = count, .at_us = now_us};
    }
    return per_s;
}

MeterReading meter_read(Meter *meter, int64_t now_us)
{
    int64_t last_us = atomic_load_explicit(&meter->last_us, memory_order_relaxed);
    int64_t gap_us = atomic_exchange_explicit(&meter->longest_gap_us, 0, memory_order_relaxed);
    uint32_t size = (uint32_t)atomic_load_explicit(&meter->size, memory_order_relaxed);
    MeterReading reading = {
        .count = atomic_load_explicit(&meter->count, memory_order_relaxed),
        .width = (int)(size >> 16),
        .height = (int)(size & 0xffff),
        .gap_us = last_us == 0 ? -1 : MAX(gap_us, now_us - last_us),
    };
    reading.per_s = rate(meter, reading.count, now_us);
    return reading;
}

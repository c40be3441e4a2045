#include "endpoints/fleet/timecode.h"

#include <string.h>

#define BITS (TIMECODE_COLUMNS * TIMECODE_ROWS)
#define TIME_BITS 32
#define CHECK_BITS 16
#define BLACK 16
#define WHITE 235
#define MIDDLE ((BLACK + WHITE) / 2)
/* A block whose mean is this close to the middle is neither. */
#define DOUBT 20
/* Where the blocks lie, in sixteenths of the picture: a border is left free, and the lower part,
 * where the mixer writes the name. */
#define FROM 1
#define TO_X 15
#define TO_Y 10
#define PARTS 16

typedef struct Block {
    int x, y, w, h;
} Block;

/* CRC-16/CCITT-FALSE. */
static uint16_t check_of(uint32_t time_ms, uint16_t sender)
{
    const uint8_t bytes[] = {
        (uint8_t)(time_ms >> 24), (uint8_t)(time_ms >> 16), (uint8_t)(time_ms >> 8),
        (uint8_t)time_ms,         (uint8_t)(sender >> 8),   (uint8_t)sender,
    };
    uint16_t crc = 0xffff;
    for (size_t i = 0; i < sizeof bytes; i++) {
        crc ^= (uint16_t)(bytes[i] << 8);
        for (int bit = 0; bit < 8; bit++) {
            crc = (uint16_t)((crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1);
        }
    }
    return crc;
}

static int place(int size, int sixteenths_from, int sixteenths_to, int index, int count)
{
    int from = size * sixteenths_from / PARTS;
    int to = size * sixteenths_to / PARTS;
    return from + (to - from) * index / count;
}

static Block block_of(const TimecodePlane *plane, int bit)
{
    int column = bit % TIMECODE_COLUMNS;
    int row = bit / TIMECODE_COLUMNS;
    Block block = {
        .x = place(plane->width, FROM, TO_X, column, TIMECODE_COLUMNS),
        .y = place(plane->height, FROM, TO_Y, row, TIMECODE_ROWS),
    };
    block.w = place(plane->width, FROM, TO_X, column + 1, TIMECODE_COLUMNS) - block.x;
    block.h = place(plane->height, FROM, TO_Y, row + 1, TIMECODE_ROWS) - block.y;
    return block;
}

static bool is_large_enough(const TimecodePlane *plane)
{
    return plane->width >= TIMECODE_WIDTH_MIN && plane->height >= TIMECODE_HEIGHT_MIN;
}

bool timecode_draw(const TimecodePlane *plane, uint32_t time_ms, uint16_t sender)
{
    if (!is_large_enough(plane)) {
        return false;
    }
    uint64_t bits = (uint64_t)time_ms << CHECK_BITS | check_of(time_ms, sender);
    for (int bit = 0; bit < BITS; bit++) {
        Block block = block_of(plane, bit);
        int value = (bits >> (BITS - 1 - bit) & 1) != 0 ? WHITE : BLACK;
        for (int y = block.y; y < block.y + block.h; y++) {
            memset(plane->bytes + (size_t)y * plane->stride + block.x, value, (size_t)block.w);
        }
    }
    return true;
}

/* The mean of the inner half of a block: coding blurs the edges. */
static int mean_of(const TimecodePlane *plane, Block block)
{
    int sum = 0;
    int count = 0;
    for (int y = block.y + block.h / 4; y < block.y + block.h - block.h / 4; y++) {
        const uint8_t *row = plane->bytes + (size_t)y * plane->stride;
        for (int x = block.x + block.w / 4; x < block.x + block.w - block.w / 4; x++) {
            sum += row[x];
            count++;
        }
    }
    return count > 0 ? sum / count : MIDDLE;
}

bool timecode_read(const TimecodePlane *plane, uint16_t sender, uint32_t *ret_time_ms)
{
    uint64_t bits = 0;
    if (!is_large_enough(plane)) {
        return false;
    }
    for (int bit = 0; bit < BITS; bit++) {
        int mean = mean_of(plane, block_of(plane, bit));
        if (mean > MIDDLE - DOUBT && mean < MIDDLE + DOUBT) {
            return false;
        }
        bits = bits << 1 | (mean > MIDDLE);
    }
    uint32_t time_ms = (uint32_t)(bits >> CHECK_BITS);
    if ((uint16_t)bits != check_of(time_ms, sender)) {
        return false;
    }
    *ret_time_ms = time_ms;
    return true;
}

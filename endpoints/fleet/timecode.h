/* A time in a picture: 48 black and white blocks in the upper part of it — 32 bits of milliseconds
 * and a check over them and the sender's number — large enough to survive coding, and to be read
 * back from a composed picture once one knows where the sender's picture lies in it. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMECODE_COLUMNS 8
#define TIMECODE_ROWS 6
/* Smaller pictures have no room for the blocks. */
#define TIMECODE_WIDTH_MIN 64
#define TIMECODE_HEIGHT_MIN 36

/* A luma plane, or a part of one. */
typedef struct TimecodePlane {
    uint8_t *bytes;
    size_t stride;
    int width, height;
} TimecodePlane;

/* False when the picture is too small. Only the blocks are painted. */
bool timecode_draw(const TimecodePlane *plane, uint32_t time_ms, uint16_t sender);
/* False when there is no time of this sender in it. */
bool timecode_read(const TimecodePlane *plane, uint16_t sender, uint32_t *ret_time_ms);

/* Joins the packets of a VP8 stream, which come in order, to whole frames. After a loss nothing
 * comes out before the next key frame: a frozen picture is better than a smeared one. Owned by a
 * receiver; lives on the main loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "endpoints/device/inorder.h"

typedef struct Assembler Assembler;

/* Bytes of one frame: a key frame of 1080p at the best quality we ever ask for has a third of it.
 */
#define ASSEMBLER_FRAME_BYTES (1024 * 1024)

typedef struct AssemblerFrame {
    const uint8_t *bytes; /* borrowed */
    size_t size;
    uint32_t timestamp;
    bool is_key;
    int width, height; /* of a key frame */
} AssemblerFrame;

typedef void (*AssemblerFunc)(const AssemblerFrame *frame, void *data);

/* `deliver` is called from within push. */
Assembler *assembler_new(AssemblerFunc deliver, void *data);
void assembler_free(Assembler *assembler);

void assembler_push(Assembler *assembler, const InOrderPacket *packet);
/* Frames are useless until the next key frame. */
bool assembler_needs_key(const Assembler *assembler);
/* Somebody behind us lost a frame. */
void assembler_want_key(Assembler *assembler);

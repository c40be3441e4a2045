/* The latest frame of every source: the decode workers put, the picture thread takes. Nobody waits
 * for anybody: a frame that was not taken is replaced. Any thread; the lock is held for a pointer
 * swap only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/mixer/frame.h"

typedef struct Gallery Gallery;

typedef enum GalleryState {
    GALLERY_NONE, /* The source has sent no picture, or is gone. */
    GALLERY_SAME, /* Nothing since the last take. */
    GALLERY_NEW,
} GalleryState;

Gallery *gallery_new(void);
void gallery_free(Gallery *gallery);

/* Takes over the frame. */
void gallery_put(Gallery *gallery, uint32_t source, Frame *frame);
/* The source is gone: its picture must not stay. */
void gallery_drop(Gallery *gallery, uint32_t source);
/* With GALLERY_NEW *ret_frame is the caller's. */
GalleryState gallery_take(Gallery *gallery, uint32_t source, Frame **ret_frame);

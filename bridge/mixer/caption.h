/* Paints the words of a view into its header and its banner: each word is drawn when it changes and
 * painted then, a clock once a second. Owned by the wall, on the picture thread; time is given,
 * never read. */
#pragma once

#include <stdint.h>

#include "bridge/mixer/i420.h"
#include "bridge/mixer/program.h"

typedef struct Caption Caption;

Caption *caption_new(void);
/* NULL is fine. */
void caption_free(Caption *caption);

/* What the view says from now on; `canvas` is its picture, bare of words when `is_bare`. */
void caption_set(Caption *caption, const Program *program, const ProgramView *view, bool is_bare);
/* Paints what has changed; `real_us` is the time of day (g_get_real_time). Returns how many words
 * that were. */
size_t caption_paint(Caption *caption, const I420 *canvas, int64_t real_us);

/* Whose media a mixer is decoding at this moment, one slot for each thread that decodes: a file in
 * shared memory, so that it still says so when a decoder has taken the mixer down with it. The
 * mixer writes, the server reads after a death. */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/* The decode workers and the sound. */
#define DECODEMARK_SLOTS 17

typedef struct DecodeMark DecodeMark;

/* Makes the file, with nobody in it; NULL and an error of G_FILE_ERROR. */
DecodeMark *decodemark_open(const char *path, GError **error);
/* Removes the file: an end in order leaves no mark. NULL is fine. */
void decodemark_close(DecodeMark *mark);
/* Any thread, each with a slot of its own; source 0: nobody. A NULL mark is fine. */
void decodemark_set(DecodeMark *mark, size_t slot, uint32_t source);

/* The sources that a file names; 0 when there is none. */
size_t decodemark_read(const char *path, uint32_t ret_sources[DECODEMARK_SLOTS]);

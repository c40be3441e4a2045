/* A part of a file on its way out, piece by piece: read on another thread, since a disk may take
 * its time and the loop may not. Main loop only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct FileBody FileBody;

/* Takes over the descriptor. */
FileBody *file_body_new(int fd, int64_t first, int64_t size);
/* Forgets it; a piece that is being read is thrown away. NULL is fine. */
void file_body_free(FileBody *body);
int64_t file_body_size(const FileBody *body);

/* The next piece, at most FILE_BODY_PIECE bytes; NULL when the file could not be read or has become
 * shorter. Called back later, unless the body is freed before. Not at the end, not twice at once.
 */
#define FILE_BODY_PIECE ((int64_t)256 * 1024)
typedef void (*FileBodyReady)(GBytes *piece, void *data);
void file_body_read(FileBody *body, FileBodyReady ready, void *data);
bool file_body_is_at_end(const FileBody *body);

/* One file of a recording while it is written: only ever appended to, by whole clusters, each on
 * the disk before the call returns. So after a kill, a crash or a power cut what was written plays.
 * The file is new: its number is the first that the directory does not have. Blocks; for a thread
 * that may wait for a disk. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct Fragment Fragment;

/* `directory` is an open directory, borrowed. NULL and a G_FILE_ERROR when it cannot be made. */
Fragment *fragment_open(int directory, int width, int height, GError **error);
/* NULL is fine. */
void fragment_close(Fragment *fragment);
/* All or nothing of a cluster: what a full disk took half of is cut off again. */
bool fragment_append(Fragment *fragment, const void *bytes, size_t size, GError **error);

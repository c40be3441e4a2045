/* For the tests of recordings: fragments with a picture every 40 ms, sound every 20 ms, a key frame
 * a second; each block's bytes tell its time. */
#pragma once

#include <glib.h>
#include <stdint.h>

/* Clusters of a second from `from_ms` on; whole ones until `to_ms`. */
void footage_clusters(GByteArray *bytes, int64_t from_ms, int64_t to_ms);
/* A new directory under the temporary one; the caller frees its name. */
char *footage_directory(void);
void footage_write(const char *directory, const char *name, const void *bytes, size_t size);
/* A fragment with this number in its name. */
void footage_fragment(const char *directory, unsigned number, int64_t from_ms, int64_t to_ms);
GBytes *footage_read(const char *directory, const char *name);
void footage_remove(const char *directory);

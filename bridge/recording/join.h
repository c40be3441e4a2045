/* Makes one finished file of the fragments of a recording, in place: the later ones are appended to
 * the first, which needs no room for a second copy, then come the cues and the head that a finished
 * file has. Nothing is encoded. It may be killed at any point and run again; it waits until nobody
 * writes the recording any more (flock on the directory). Blocks: for a process of its own. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Names in the directory of a recording: fragments 000001.webm and on, and what is made of them. */
#define JOIN_FRAGMENT_FORMAT "%06u.webm"
#define JOIN_FRAGMENTS_MAX 999999
#define JOIN_FINISHED "recording.webm"
/* A longer hole is left as it is: nobody was there. */
#define JOIN_SILENCE_MAX_MS (24 * 3600 * 1000)

typedef struct JoinResult {
    int64_t duration_ms;
    int64_t bytes;
    int64_t gap_ms; /* the longest time that nothing was recorded */
} JoinResult;

/* Bytes 0 and no file: nothing was ever recorded. Run on a finished recording it says the same
 * again. Error: G_FILE_ERROR. */
bool join_directory(const char *path, JoinResult *ret_result, GError **error);

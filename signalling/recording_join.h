/* Finishing a recording: diemcau-join as a child process, so that no disk holds the loop up. It
 * waits by itself until no mixer writes there any more. Main loop only. */
#pragma once

#include <stdint.h>

typedef struct Config Config;
typedef struct RecordingJoin RecordingJoin;

typedef struct RecordingJoinResult {
    int64_t duration_ms;
    int64_t bytes; /* 0: nothing was recorded */
    int64_t gap_ms;
} RecordingJoinResult;

/* `result` NULL: it could not be finished. The join is gone when this returns. */
typedef void (*RecordingJoined)(int64_t recording, const RecordingJoinResult *result, void *data);

/* Never calls back before returning. The caller owns it until it calls back. */
RecordingJoin *recording_join_start(const Config *config, int64_t recording, const char *directory,
                                    RecordingJoined joined, void *data);
/* Forgets it; the process goes on, and whoever starts it again does no harm. */
void recording_join_release(RecordingJoin *join);

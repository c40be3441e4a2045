/* One recording of a view: what is known of it, how it is told, and whether it is well. Owned by
 * Recordings. Main loop only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bridge/base/limits.h"

typedef struct json_t json_t;

typedef enum RecordingState {
    RECORDING_ON,
    RECORDING_FINISHING, /* its fragments are being joined */
    RECORDING_DONE,      /* there is a file */
    RECORDING_FAILED,    /* there is none */
} RecordingState;

/* Why nothing reaches the disk. Only while it is on. */
typedef enum RecordingAlarm {
    ALARM_NONE,
    ALARM_FULL,    /* the disk is at its reserve */
    ALARM_DISK,    /* it refuses */
    ALARM_STALLED, /* no bytes come: no mixer, no picture */
    ALARM_SLOW,    /* parts are lost since the disk is too slow */
} RecordingAlarm;

/* Bytes come once a second; after so long without the lamp is red. */
#define RECORDING_PATIENCE_US INT64_C(4000000)

#define RECORDING_USER_BYTES 72
#define RECORDING_BOOT_BYTES 40

typedef struct Recording {
    int64_t id;
    int64_t meeting;
    int view;
    char title[LIMIT_NAME_BYTES + 1]; /* of the meeting, when it began */
    RecordingState state;
    char reason[16]; /* why it ended: stopped, closed, view, restart, expired; "" while it is on */
    char started_by[RECORDING_USER_BYTES];
    int64_t started_ms; /* wall clock */
    int64_t ended_ms;
    int64_t epoch_us; /* monotonic, of this boot */
    char boot[RECORDING_BOOT_BYTES];
    int64_t bytes;
    int64_t duration_ms;
    int64_t gap_ms;
    /* While it is on: */
    RecordingAlarm alarm;
    RecordingAlarm told; /* by the mixer, in its last report */
    int64_t mixer_bytes; /* of this mixer, at its last report */
    int64_t mixer_dropped;
    int64_t grown_us; /* when bytes came last */
    int64_t lost_us;  /* when parts were lost last; 0: never */
} Recording;

const char *recording_state_name(RecordingState state);
/* False when there is no such state. */
bool recording_state_find(const char *name, RecordingState *ret_state);
/* Recording of PROTOCOL.md; the caller owns it. */
json_t *recording_to_json(const Recording *recording);
/* The mixer's `recording` event. */
void recording_apply(Recording *recording, json_t *event, int64_t now_us);
/* Judges; true when the alarm is another one than before. */
bool recording_judge(Recording *recording, int64_t now_us);

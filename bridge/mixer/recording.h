/* One view on its way to the disk: the frames of a rung and the common sound, as they were encoded
 * for the receivers, in clusters of a second at most, each safe on the disk before the next. Times
 * are the mixer's (picture and sound share one clock), so a hole stays a hole in both. Blocks while
 * the disk does: owned by the recorder and used on its thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/mixer/programrecord.h"

typedef enum RecordingState {
    RECORDING_WAITING, /* For a key frame. */
    RECORDING_WRITING,
    RECORDING_FULL,   /* The reserve is reached: it goes on when there is room again. */
    RECORDING_FAILED, /* The disk refuses; tried again every RECORDING_RETRY_US. */
} RecordingState;

#define RECORDING_RETRY_US INT64_C(5000000)

typedef struct RecordingReport {
    int64_t id;
    RecordingState state;
    uint64_t bytes; /* On the disk, of this mixer. */
    uint64_t lost;  /* Frames that came and could not be kept, or not be shown. */
} RecordingReport;

typedef struct Recording Recording;

typedef struct RecordingOptions {
    void (*ask_keyframe)(uint16_t rung, void *data);
    void *data;
} RecordingOptions;

Recording *recording_new(const ProgramRecord *record, const RecordingOptions *options);
/* What is still in hand is written. */
void recording_free(Recording *recording);

/* Another rung is taken up at its next key frame; the directory stays. */
void recording_set(Recording *recording, const ProgramRecord *record);
/* One RTP packet each; a picture of another rung is passed over. */
void recording_add_picture(Recording *recording, uint16_t rung, const uint8_t *rtp, size_t size,
                           bool ends_frame, int64_t time_us);
void recording_add_sound(Recording *recording, const uint8_t *rtp, size_t size, int64_t time_us);
/* Several times a second. */
void recording_tick(Recording *recording, int64_t now_us);
RecordingReport recording_report(const Recording *recording);

/* Looks at pictures for what only a decoder can tell: decodes the frames of a few receivers on a
 * thread of its own and reads the times of probes out of them. Made and freed on the main loop,
 * where its results come back; frames travel to its thread with their ownership. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "endpoints/fleet/site.h"
#include "endpoints/fleet/viewer.h"

/* Receivers that are examined at once. */
#define EXAMINER_SLOTS 5
/* Frames that wait for its thread; more are dropped, and the receiver starts anew with its next key
 * frame. */
#define EXAMINER_QUEUE 64

typedef struct Examiner Examiner;

typedef struct ExaminerResult {
    size_t slot;
    bool is_decoded;
    int64_t arrival_us; /* of the frame */
    bool has_time;
    uint32_t time_ms;
} ExaminerResult;

/* Where to look for a time in the picture, and whose. */
typedef struct ExaminerTask {
    bool has_cell;
    SiteCell cell;
    uint16_t sender;
} ExaminerTask;

Examiner *examiner_new(void (*call)(const ExaminerResult *result, void *data), void *data);
/* Waits for the frame it is at. */
void examiner_free(Examiner *examiner);
/* The next frame of the receiver in this slot; copied. */
void examiner_push(Examiner *examiner, size_t slot, const ViewerFrame *frame,
                   const ExaminerTask *task);
/* Another receiver takes the slot, from its first key frame on. */
void examiner_restart(Examiner *examiner, size_t slot);

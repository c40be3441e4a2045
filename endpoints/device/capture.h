/* Picture and sound of this site on their way to the encoders: one feed when both come from the
 * same file, so that they stay in step, else one each. Runs while there is a meeting. Owned by the
 * device; lives on the main loop. */
#pragma once

#include <glib.h>

#include "endpoints/device/encoder.h"
#include "endpoints/device/source.h"
#include "endpoints/device/voice.h"

typedef struct Capture Capture;

/* Encoder and voice must outlive it. */
typedef struct CaptureOptions {
    Source video;
    Source audio;
    Encoder *encoder;
    Voice *voice;
} CaptureOptions;

Capture *capture_new(const CaptureOptions *options, GError **error);
void capture_free(Capture *capture);
void capture_start(Capture *capture);
void capture_stop(Capture *capture);

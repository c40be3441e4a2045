/* One media session of a simulated site: its socket, ICE, DTLS and SRTP toward the relay, with a
 * performer that fills it and an audience that judges what comes. Made for one invitation and never
 * used twice. Owned by the site; lives on the main loop. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/problem.h"
#include "endpoints/device/demand.h"
#include "endpoints/fleet/camera.h"
#include "endpoints/fleet/studio.h"
#include "endpoints/fleet/tally.h"
#include "endpoints/fleet/viewer.h"

typedef struct Media Media;

typedef enum MediaState {
    MEDIA_CONNECTING,
    MEDIA_CONNECTED,
    MEDIA_FAILED, /* final: see media_failure */
} MediaState;

/* Nothing genuine for so long after it was connected is a failure. */
#define MEDIA_SILENCE_US INT64_C(5000000)

typedef struct MediaOptions {
    const Studio *studio;
    size_t site; /* index */
    const char *cname;
    Camera *camera; /* in place of the film; NULL: none; outlives the session */
    Tally *tally;   /* outlives the session */
} MediaOptions;

Media *media_new(const MediaOptions *options, GError **error);
/* Without a word to the other side, as in a power cut. */
void media_free(Media *media);
/* Says goodbye first. */
void media_close(Media *media);

/* To g_free. */
char *media_offer(Media *media);
/* False (problem) when the answer cannot be used. */
bool media_set_answer(Media *media, const char *sdp, Problem *problem);
void media_set_demand(Media *media, const Demand *demand);
void media_set_talking(Media *media, bool is_talking);
void media_set_muted(Media *media, bool is_muted);
/* Shown frames go to the sink; NULL: no more. */
void media_set_sink(Media *media, ViewerSink sink, void *data);

/* Sends what is due. */
MediaState media_tick(Media *media, int64_t now_us);
MediaState media_state(const Media *media);
const char *media_failure(const Media *media);
/* Connected, and both picture and sound have come. */
bool media_is_served(const Media *media);

/* One simulated site: its key, its connection to the server, its media session while it is in a
 * meeting. Answers invitations by itself and asks for a new session when media fails, as a device
 * does. Owned by the fleet; lives on the main loop. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "endpoints/client/socket.h"
#include "endpoints/fleet/camera.h"
#include "endpoints/fleet/studio.h"
#include "endpoints/fleet/tally.h"
#include "endpoints/fleet/viewer.h"

typedef struct Site Site;

typedef enum SitePhase {
    SITE_OFF,
    SITE_CONNECTING, /* no server yet, or waiting to be let in */
    SITE_ONLINE,
    SITE_MEETING, /* a media session is being made */
    SITE_SERVED,  /* picture and sound have come */
} SitePhase;

/* The cell of the own picture, in fractions of the composed one. */
typedef struct SiteCell {
    double x, y, w, h;
} SiteCell;

typedef struct SiteHandlers {
    /* The server does not know the key: get a token and start the site with it. */
    void (*on_token_needed)(Site *site, void *data);
    /* Picture and sound have come, for the first time since it was started or invited. */
    void (*on_served)(Site *site, int64_t waited_us, void *data);
} SiteHandlers;

typedef struct SiteOptions {
    const Studio *studio;
    SocketHub *hub;
    const char *host;
    uint16_t port;
    const char *pin_hex; /* NULL: see insecure */
    bool insecure;
    const char *state_dir; /* of the fleet; the key is in a directory below it */
    const char *code;
    size_t index;
    const SiteHandlers *handlers; /* outlive the site */
    void *data;
} SiteOptions;

/* Loads the key or makes one. */
Site *site_new(const SiteOptions *options, GError **error);
void site_free(Site *site);

size_t site_index(const Site *site);
const char *site_code(const Site *site);
/* Its key was just made: nobody knows it yet. */
bool site_is_new(const Site *site);
SitePhase site_phase(const Site *site);
Tally *site_tally(Site *site);
/* Where its picture lies; false: nowhere. */
bool site_cell(const Site *site, SiteCell *ret_cell);
/* Shown frames go to the sink; NULL: no more. */
void site_set_sink(Site *site, ViewerSink sink, void *data);
/* For media sessions made from now on; taking a camera away ends the session that uses it. */
void site_set_camera(Site *site, Camera *camera);

/* Connects; `token` may be NULL. When it was in a meeting before it went, the time until it is
 * served again counts from here. */
void site_start(Site *site, const char *token);
/* Gone without a word: sockets are dropped. */
void site_kill(Site *site);
/* Says goodbye and goes. */
void site_leave(Site *site);

void site_tick(Site *site, bool is_talking, int64_t now_us);

/* What people at the site see and press besides the picture: the notice over it and the buttons.
 * Keeps the standing the server tells, says on the screen and in the log what it means, and turns
 * commands into requests. Owned by the device; lives on the main loop. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "endpoints/client/client.h"
#include "endpoints/device/call.h"
#include "endpoints/device/player.h"

typedef struct Panel Panel;

typedef struct PanelOptions {
    Client *client;
    Call *call;
    Player *player;
    const char *state_dir; /* where the FIFO of the buttons is */
} PanelOptions;

/* An error names the FIFO. */
Panel *panel_new(const PanelOptions *options, GError **error);
void panel_free(Panel *panel);
/* seat.status and notice; false when the event is another. */
bool panel_on_event(Panel *panel, const char *type, json_t *event);
/* The meeting is over. */
void panel_clear(Panel *panel);

/* The open meetings: who has a seat, who is called, what is shown; the words of the server to the
 * relay and the mixers. State that must survive a restart is in the store; the rest is asked of the
 * media processes when they are adopted. Main loop only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "signalling/client.h"
#include "signalling/dispatch.h"
#include "signalling/server.h"

typedef struct json_t json_t;

/* Reads the open meetings from the store and has their processes adopted or started. */
Meetings *meetings_new(Server *server, GError **error);
void meetings_free(Meetings *meetings);

/* A device has authenticated. `media` is what it says it still holds ({meeting, peer}) or NULL: it
 * is told media.resumed, or invited, or nothing when its site has no seat. */
void meetings_on_device_online(Meetings *meetings, Client *client, json_t *media);
/* A connection ended: a page's own media end; a device's go on, only its site is offline. */
void meetings_on_client_gone(Meetings *meetings, Client *client);
/* A device's key was revoked: its media end at once. */
void meetings_on_device_revoked(Meetings *meetings, const char *site_code);

/* [Meeting] of PROTOCOL.md with their seats; the caller owns it. */
json_t *meetings_to_json(Meetings *meetings);
/* How many are open. */
size_t meetings_count(const Meetings *meetings);
bool meetings_is_open(Meetings *meetings, int64_t id);
bool meetings_has_layout(const Meetings *meetings, const char *name);
bool meetings_has_preset(const Meetings *meetings, const char *name);
/* The name of the preset that has just these views ([View] of PROTOCOL.md); NULL: none. */
const char *meetings_find_preset(const Meetings *meetings, json_t *views);
/* As the message meeting.open with these fields, asked by `request` in the name of `by`. Returns
 * the number of the meeting, which is open once the request is answered; 0 when it was refused. */
int64_t meetings_open(Server *server, const char *by, json_t *message, Request request);
/* [{name,title,cells}] for page.watch. */
json_t *meetings_layouts_to_json(Meetings *meetings);
/* [{name,title,views}] for page.watch. */
json_t *meetings_presets_to_json(Meetings *meetings);
/* Adds "relay" and "mixers" to the fields of server.status. */
void meetings_add_status(Meetings *meetings, json_t *fields);
/* Appends Prometheus text (meeting_metrics.c). */
void meetings_write_metrics(Meetings *meetings, GString *text);

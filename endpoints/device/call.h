/* Taking part in a meeting: answers invitations with media sessions, replaces a session by the next
 * without a break, asks for a new one when media stays away, and ends when told. At most one
 * meeting at a time. Owned by the device; lives on the main loop. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bridge/rtc/dtls.h"
#include "endpoints/client/client.h"
#include "endpoints/device/meeting.h"
#include "endpoints/device/outgoing.h"
#include "endpoints/device/player.h"

typedef struct Call Call;

/* No packet of the relay for so long: ask for a new media session. */
#define CALL_SILENCE_US INT64_C(5000000)
/* No packet of the relay for so long: shown as lost. */
#define CALL_LOST_US INT64_C(2000000)

typedef enum CallState {
    CALL_NONE,
    CALL_JOINING,
    CALL_JOINED,
    CALL_LOST,
} CallState;

/* None of them may free the call. */
typedef struct CallHandlers {
    void (*on_begin)(const Meeting *meeting, void *data);
    void (*on_end)(const char *reason, void *data);
    /* `muted` as the server last said. */
    void (*on_mute)(bool muted, void *data);
    void (*on_keyframe_wanted)(void *data);
    /* 0: no limit. */
    void (*on_cap)(int kbps, void *data);
} CallHandlers;

typedef struct CallOptions {
    Client *client; /* not used before call_on_event */
    DtlsIdentity *identity;
    Player *player;
    const char *cname;
} CallOptions;

Call *call_new(const CallOptions *options, const CallHandlers *handlers, void *data);
/* Without telling anybody. */
void call_free(Call *call);

/* invite, leave, mute, media.resumed; false when the event is another. */
bool call_on_event(Call *call, const char *type, json_t *event);

const Meeting *call_meeting(const Call *call);
CallState call_state(const Call *call);
void call_send(Call *call, const Outgoing *outgoing);
/* {meeting, peer} for device.auth: a new object, or NULL when no media flows. */
json_t *call_get_media(const Call *call);

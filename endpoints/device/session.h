/* One media session with the relay, from invitation to end: makes the offer, takes the answer,
 * carries the site's voice and picture there and the meeting's to the player. It is never
 * re-negotiated: a new invitation makes a new session. Owned by the device; lives on the main
 * loop. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/problem.h"
#include "bridge/rtc/dtls.h"
#include "endpoints/device/outgoing.h"
#include "endpoints/device/player.h"

typedef struct Session Session;

typedef struct SessionHandlers {
    /* `sdp` is borrowed. */
    void (*on_offer)(Session *session, const char *sdp, void *data);
    void (*on_connected)(Session *session, void *data);
    /* Free the session later, not here. */
    void (*on_failed)(Session *session, const char *reason, void *data);
    /* The mixer needs a key frame of ours. */
    void (*on_keyframe_wanted)(Session *session, void *data);
    /* The relay's limit for all we send. */
    void (*on_cap)(Session *session, int kbps, void *data);
} SessionHandlers;

typedef struct SessionOptions {
    DtlsIdentity *identity;
    Player *player;
    const char *cname;
    bool sends_audio;
    bool sends_video;
    bool local; /* the server is on this machine */
} SessionOptions;

/* Calls nothing before it returns. What the options point to must outlive it, but for cname. */
Session *session_new(const SessionOptions *options, const SessionHandlers *handlers, void *data);
void session_free(Session *session);

/* False and a problem when the answer is refused; the session is of no use then. */
bool session_answer(Session *session, const char *sdp, Problem *problem);
bool session_is_connected(const Session *session);
/* Sends it, or drops it when the session is not connected or does not send this. */
void session_send(Session *session, const Outgoing *outgoing);
/* Monotonic time of the last packet that proved to be the relay's; 0: none yet. */
int64_t session_last_heard_us(const Session *session);

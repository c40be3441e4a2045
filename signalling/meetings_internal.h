/* What the files of Meetings share: its state and its verbs, by file. Nobody else includes this. */
#pragma once

#include "bridge/base/loop.h"
#include "signalling/directory.h"
#include "signalling/dispatch.h"
#include "signalling/media_stats.h"
#include "signalling/meeting.h"
#include "signalling/meetings.h"
#include "signalling/store.h"
#include "signalling/stream_tokens.h"
#include "signalling/view_presets.h"

#define WATCH_AS_AUDIENCE (-1)
#define WATCH_NO_CAP (-1)

/* One negotiated (or invited) media session. The relay knows it by `peer`. */
typedef struct MediaSession {
    uint32_t peer;
    Meeting *meeting;
    uint32_t source;   /* 0: a watcher */
    uint64_t client;   /* who holds it; 0 once that connection ended */
    int64_t stream;    /* the token it came with by HTTP; 0: a device's or a page's */
    uint32_t replaces; /* an older session of the same client, ended when this one is connected */
    int chosen_view;   /* of a page; WATCH_AS_AUDIENCE: as its seat's audience says */
    int view;          /* the one the relay was told; -1: it has to be told */
    int view_kbps;     /* its cap; WATCH_NO_CAP */
    MediaStats stats;  /* of the last second */
    MediaStats told_stats; /* what pages know of it */
    bool offered;
    bool connected;
    int64_t deadline_us; /* invited or unheld too long; 0: no deadline */
} MediaSession;

struct Meetings {
    Server *server;
    Layouts *layouts;
    ViewPresets *presets;
    StreamTokens *tokens;
    GHashTable *streams;  /* peer → its token, of sessions before a restart */
    GPtrArray *open;      /* Meeting */
    GHashTable *sessions; /* peer → MediaSession */
    MediaProcess *relay;
    /* Devices that came back before the relay was adopted: [{client, media}]. */
    json_t *waiting;
    json_t *relay_counters; /* of the last `stats` event; NULL before it */
    LoopWatch *tick;
    int64_t last_meeting;
    uint32_t last_peer;
};

/* meetings.c */
Meeting *meetings_find(Meetings *meetings, int64_t id);
/* Takes up a meeting that is in the store: its mixer is started or adopted, the relay told. */
void meetings_start(Meetings *meetings, Meeting *meeting);
void meetings_close(Meetings *meetings, Meeting *meeting);
void meetings_remove_seat(Meetings *meetings, Meeting *meeting, Seat *seat, const char *reason);
/* Gives the site its seat: Site.meeting, unless another meeting has it. */
void meetings_bind_site(Meetings *meetings, Meeting *meeting, Seat *seat);

/* Answers what came while the relay was not there. */
void meetings_serve_waiting(Meetings *meetings);

/* meeting_calls.c: inviting, offers, answers, the life of a media session */
void calls_seat(Meetings *meetings, Meeting *meeting, Seat *seat);
/* The new session watches what this client's earlier one did. */
void calls_page(Meetings *meetings, Meeting *meeting, Client *client, Seat *seat_or_null);
/* The session the relay knows by this number, or NULL; 0 is none. */
MediaSession *calls_find_peer(Meetings *meetings, uint32_t peer);
/* A session found at the relay, that nobody holds yet. */
MediaSession *calls_adopt(Meetings *meetings, Meeting *meeting, uint32_t source, uint32_t peer);
/* The session of this meeting that the client holds, or NULL. */
MediaSession *calls_find_session(Meetings *meetings, int64_t meeting, uint64_t client);
/* The fields of peer.add; the caller owns them. */
json_t *calls_make_peer(Meetings *meetings, MediaSession *session, const char *sdp);
void calls_offer(Meetings *meetings, MediaSession *session, const char *sdp, Request request);
/* Invites again whoever it serves; ends it when another one has taken its seat over. */
void calls_renew(Meetings *meetings, MediaSession *session);
/* A session that came by HTTP with this token. */
MediaSession *calls_begin_stream(Meetings *meetings, Meeting *meeting, Seat *seat_or_null,
                                 int64_t token);
/* Its seat stays. */
void calls_end_stream(Meetings *meetings, MediaSession *session);
/* The client says it still holds this; true when it does, and it has been told so. */
bool calls_resume(Meetings *meetings, Client *client, json_t *media);
/* Ends it at the relay too. */
void calls_end(Meetings *meetings, MediaSession *session);
/* Ends the session this one came in place of, and the user's seat that was left with it. */
void calls_end_replaced(Meetings *meetings, MediaSession *session);
void calls_tell_leave(Meetings *meetings, MediaSession *session, const char *reason);
void calls_sweep(Meetings *meetings, int64_t now_us);
void calls_on_client_gone(Meetings *meetings, uint64_t client);

/* meeting_media.c: the words to and from relay and mixers */
extern const MediaProcessHandlers media_relay_handlers; /* data: Meetings */
extern const MediaProcessHandlers media_mixer_handlers; /* data: Meeting */
void media_push_program(Meetings *meetings, Meeting *meeting);
/* Answers the request once the relay enforces it and the store has it: a mute survives any crash.
 */
typedef struct MuteOptions {
    bool muted;
    const char *by;         /* who says so */
    const Request *request; /* NULL: nobody waits for an answer */
} MuteOptions;
void media_mute(Meetings *meetings, Meeting *meeting, Seat *seat, const MuteOptions *options);
/* Tells the seat's client what the mixer wants from it and where it is shown. */
void media_tell_demand(Meeting *meeting, Seat *seat);
void media_tell_cell(Meeting *meeting, Seat *seat);
Client *media_seat_client(Meetings *meetings, const Seat *seat);

/* meeting_watching.c: which view, and how much of it */
int watching_view_of(Meetings *meetings, const MediaSession *session);
/* Tells seats and relay what has changed about who watches what. */
void watching_settle(Meetings *meetings, Meeting *meeting);
void watching_cap(Meetings *meetings, MediaSession *session, int kbps);
/* All rungs of the meeting, to the relay. */
void watching_tell_rungs(Meetings *meetings, const Meeting *meeting);
/* The views have changed: relay and seats are told at once. */
void watching_on_views(Meetings *meetings, Meeting *meeting);

/* meeting_floor.c: who may speak. `by` is who says so. */
/* Queue, floor or roll have changed: pages, sites and the picture are told. */
void floor_changed(Meeting *meeting);
/* Takes its hand down, lifts its hard mute while it has the floor; NULL: nobody has it. */
void floor_give(Meetings *meetings, Meeting *meeting, Seat *seat_or_null, const char *by);
/* To the first in the queue who is there; NULL when there is none: then nobody has it. */
Seat *floor_next(Meetings *meetings, Meeting *meeting, const char *by);
void floor_lend_microphone(Meetings *meetings, Meeting *meeting, Seat *seat, const char *by);
/* Mutes again what was lent, unless the seat still needs it. */
void floor_return_microphone(Meetings *meetings, Meeting *meeting, Seat *seat, const char *by);
/* Everybody was muted (or heard) by one act, who comes later is too. */
void floor_mute_all(Meeting *meeting, bool muted);
/* The seat is about to be removed. */
void floor_forget_seat(Meeting *meeting, const Seat *seat);
/* floor_messages.c: meeting.floor for the whole meeting */
void floor_handle_give(Server *server, Client *client, json_t *message, Request request);

/* floor_records.c */
void floor_records_write(Meetings *meetings, const Meeting *meeting, StoreReply reply, void *data);
bool floor_records_load(Meetings *meetings, Meeting *meeting, Problem *problem);
/* From a row of the table of meetings. */
void floor_records_read_header(Meeting *meeting, json_t *row);

/* meeting_roll.c */
/* Forgets all marks and calls the first. */
void roll_start(Meetings *meetings, Meeting *meeting, const char *by);
/* This seat, or (NULL) the next one without a mark; the roll is done when there is none. */
void roll_call(Meetings *meetings, Meeting *meeting, Seat *seat_or_null, const char *by);
void roll_stop(Meetings *meetings, Meeting *meeting, const char *by);
/* Calls the next when this one was called. */
void roll_mark(Meetings *meetings, Meeting *meeting, Seat *seat, const RollMark *mark);
/* Heard for so long: an answer when it is called. */
void roll_hear(Meetings *meetings, Meeting *meeting, Seat *seat, int64_t heard_ms);

/* meeting_talk.c: the relay's `voices` event */
void talk_on_voices(Meetings *meetings, json_t *event);

/* meeting_presence.c: writes down who came and went since the last time */
void presence_settle(Meetings *meetings, Meeting *meeting);

/* meeting_status.c: the event seat.status */
void status_settle(Meetings *meetings, Meeting *meeting);
/* Its client is another one: it is told again. */
void status_renew(Meeting *meeting, Seat *seat);

/* meeting_stats.c: the relay's `stats` event */
void stats_apply(Meetings *meetings, json_t *event);

/* view_messages.c: new views of this preset, checked against the directory; NULL and a problem. */
GPtrArray *meetings_make_preset(Meetings *meetings, const char *name, Problem *problem);

/* meeting_records.c: what is kept */
bool records_load(Meetings *meetings, GError **error);
/* `reply` when the meeting and its seats are on disk, or not at all. */
void records_open(Meetings *meetings, const Meeting *meeting, const char *by, StoreReply reply,
                  void *data);
void records_close(Meetings *meetings, const Meeting *meeting);
void records_header(Meetings *meetings, const Meeting *meeting);
void records_views(Meetings *meetings, const Meeting *meeting);
void records_seats(Meetings *meetings, const Meeting *meeting); /* the changed ones */
/* One seat, at once; `reply` when it is on disk. */
void records_seat(Meetings *meetings, const Meeting *meeting, const Seat *seat, StoreReply reply,
                  void *data);
void records_stream(Meetings *meetings, const MediaSession *session);
void records_end_stream(Meetings *meetings, uint32_t peer);
void records_attendance(Meetings *meetings, const Meeting *meeting, const Seat *seat,
                        const char *event);
void records_remove_seat(Meetings *meetings, const Meeting *meeting, const Seat *seat);

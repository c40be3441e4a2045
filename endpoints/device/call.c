#include "endpoints/device/call.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/fields.h"
#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "endpoints/device/session.h"

#define CALL_WATCH_EVERY_US INT64_C(250000)
#define CALL_RENEW_FIRST_US INT64_C(5000000)
#define CALL_RENEW_LONGEST_US INT64_C(20000000)

/* A session and the peer number it was made for. */
typedef struct Leg {
    Session *session;
    int64_t peer;
    bool has_failed;
} Leg;

/* An offer on its way, which may outlive the leg it was made for. */
typedef struct Offer {
    Call *call;
    int64_t peer;
} Offer;

struct Call {
    Client *client;
    DtlsIdentity *identity;
    Player *player;
    char *cname;
    CallHandlers handlers;
    void *data;

    Meeting meeting;
    Leg current; /* answered; media flows or will */
    Leg next;    /* not answered yet */
    GPtrArray *offers;
    LoopWatch *watch;
    bool has_joined;
    int64_t alive_us; /* the latest sign that media flows or is about to */
    int64_t renew_at_us;
    int64_t renew_window_us;
};

static void on_watch(void *data);

Call *call_new(const CallOptions *options, const CallHandlers *handlers, void *data)
{
    Call *call = g_new0(Call, 1);
    call->client = options->client;
    call->identity = options->identity;
    call->player = options->player;
    call->cname = g_strdup(options->cname);
    call->handlers = *handlers;
    call->data = data;
    call->offers = g_ptr_array_new_with_free_func(g_free);
    call->watch = loop_every(CALL_WATCH_EVERY_US, on_watch, call);
    return call;
}

static void drop_leg(Leg *leg)
{
    session_free(leg->session);
    *leg = (Leg){0};
}

void call_free(Call *call)
{
    if (call == NULL) {
        return;
    }
    loop_drop(&call->watch);
    drop_leg(&call->current);
    drop_leg(&call->next);
    g_ptr_array_unref(call->offers);
    g_free(call->cname);
    g_free(call);
}

static void end(Call *call, const char *reason)
{
    if (call->meeting.id == 0) {
        return;
    }
    log_info("meeting.end",
             "meeting=%" G_GINT64_FORMAT " source=%" G_GINT64_FORMAT " reason=\"%s\"",
             call->meeting.id, call->meeting.source, reason);
    drop_leg(&call->current);
    drop_leg(&call->next);
    call->meeting = (Meeting){0};
    call->has_joined = false;
    call->handlers.on_end(reason, call->data);
}

static void on_renew_answer(json_t *ok, const Problem *problem, void *data)
{
    Call *call = data;
    if (problem == NULL) {
        return;
    }
    log_warning("media.renew", "code=%s message=\"%s\"", problem->code, problem->message);
    if (strcmp(problem->code, "not_found") == 0 || strcmp(problem->code, "wrong_state") == 0) {
        end(call, "the server knows of no meeting");
    }
}

static void renew(Call *call, int64_t now_us)
{
    log_warning(
        "media.lost", "meeting=%" G_GINT64_FORMAT " source=%" G_GINT64_FORMAT " silent_ms=%d",
        call->meeting.id, call->meeting.source, (int)((now_us - call->alive_us) / CLOCK_US_PER_MS));
    call->renew_at_us =
        now_us + CALL_RENEW_FIRST_US +
        (int64_t)(g_random_double() * (double)(call->renew_window_us - CALL_RENEW_FIRST_US));
    call->renew_window_us = MIN(call->renew_window_us * 2, CALL_RENEW_LONGEST_US);
    client_request(
        call->client,
        json_pack("{s:s, s:I}", "type", "media.renew", "meeting", (json_int_t)call->meeting.id),
        on_renew_answer, call);
}

static void on_watch(void *data)
{
    Call *call = data;
    if (call->meeting.id == 0) {
        return;
    }
    if (call->next.has_failed) {
        drop_leg(&call->next);
    }
    if (call->current.session != NULL) {
        call->alive_us = MAX(call->alive_us, session_last_heard_us(call->current.session));
    }
    int64_t now_us = clock_now_us();
    bool is_silent = now_us - call->alive_us >= CALL_SILENCE_US ||
                     (call->current.has_failed && call->next.session == NULL);
    if (is_silent && now_us >= call->renew_at_us && client_state(call->client) == CLIENT_ONLINE) {
        renew(call, now_us);
    }
}

static void on_offer_refused(Call *call, const Problem *problem)
{
    log_warning("media.refused", "meeting=%" G_GINT64_FORMAT " code=%s message=\"%s\"",
                call->meeting.id, problem->code, problem->message);
    drop_leg(&call->next);
    if (strcmp(problem->code, "not_found") == 0) {
        end(call, "the server knows of no meeting");
    }
}

/* The relay has put the new peer in the old one's place: so do we. */
static void take_answer(Call *call, json_t *ok)
{
    const char *sdp = NULL;
    Problem problem = {0};
    if (!field_string(ok, "sdp", 1, LIMIT_SDP_BYTES, &sdp, &problem) ||
        !session_answer(call->next.session, sdp, &problem)) {
        on_offer_refused(call, &problem);
        return;
    }
    drop_leg(&call->current);
    call->current = call->next;
    call->next = (Leg){0};
    call->meeting.peer = call->current.peer;
    call->alive_us = clock_now_us();
    call->handlers.on_cap(0, call->data);
}

static void on_offer_answer(json_t *ok, const Problem *problem, void *data)
{
    Offer *offer = data;
    Call *call = offer->call;
    int64_t peer = offer->peer;
    g_ptr_array_remove_fast(call->offers, offer);
    if (call->next.session == NULL || call->next.peer != peer) {
        return;
    }
    if (problem != NULL) {
        on_offer_refused(call, problem);
    } else {
        take_answer(call, ok);
    }
}

static Leg *leg_of(Call *call, const Session *session)
{
    return call->current.session == session ? &call->current : &call->next;
}

static void on_offer(Session *session, const char *sdp, void *data)
{
    Call *call = data;
    Offer *offer = g_new0(Offer, 1);
    offer->call = call;
    offer->peer = leg_of(call, session)->peer;
    g_ptr_array_add(call->offers, offer);
    client_request(call->client,
                   json_pack("{s:s, s:I, s:I, s:s}", "type", "media.offer", "meeting",
                             (json_int_t)call->meeting.id, "peer", (json_int_t)offer->peer, "sdp",
                             sdp),
                   on_offer_answer, offer);
}

static void on_connected(Session *session, void *data)
{
    Call *call = data;
    call->has_joined = true;
    call->alive_us = clock_now_us();
    call->renew_window_us = CALL_RENEW_FIRST_US;
    log_info("media.connected",
             "meeting=%" G_GINT64_FORMAT " source=%" G_GINT64_FORMAT " peer=%" G_GINT64_FORMAT,
             call->meeting.id, call->meeting.source, call->current.peer);
    call->handlers.on_keyframe_wanted(call->data);
}

static void on_failed(Session *session, const char *reason, void *data)
{
    Call *call = data;
    Leg *leg = leg_of(call, session);
    leg->has_failed = true;
    log_warning("media.failed",
                "meeting=%" G_GINT64_FORMAT " peer=%" G_GINT64_FORMAT " reason=\"%s\"",
                call->meeting.id, leg->peer, reason);
}

static void on_keyframe_wanted(Session *session, void *data)
{
    Call *call = data;
    call->handlers.on_keyframe_wanted(call->data);
}

static void on_cap(Session *session, int kbps, void *data)
{
    Call *call = data;
    call->handlers.on_cap(kbps, call->data);
}

static void make_next(Call *call)
{
    SessionOptions options = {
        .identity = call->identity,
        .player = call->player,
        .cname = call->cname,
        .sends_audio = call->meeting.sends,
        .sends_video = call->meeting.sends,
        .local = client_is_local(call->client),
    };
    SessionHandlers handlers = {
        .on_offer = on_offer,
        .on_connected = on_connected,
        .on_failed = on_failed,
        .on_keyframe_wanted = on_keyframe_wanted,
        .on_cap = on_cap,
    };
    drop_leg(&call->next);
    call->next.session = session_new(&options, &handlers, call);
    call->next.peer = call->meeting.peer;
}

static void on_invite(Call *call, json_t *event)
{
    Meeting meeting;
    Problem problem = {0};
    if (!meeting_parse_invite(event, &meeting, &problem)) {
        log_warning("invite.refused", "message=\"%s\"", problem.message);
        return;
    }
    bool is_new = meeting.id != call->meeting.id;
    if (is_new) {
        end(call, "another meeting");
    }
    call->meeting = meeting;
    call->alive_us = clock_now_us();
    log_info("meeting.invite",
             "meeting=%" G_GINT64_FORMAT " source=%" G_GINT64_FORMAT " peer=%" G_GINT64_FORMAT
             " muted=%d send=%d",
             meeting.id, meeting.source, meeting.peer, meeting.muted, meeting.sends);
    if (is_new) {
        call->renew_at_us = 0;
        call->renew_window_us = CALL_RENEW_FIRST_US;
        call->handlers.on_begin(&call->meeting, call->data);
    }
    call->handlers.on_mute(meeting.muted, call->data);
    make_next(call);
}

static void on_leave(Call *call, json_t *event)
{
    const char *reason = "";
    Problem problem = {0};
    if (meeting_is_of(&call->meeting, event) &&
        field_string_or(event, "reason", LIMIT_NAME_BYTES, "", &reason, &problem)) {
        end(call, reason);
    }
}

static void on_mute(Call *call, json_t *event)
{
    bool muted = false;
    Problem problem = {0};
    if (!meeting_is_of(&call->meeting, event) || !field_bool(event, "muted", &muted, &problem)) {
        return;
    }
    call->meeting.muted = muted;
    log_info("meeting.mute", "meeting=%" G_GINT64_FORMAT " muted=%d", call->meeting.id, muted);
    call->handlers.on_mute(muted, call->data);
}

static void on_resumed(Call *call, json_t *event)
{
    int64_t source = 0;
    Problem problem = {0};
    if (meeting_is_of(&call->meeting, event) &&
        field_int(event, "source", 0, UINT32_MAX, &source, &problem)) {
        call->meeting.source = source;
        on_mute(call, event);
    }
}

bool call_on_event(Call *call, const char *type, json_t *event)
{
    static const struct {
        const char *type;
        void (*handle)(Call *call, json_t *event);
    } rows[] = {
        {"invite", on_invite},
        {"leave", on_leave},
        {"mute", on_mute},
        {"media.resumed", on_resumed},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (strcmp(rows[i].type, type) == 0) {
            rows[i].handle(call, event);
            return true;
        }
    }
    return false;
}

const Meeting *call_meeting(const Call *call)
{
    return &call->meeting;
}

CallState call_state(const Call *call)
{
    if (call->meeting.id == 0) {
        return CALL_NONE;
    }
    if (!call->has_joined) {
        return CALL_JOINING;
    }
    int64_t heard_us = call->alive_us;
    if (call->current.session != NULL) {
        heard_us = MAX(heard_us, session_last_heard_us(call->current.session));
    }
    return clock_now_us() - heard_us > CALL_LOST_US ? CALL_LOST : CALL_JOINED;
}

void call_send(Call *call, const Outgoing *outgoing)
{
    if (call->current.session != NULL) {
        session_send(call->current.session, outgoing);
    }
}

json_t *call_get_media(const Call *call)
{
    if (call->current.session == NULL || !session_is_connected(call->current.session)) {
        return NULL;
    }
    return json_pack("{s:I, s:I}", "meeting", (json_int_t)call->meeting.id, "peer",
                     (json_int_t)call->current.peer);
}

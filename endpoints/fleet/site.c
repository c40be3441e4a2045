#include "endpoints/fleet/site.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/fields.h"
#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "endpoints/client/client.h"
#include "endpoints/client/identity.h"
#include "endpoints/fleet/media.h"
#include "endpoints/fleet/siteexam.h"

#define RENEW_AGAIN_US (5 * CLOCK_US_PER_S)

typedef struct Invitation {
    int64_t meeting; /* 0: none */
    int64_t peer;
    bool is_muted;
} Invitation;

struct Site {
    SiteOptions options;
    char *code;
    char *name;
    Identity *identity;
    bool is_new;
    Client *client;
    ClientState client_state;
    SiteExam *exam;

    Invitation invitation; /* of the session that there is */
    Invitation next;       /* came while an offer was on its way */
    bool is_offering;
    Media *media;
    Demand demand;
    bool has_cell;
    SiteCell cell;
    ViewerSink sink;
    void *sink_data;
    Camera *camera; /* borrowed */

    Tally tally;
    bool is_served;
    bool was_served;    /* when it went */
    int64_t waiting_us; /* since when it waits to be served; 0: it does not */
    int64_t renew_us;
    int64_t tick_us;
};

Site *site_new(const SiteOptions *options, GError **error)
{
    g_autofree char *dir = g_build_filename(options->state_dir, options->code, NULL);
    g_autofree char *key = g_build_filename(dir, IDENTITY_FILE_NAME, NULL);
    bool is_new = !g_file_test(key, G_FILE_TEST_EXISTS);
    Identity *identity = identity_load(dir, error);
    if (identity == NULL) {
        return NULL;
    }
    Site *site = g_new0(Site, 1);
    site->options = *options;
    site->code = g_strdup(options->code);
    site->name = g_strdup_printf("fleet %s", options->code);
    site->identity = identity;
    site->is_new = is_new;
    site->exam = site_exam_new(dir);
    return site;
}

void site_free(Site *site)
{
    if (site == NULL) {
        return;
    }
    site_leave(site);
    site_exam_free(site->exam);
    identity_free(site->identity);
    g_free(site->code);
    g_free(site->name);
    g_free(site);
}

size_t site_index(const Site *site)
{
    return site->options.index;
}

const char *site_code(const Site *site)
{
    return site->code;
}

bool site_is_new(const Site *site)
{
    return site->is_new;
}

SitePhase site_phase(const Site *site)
{
    if (site->client == NULL) {
        return SITE_OFF;
    }
    if (site->media != NULL) {
        return site->is_served ? SITE_SERVED : SITE_MEETING;
    }
    return site->client_state == CLIENT_ONLINE ? SITE_ONLINE : SITE_CONNECTING;
}

Tally *site_tally(Site *site)
{
    return &site->tally;
}

bool site_cell(const Site *site, SiteCell *ret_cell)
{
    *ret_cell = site->cell;
    return site->has_cell;
}

void site_set_sink(Site *site, ViewerSink sink, void *data)
{
    site->sink = sink;
    site->sink_data = data;
    if (site->media != NULL) {
        media_set_sink(site->media, sink, data);
    }
}

/* The media session and all that belongs to it. */
static void drop_media(Site *site, bool says_goodbye)
{
    Media *media = g_steal_pointer(&site->media);
    if (says_goodbye) {
        media_close(media);
    } else {
        media_free(media);
    }
}

void site_set_camera(Site *site, Camera *camera)
{
    if (site->camera != NULL && camera == NULL) {
        drop_media(site, true);
    }
    site->camera = camera;
}

static void make_offer(Site *site, const Invitation *invitation);

static void on_offer_answer(json_t *ok, const Problem *problem, void *data)
{
    Site *site = data;
    site->is_offering = false;
    if (site->next.meeting != 0) {
        Invitation next = site->next;
        site->next = (Invitation){0};
        make_offer(site, &next);
        return;
    }
    const char *sdp = json_string_value(json_object_get(ok, "sdp"));
    Problem unusable = {0};
    if (site->media == NULL) {
        return;
    }
    if (sdp != NULL && media_set_answer(site->media, sdp, &unusable)) {
        media_set_demand(site->media, &site->demand);
        media_set_sink(site->media, site->sink, site->sink_data);
        return;
    }
    const Problem *shown = problem != NULL ? problem : &unusable;
    log_warning("offer.failed", "site=%s code=%s message=\"%s\"", site->code, shown->code,
                shown->message);
    drop_media(site, false);
    site->renew_us = clock_now_us() + RENEW_AGAIN_US;
}

static void make_offer(Site *site, const Invitation *invitation)
{
    g_autoptr(GError) error = NULL;
    drop_media(site, true);
    site->invitation = *invitation;
    site->renew_us = 0;
    const MediaOptions options = {
        .studio = site->options.studio,
        .site = site->options.index,
        .cname = site->code,
        .camera = site->camera,
        .tally = &site->tally,
    };
    site->media = media_new(&options, &error);
    if (site->media == NULL) {
        log_warning("media.failed", "site=%s reason=\"%s\"", site->code, error->message);
        return;
    }
    media_set_muted(site->media, invitation->is_muted);
    g_autofree char *sdp = media_offer(site->media);
    site->is_offering = true;
    client_request(site->client,
                   json_pack("{s:s, s:I, s:I, s:s}", "type", "media.offer", "meeting",
                             (json_int_t)invitation->meeting, "peer", (json_int_t)invitation->peer,
                             "sdp", sdp),
                   on_offer_answer, site);
}

static bool on_invite(Site *site, json_t *event, Problem *problem)
{
    Invitation invitation = {0};
    if (!field_int(event, "meeting", 1, INT64_MAX, &invitation.meeting, problem) ||
        !field_int(event, "peer", 1, UINT32_MAX, &invitation.peer, problem) ||
        !field_bool_or(event, "muted", false, &invitation.is_muted, problem)) {
        return false;
    }
    if (invitation.meeting != site->invitation.meeting) {
        site->demand = (Demand){0};
        site->has_cell = false;
    }
    if (!site->is_served && site->waiting_us == 0) {
        site->waiting_us = clock_now_us();
    }
    if (site->is_offering) {
        site->next = invitation;
    } else {
        make_offer(site, &invitation);
    }
    return true;
}

static bool is_of_our_meeting(const Site *site, json_t *event)
{
    return json_integer_value(json_object_get(event, "meeting")) == site->invitation.meeting;
}

static bool on_demand(Site *site, json_t *event, Problem *problem)
{
    Demand demand;
    if (!demand_parse(event, &demand, problem)) {
        return false;
    }
    site->demand = demand;
    if (site->media != NULL) {
        media_set_demand(site->media, &demand);
    }
    return true;
}

static bool on_cell(Site *site, json_t *event, Problem *problem)
{
    json_t *cell = NULL;
    site->has_cell = false;
    if (!field_has(event, "cell")) {
        return true;
    }
    SiteCell read = {0};
    if (!field_object(event, "cell", &cell, problem) ||
        !field_number(cell, "x", 0, 1, &read.x, problem) ||
        !field_number(cell, "y", 0, 1, &read.y, problem) ||
        !field_number(cell, "w", 0, 1, &read.w, problem) ||
        !field_number(cell, "h", 0, 1, &read.h, problem)) {
        return false;
    }
    site->cell = read;
    site->has_cell = true;
    return true;
}

static bool on_mute(Site *site, json_t *event, Problem *problem)
{
    bool is_muted = false;
    if (!field_bool(event, "muted", &is_muted, problem)) {
        return false;
    }
    if (site->media != NULL) {
        media_set_muted(site->media, is_muted);
    }
    return true;
}

static bool on_leave(Site *site, json_t *event, Problem *problem)
{
    drop_media(site, true);
    site->invitation = (Invitation){0};
    site->next = (Invitation){0};
    site->is_served = false;
    site->waiting_us = 0;
    site->renew_us = 0;
    tally_on_gone(&site->tally);
    return true;
}

static bool on_check(Site *site, json_t *event, Problem *problem)
{
    site_exam_on_check(site->exam, site->client, event);
    return true;
}

static void on_event(const char *type, json_t *event, void *data)
{
    static const struct {
        const char *type;
        bool is_of_meeting; /* concerns the meeting we are in, or nobody */
        bool (*handle)(Site *site, json_t *event, Problem *problem);
    } rows[] = {
        {"invite", false, on_invite}, {"demand", true, on_demand}, {"cell", true, on_cell},
        {"mute", true, on_mute},      {"leave", true, on_leave},   {"check", false, on_check},
    };
    Site *site = data;
    Problem problem = {0};
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        bool is_meant = strcmp(rows[i].type, type) == 0 &&
                        (!rows[i].is_of_meeting || is_of_our_meeting(site, event));
        if (is_meant && !rows[i].handle(site, event, &problem)) {
            log_warning("event.bad", "site=%s type=%s message=\"%s\"", site->code, type,
                        problem.message);
        }
    }
}

static void on_state(ClientState state, json_t *detail, const char *reason, void *data)
{
    Site *site = data;
    site->client_state = state;
    if (state == CLIENT_OFFLINE) {
        site->is_offering = false;
    } else if (state == CLIENT_ONLINE) {
        site->is_new = false;
    } else {
        site->options.handlers->on_token_needed(site, site->options.data);
    }
}

/* Named when the server came back, so that it lets the session go on. */
static json_t *get_media(void *data)
{
    const Site *site = data;
    if (site->media == NULL || media_state(site->media) != MEDIA_CONNECTED) {
        return NULL;
    }
    return json_pack("{s:I, s:I}", "meeting", (json_int_t)site->invitation.meeting, "peer",
                     (json_int_t)site->invitation.peer);
}

void site_start(Site *site, const char *token)
{
    static const ClientHandlers handlers = {on_state, on_event, get_media};
    const ClientOptions options = {
        .hub = site->options.hub,
        .host = site->options.host,
        .port = site->options.port,
        .pin_hex = site->options.pin_hex,
        .insecure = site->options.insecure,
        .identity = site->identity,
        .name = site->name,
        .token = token,
    };
    client_free(site->client);
    site_exam_stop(site->exam);
    site->is_offering = false;
    site->client_state = CLIENT_OFFLINE;
    if (site->was_served && site->waiting_us == 0) {
        site->waiting_us = clock_now_us();
    }
    site->client = client_new(&options, &handlers, site);
}

static void go(Site *site, bool says_goodbye)
{
    drop_media(site, says_goodbye);
    g_clear_pointer(&site->client, client_free);
    site_exam_stop(site->exam);
    site->was_served = site->was_served || site->is_served;
    site->is_served = false;
    site->is_offering = false;
    site->invitation = (Invitation){0};
    site->next = (Invitation){0};
    site->demand = (Demand){0};
    site->has_cell = false;
    site->waiting_us = 0;
    site->renew_us = 0;
    tally_on_gone(&site->tally);
}

void site_kill(Site *site)
{
    go(site, false);
}

void site_leave(Site *site)
{
    go(site, true);
}

static void note_served(Site *site, int64_t now_us)
{
    site->is_served = true;
    site->was_served = false;
    int64_t waited_us = site->waiting_us != 0 ? now_us - site->waiting_us : 0;
    site->waiting_us = 0;
    site->options.handlers->on_served(site, waited_us, site->options.data);
}

static void renew(Site *site, int64_t now_us)
{
    site->renew_us = now_us + RENEW_AGAIN_US;
    site->tally.sums.renewals++;
    if (site->client_state == CLIENT_ONLINE && !site->is_offering) {
        client_request(site->client,
                       json_pack("{s:s, s:I}", "type", "media.renew", "meeting",
                                 (json_int_t)site->invitation.meeting),
                       NULL, NULL);
    }
}

void site_tick(Site *site, bool is_talking, int64_t now_us)
{
    int64_t since_us = now_us - site->tick_us;
    site->tick_us = now_us;
    if (site->media == NULL) {
        if (site->renew_us != 0 && now_us >= site->renew_us && site->client != NULL) {
            renew(site, now_us);
        }
        return;
    }
    media_set_talking(site->media, is_talking);
    if (media_tick(site->media, now_us) == MEDIA_FAILED) {
        log_warning("media.lost", "site=%s reason=\"%s\"", site->code, media_failure(site->media));
        drop_media(site, false);
        renew(site, now_us);
        return;
    }
    if (site->is_served) {
        site->tally.sums.present_us += (uint64_t)since_us;
    } else if (media_is_served(site->media)) {
        note_served(site, now_us);
    }
}

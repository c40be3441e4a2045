#include "endpoints/fleet/fleet.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "endpoints/fleet/enrol.h"
#include "endpoints/fleet/inspection.h"
#include "endpoints/fleet/report.h"
#include "endpoints/fleet/site.h"
#include "endpoints/fleet/turns.h"

#define TICK_US (5 * CLOCK_US_PER_MS)

typedef struct Member {
    Site *site;
    bool is_queued; /* waits to be started */
    TallySums second_began;
    TallySums window_began;
} Member;

struct Fleet {
    Studio studio;
    SocketHub *hub;
    Enrol *enrol;
    char *host;
    char *pin_hex;
    char *state_dir;
    GHashTable *tokens;
    size_t starts_per_s;
    Turns turns;
    int64_t began_us;
    size_t count;
    Member *members;
    GQueue queue; /* indices of sites that wait to be started */
    int64_t next_start_us;
    int64_t second_us;
    int64_t window_us;
    GArray *joins; /* int64_t, of the window */
    Site **sites;  /* of the members */
    Inspection *inspection;
    int64_t tick_us;
    int64_t late_us[TALLY_SCOPES]; /* by how much the worst tick came late */
    LoopWatch *tick;
};

static void on_token_needed(Site *site, void *data)
{
    Fleet *fleet = data;
    if (fleet->enrol != NULL) {
        enrol_ask(fleet->enrol, site_index(site), site_code(site));
    } else {
        log_warning("site.pending", "site=%s reason=\"no token\"", site_code(site));
    }
}

static void on_token(size_t index, const char *token, const char *reason, void *data)
{
    Fleet *fleet = data;
    if (token == NULL) {
        log_warning("token.refused", "index=%zu reason=\"%s\"", index, reason);
    } else if (index < fleet->count) {
        site_start(fleet->members[index].site, token);
    }
}

static void on_served(Site *site, int64_t waited_us, void *data)
{
    Fleet *fleet = data;
    g_array_append_val(fleet->joins, waited_us);
}

static void start_now(Fleet *fleet, size_t index)
{
    Member *member = &fleet->members[index];
    const char *token =
        fleet->tokens != NULL ? g_hash_table_lookup(fleet->tokens, site_code(member->site)) : NULL;
    member->is_queued = false;
    if (site_phase(member->site) != SITE_OFF) {
        return;
    }
    if (site_is_new(member->site) && token == NULL && fleet->enrol != NULL) {
        enrol_ask(fleet->enrol, index, site_code(member->site));
    } else {
        site_start(member->site, token);
    }
}

static void start_queued(Fleet *fleet, int64_t now_us)
{
    int64_t pace_us = CLOCK_US_PER_S / (int64_t)fleet->starts_per_s;
    fleet->next_start_us = MAX(fleet->next_start_us, now_us - TICK_US);
    while (!g_queue_is_empty(&fleet->queue) && fleet->next_start_us <= now_us) {
        size_t index = GPOINTER_TO_SIZE(g_queue_pop_head(&fleet->queue));
        if (fleet->members[index].is_queued) {
            fleet->next_start_us += pace_us;
            start_now(fleet, index);
        }
    }
}

/* A fleet that gets no CPU cannot tell who is to blame for a gap: it says so. */
static void note_lateness(Fleet *fleet, int64_t now_us)
{
    int64_t late_us = fleet->tick_us != 0 ? now_us - fleet->tick_us - TICK_US : 0;
    fleet->tick_us = now_us;
    for (int scope = 0; scope < TALLY_SCOPES; scope++) {
        fleet->late_us[scope] = MAX(fleet->late_us[scope], late_us);
    }
}

static void on_tick(void *data)
{
    Fleet *fleet = data;
    switchboard_poll(fleet->studio.board);
    int64_t now_us = clock_now_us();
    note_lateness(fleet, now_us);
    start_queued(fleet, now_us);
    inspection_tick(fleet->inspection, now_us);
    for (size_t i = 0; i < fleet->count; i++) {
        bool has_floor = turns_has_floor(&fleet->turns, i, now_us - fleet->began_us);
        site_tick(fleet->members[i].site, has_floor, now_us);
    }
}

static bool open_studio(Fleet *fleet, const FleetOptions *options, GError **error)
{
    Studio *studio = &fleet->studio;
    studio->sends_silence = options->sends_silence;
    return (studio->board = switchboard_new(error)) != NULL &&
           (studio->identity = dtls_identity_new(error)) != NULL &&
           (studio->shelf = shelf_new(options->cache_dir, options->film_dir, error)) != NULL &&
           (studio->speech = speech_new(options->cache_dir, options->sound_dir, error)) != NULL;
}

static bool make_sites(Fleet *fleet, const FleetOptions *options, GError **error)
{
    static const SiteHandlers handlers = {on_token_needed, on_served};
    size_t count = g_strv_length(options->codes);
    fleet->members = g_new0(Member, count);
    fleet->sites = g_new0(Site *, count);
    for (; fleet->count < count; fleet->count++) {
        const SiteOptions site = {
            .studio = &fleet->studio,
            .hub = fleet->hub,
            .host = fleet->host,
            .port = options->server_port,
            .pin_hex = fleet->pin_hex,
            .insecure = options->insecure,
            .state_dir = fleet->state_dir,
            .code = options->codes[fleet->count],
            .index = fleet->count,
            .handlers = &handlers,
            .data = fleet,
        };
        Site *made = site_new(&site, error);
        if (made == NULL) {
            return false;
        }
        fleet->members[fleet->count].site = fleet->sites[fleet->count] = made;
    }
    const InspectionOptions inspection = {
        .sites = fleet->sites,
        .site_count = count,
        .probe_count = options->probes,
        .sample_us = options->sample_us,
    };
    fleet->inspection = inspection_new(&inspection, error);
    return fleet->inspection != NULL;
}

static bool open_all(Fleet *fleet, const FleetOptions *options, GError **error)
{
    if (!open_studio(fleet, options, error) || (fleet->hub = socket_hub_new(error)) == NULL) {
        return false;
    }
    if (options->admin_socket != NULL &&
        (fleet->enrol = enrol_new(options->admin_socket, on_token, fleet, error)) == NULL) {
        return false;
    }
    return make_sites(fleet, options, error);
}

Fleet *fleet_new(const FleetOptions *options, GError **error)
{
    Fleet *fleet = g_new0(Fleet, 1);
    fleet->host = g_strdup(options->server_host);
    fleet->pin_hex = g_strdup(options->pin_hex);
    fleet->state_dir = g_strdup(options->state_dir);
    fleet->tokens = options->tokens != NULL ? g_hash_table_ref(options->tokens) : NULL;
    fleet->starts_per_s = MAX(options->starts_per_s, 1);
    fleet->joins = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_queue_init(&fleet->queue);
    if (!open_all(fleet, options, error)) {
        fleet_free(fleet);
        return NULL;
    }
    fleet->began_us = fleet->second_us = fleet->window_us = clock_now_us();
    fleet_set_talkers(fleet, options->talkers, options->turn_us);
    fleet->tick = loop_every(TICK_US, on_tick, fleet);
    return fleet;
}

void fleet_free(Fleet *fleet)
{
    if (fleet == NULL) {
        return;
    }
    loop_drop(&fleet->tick);
    inspection_free(fleet->inspection);
    for (size_t i = 0; i < fleet->count; i++) {
        site_free(fleet->members[i].site);
    }
    g_free(fleet->members);
    g_free(fleet->sites);
    enrol_free(fleet->enrol);
    socket_hub_free(fleet->hub);
    speech_free(fleet->studio.speech);
    shelf_free(fleet->studio.shelf);
    dtls_identity_free(fleet->studio.identity);
    switchboard_free(fleet->studio.board);
    g_queue_clear(&fleet->queue);
    g_array_unref(fleet->joins);
    g_clear_pointer(&fleet->tokens, g_hash_table_unref);
    g_free(fleet->host);
    g_free(fleet->pin_hex);
    g_free(fleet->state_dir);
    g_free(fleet);
}

static FleetRange clamp(const Fleet *fleet, FleetRange range)
{
    size_t first = MIN(range.first, fleet->count);
    size_t left = fleet->count - first;
    return (FleetRange){first, range.count == 0 ? left : MIN(range.count, left)};
}

void fleet_start(Fleet *fleet, FleetRange range, bool at_once)
{
    range = clamp(fleet, range);
    for (size_t i = range.first; i < range.first + range.count; i++) {
        Member *member = &fleet->members[i];
        if (at_once) {
            start_now(fleet, i);
        } else if (!member->is_queued && site_phase(member->site) == SITE_OFF) {
            member->is_queued = true;
            g_queue_push_tail(&fleet->queue, GSIZE_TO_POINTER(i));
        }
    }
}

void fleet_kill(Fleet *fleet, FleetRange range)
{
    range = clamp(fleet, range);
    for (size_t i = range.first; i < range.first + range.count; i++) {
        fleet->members[i].is_queued = false;
        site_kill(fleet->members[i].site);
    }
}

void fleet_leave(Fleet *fleet, FleetRange range)
{
    range = clamp(fleet, range);
    for (size_t i = range.first; i < range.first + range.count; i++) {
        fleet->members[i].is_queued = false;
        site_leave(fleet->members[i].site);
    }
}

void fleet_set_talkers(Fleet *fleet, size_t talkers, int64_t turn_us)
{
    fleet->turns = (Turns){
        .sites = fleet->count,
        .talkers = MIN(talkers, FLEET_TALKERS_MAX),
        .turn_us = turn_us,
    };
}

json_t *fleet_status(const Fleet *fleet)
{
    size_t phases[SITE_SERVED + 1] = {0};
    for (size_t i = 0; i < fleet->count; i++) {
        phases[site_phase(fleet->members[i].site)]++;
    }
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "sites", (json_int_t)fleet->count,
                     "off", (json_int_t)phases[SITE_OFF], "connecting",
                     (json_int_t)phases[SITE_CONNECTING], "online", (json_int_t)phases[SITE_ONLINE],
                     "meeting", (json_int_t)phases[SITE_MEETING], "joined",
                     (json_int_t)phases[SITE_SERVED], "clips_waiting",
                     (json_int_t)shelf_waiting(fleet->studio.shelf));
}

static ReportSite *collect(Fleet *fleet, TallyScope scope, int64_t now_us)
{
    ReportSite *sites = g_new0(ReportSite, MAX(fleet->count, 1));
    for (size_t i = 0; i < fleet->count; i++) {
        Member *member = &fleet->members[i];
        Tally *tally = site_tally(member->site);
        tally_settle(tally, now_us);
        sites[i] = (ReportSite){
            .code = site_code(member->site),
            .sums = tally_difference(&tally->sums, scope == TALLY_SECOND ? &member->second_began
                                                                         : &member->window_began),
            .freeze_us = tally->freeze_us[scope],
            .gap_us = tally->gap_us[scope],
        };
    }
    return sites;
}

static void begin(Fleet *fleet, TallyScope scope, int64_t now_us)
{
    for (size_t i = 0; i < fleet->count; i++) {
        Member *member = &fleet->members[i];
        Tally *tally = site_tally(member->site);
        tally_begin(tally, scope, now_us);
        *(scope == TALLY_SECOND ? &member->second_began : &member->window_began) = tally->sums;
    }
    fleet->late_us[scope] = 0;
}

static void put_lateness(const Fleet *fleet, TallyScope scope, json_t *object)
{
    double late_ms = (double)fleet->late_us[scope] / CLOCK_US_PER_MS;
    json_object_set_new(object, "fleet_late_ms_max", json_real(late_ms));
}

json_t *fleet_take_second(Fleet *fleet)
{
    int64_t now_us = clock_now_us();
    double seconds = (double)(now_us - fleet->second_us) / CLOCK_US_PER_S;
    g_autofree ReportSite *sites = collect(fleet, TALLY_SECOND, now_us);
    json_t *object = report_period(sites, fleet->count, seconds);
    json_t *status = fleet_status(fleet);
    json_object_update(object, status);
    json_decref(status);
    double at_s = (double)(now_us - fleet->began_us) / CLOCK_US_PER_S;
    json_object_set_new(object, "t_s", json_real(at_s));
    put_lateness(fleet, TALLY_SECOND, object);
    begin(fleet, TALLY_SECOND, now_us);
    fleet->second_us = now_us;
    return object;
}

void fleet_begin_window(Fleet *fleet)
{
    int64_t now_us = clock_now_us();
    begin(fleet, TALLY_WINDOW, now_us);
    inspection_begin_window(fleet->inspection);
    g_array_set_size(fleet->joins, 0);
    fleet->window_us = now_us;
}

static json_t *site_to_json(const ReportSite *site, double seconds)
{
    double present_s = (double)site->sums.present_us / CLOCK_US_PER_S;
    double lost = (double)site->sums.expected - (double)site->sums.received;
    return json_pack(
        "{s:s, s:f, s:f, s:f, s:f, s:f, s:I, s:I}", "code", site->code, "present_s", present_s,
        "fps", present_s > 0 ? (double)site->sums.frames / present_s : 0, "loss_pct",
        site->sums.expected > 0 ? 100 * MAX(lost, 0) / (double)site->sums.expected : 0, "freeze_ms",
        (double)site->freeze_us / CLOCK_US_PER_MS, "audio_gap_ms",
        (double)site->gap_us / CLOCK_US_PER_MS, "renewals", (json_int_t)site->sums.renewals,
        "kbps_in", (json_int_t)((double)site->sums.bytes_in * 8 / 1000 / seconds));
}

json_t *fleet_window(Fleet *fleet)
{
    int64_t now_us = clock_now_us();
    double seconds = (double)(now_us - fleet->window_us) / CLOCK_US_PER_S;
    g_autofree ReportSite *sites = collect(fleet, TALLY_WINDOW, now_us);
    json_t *object = report_period(sites, fleet->count, seconds);
    json_object_set_new(object, "joins",
                        report_times((int64_t *)(void *)fleet->joins->data, fleet->joins->len));
    json_object_set_new(object, "latency", inspection_latency(fleet->inspection));
    put_lateness(fleet, TALLY_WINDOW, object);
    json_t *list = json_array();
    for (size_t i = 0; i < fleet->count; i++) {
        json_array_append_new(list, site_to_json(&sites[i], seconds));
    }
    json_object_set_new(object, "per_site", list);
    return object;
}

/* What the relay measures each second: kept with the sessions, told to pages that look at it. */
#include <jansson.h>

#include "signalling/meeting_fields.h"
#include "signalling/meetings_internal.h"

/* The seat with what is measured of it. */
static json_t *seat_stats_to_json(const Seat *seat, const MediaStats *stats)
{
    json_t *object = media_stats_to_json(stats);
    json_object_set_new(object, "source", json_integer(seat->source));
    return object;
}

/* At most LIMIT_SEATS entries: those that are news, or all that are known. */
static json_t *seats_to_json(Meetings *meetings, const Meeting *meeting, bool with_all)
{
    json_t *list = json_array();
    for (guint i = 0; i < meeting->seats->len; i++) {
        const Seat *seat = g_ptr_array_index(meeting->seats, i);
        MediaSession *session = calls_find_peer(meetings, seat->peer);
        if (session == NULL || !session->stats.is_known) {
            continue;
        }
        if (with_all) {
            json_array_append_new(list, seat_stats_to_json(seat, &session->stats));
        } else if (media_stats_is_news(&session->told_stats, &session->stats)) {
            session->told_stats = session->stats;
            json_array_append_new(list, seat_stats_to_json(seat, &session->stats));
        }
    }
    return list;
}

static void tell_pages(Meetings *meetings, const Meeting *meeting)
{
    Clients *clients = meetings->server->clients;
    if (!clients_has_stats_watcher(clients, meeting->id)) {
        return;
    }
    json_t *seats = seats_to_json(meetings, meeting, false);
    if (json_array_size(seats) == 0) {
        json_decref(seats);
        return;
    }
    clients_broadcast_stats(clients, meeting->id,
                            json_pack("{s:s, s:I, s:o}", "type", "stats", "meeting",
                                      (json_int_t)meeting->id, "seats", seats));
}

/* Its seat's microphone may be dead; a muted one is not heard. */
static void listen(const MediaSession *session, json_t *entry)
{
    Meeting *meeting = session->meeting;
    Seat *seat = meeting_find_seat(meeting, session->source);
    if (seat != NULL && seat->peer == session->peer && seat_is_present(seat) &&
        seat_trouble_hear(&seat->trouble, entry, seat->muted)) {
        seat->changed = true;
        meeting->program_changed = true;
    }
}

/* The picture shows whose link is poor. */
static void grade_links(Meetings *meetings, Meeting *meeting)
{
    for (guint i = 0; i < meeting->seats->len; i++) {
        Seat *seat = g_ptr_array_index(meeting->seats, i);
        const MediaSession *session = calls_find_peer(meetings, seat->peer);
        if (session != NULL && session->stats.is_known && seat_is_present(seat) &&
            link_grade_update(&seat->link, &session->stats)) {
            meeting->program_changed = true;
        }
    }
}

void stats_apply(Meetings *meetings, json_t *event)
{
    size_t index;
    json_t *entry;
    json_decref(meetings->relay_counters);
    meetings->relay_counters = json_incref(json_object_get(event, "counters"));
    json_array_foreach(json_object_get(event, "peers"), index, entry)
    {
        json_int_t peer = json_integer_value(json_object_get(entry, "peer"));
        MediaSession *session = calls_find_peer(meetings, (uint32_t)peer);
        if (session != NULL) {
            session->stats = media_stats_read(entry);
            listen(session, entry);
        }
    }
    for (guint i = 0; i < meetings->open->len; i++) {
        grade_links(meetings, g_ptr_array_index(meetings->open, i));
        tell_pages(meetings, g_ptr_array_index(meetings->open, i));
    }
}

static void handle_watch(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    json_t *given = json_object_get(message, "meeting");
    if (json_is_null(given)) {
        client_set_stats_meeting(client, 0);
        request_ok(server, request, NULL);
        return;
    }
    const Meeting *meeting = meeting_field(server, message, &problem);
    if (meeting == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    client_set_stats_meeting(client, meeting->id);
    request_ok(server, request,
               json_pack("{s:o}", "seats", seats_to_json(server->meetings, meeting, true)));
}

const MessageRow stats_rows[] = {
    {"stats.watch", ROLES_PAGE, handle_watch},
    {NULL, 0, NULL},
};

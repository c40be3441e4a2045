/* Who watches which view of a meeting, and how much of it the relay may give him. */
#include <jansson.h>

#include "signalling/meetings_internal.h"
#include "signalling/recordings.h"

int watching_view_of(Meetings *meetings, const MediaSession *session)
{
    const Meeting *meeting = session->meeting;
    if (session->chosen_view >= 0 && meeting_find_view(meeting, session->chosen_view) != NULL) {
        return session->chosen_view;
    }
    const Seat *seat = meeting_find_seat(meeting, session->source);
    return seat != NULL ? meeting_view_of(meeting, seat, meetings->server->directory) : 0;
}

void watching_cap(Meetings *meetings, MediaSession *session, int kbps)
{
    if (session->view_kbps == kbps) {
        return;
    }
    session->view_kbps = kbps;
    if (session->offered) {
        /* The relay knows no "no cap any more": above the best rung is the same. */
        media_process_call(meetings->relay, "peer.update",
                           json_pack("{s:I, s:i}", "peer", (json_int_t)session->peer, "view_kbps",
                                     kbps == WATCH_NO_CAP ? LIMIT_RUNG_KBPS : kbps),
                           NULL, NULL);
    }
}

static void tell_view(Meetings *meetings, MediaSession *session)
{
    int view = watching_view_of(meetings, session);
    if (session->offered && session->view != view) {
        session->view = view;
        media_process_call(meetings->relay, "peer.update",
                           json_pack("{s:I, s:i}", "peer", (json_int_t)session->peer, "view", view),
                           NULL, NULL);
    }
}

void watching_settle(Meetings *meetings, Meeting *meeting)
{
    for (guint i = 0; i < meeting->seats->len; i++) {
        Seat *seat = g_ptr_array_index(meeting->seats, i);
        const MediaSession *session = calls_find_peer(meetings, seat->peer);
        int view = session != NULL ? watching_view_of(meetings, session)
                                   : meeting_view_of(meeting, seat, meetings->server->directory);
        meeting_set_seat_view(meeting, seat, view, media_tell_cell);
    }
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, meetings->sessions);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        MediaSession *session = value;
        if (session->meeting == meeting) {
            tell_view(meetings, session);
        }
    }
}

void watching_tell_rungs(Meetings *meetings, const Meeting *meeting)
{
    media_process_call(meetings->relay, "meeting.views", meeting_make_rungs(meeting), NULL, NULL);
}

void watching_on_views(Meetings *meetings, Meeting *meeting)
{
    if (meetings->server->recordings != NULL) {
        recordings_on_views(meetings->server->recordings, meeting);
    }
    watching_tell_rungs(meetings, meeting);
    watching_settle(meetings, meeting);
}

/* Who is there, as the connections show it: one row for each coming and going, from which the
 * report is made. */
#include "signalling/meetings_internal.h"

void presence_settle(Meetings *meetings, Meeting *meeting)
{
    if (media_process_state(meetings->relay) != PROCESS_UP) {
        return; /* Who is still there will show when it is up or adopted. */
    }
    for (guint i = 0; i < meeting->seats->len; i++) {
        Seat *seat = g_ptr_array_index(meeting->seats, i);
        bool is_present = seat_is_present(seat);
        if (is_present != seat->was_present) {
            seat->was_present = is_present;
            records_attendance(meetings, meeting, seat, is_present ? "joined" : "left");
        }
    }
}

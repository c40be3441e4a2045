/* The recordings: those that are on, and those of past meetings. What must survive is in the store
 * and in a directory for each; a mixer writes there, diemcau-join finishes, this starts and ends
 * both and looks whether bytes come. Main loop only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bridge/base/problem.h"
#include "signalling/dispatch.h"
#include "signalling/meeting.h"
#include "signalling/recording.h"
#include "signalling/server.h"

/* Reads them from the store: those that are on go on when the machine still runs since, otherwise
 * they are finished, and begun anew while their meeting is open. After Meetings. */
Recordings *recordings_new(Server *server, GError **error);
void recordings_free(Recordings *recordings);

/* Answers `request` with the recording's number once it is in the store, or why not: "conflict"
 * when the view is recorded already, "limit" when the disk has no room. */
void recordings_start(Recordings *recordings, Meeting *meeting, int view, const char *by,
                      Request request);
/* It must be on. `reason` as in Recording. */
void recordings_stop(Recordings *recordings, Recording *recording, const char *reason);
/* Ends those of a meeting that is closed, and of views that are no more. */
void recordings_on_closed(Recordings *recordings, const Meeting *meeting);
void recordings_on_views(Recordings *recordings, const Meeting *meeting);
/* Deletes file and row, then answers; "wrong_state" while it is not ended. */
void recordings_delete(Recordings *recordings, Recording *recording, const char *by,
                       Request request);

/* NULL when there is none. */
Recording *recordings_find(Recordings *recordings, int64_t id);
/* Its finished file; the caller frees the path. */
char *recordings_path(const Recordings *recordings, const Recording *recording);
/* [Recording], the latest first; of one meeting, or of all (0); those that are on, or all. */
json_t *recordings_to_json(Recordings *recordings, int64_t meeting, bool only_on);
bool recordings_is_on(Recordings *recordings, int64_t meeting);

/* Adds `record` and `recording_mark` to a mixer's program. */
void recordings_add_program(Recordings *recordings, const Meeting *meeting, json_t *program);
/* The mixer's `recording` event. */
void recordings_on_event(Recordings *recordings, Meeting *meeting, json_t *event);
/* Appends Prometheus text. */
void recordings_write_metrics(Recordings *recordings, GString *text);

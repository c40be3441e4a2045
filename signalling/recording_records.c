#include "signalling/recording_records.h"

#include <jansson.h>

static Recording *read_row(json_t *row)
{
    Recording *recording = g_new0(Recording, 1);
    recording->id = store_integer(row, "id");
    recording->meeting = store_integer(row, "meeting");
    recording->view = (int)store_integer(row, "view");
    recording_state_find(store_text(row, "state"), &recording->state);
    recording->started_ms = store_integer(row, "started_ms");
    recording->ended_ms = store_integer(row, "ended_ms");
    recording->epoch_us = store_integer(row, "epoch_us");
    recording->bytes = store_integer(row, "bytes");
    recording->duration_ms = store_integer(row, "duration_ms");
    recording->gap_ms = store_integer(row, "gap_ms");
    g_strlcpy(recording->title, store_text(row, "title"), sizeof recording->title);
    g_strlcpy(recording->reason, store_text(row, "reason"), sizeof recording->reason);
    g_strlcpy(recording->started_by, store_text(row, "started_by"), sizeof recording->started_by);
    g_strlcpy(recording->boot, store_text(row, "boot"), sizeof recording->boot);
    return recording;
}

bool recording_records_load(Store *store, GPtrArray *list, int64_t *ret_last_id, GError **error)
{
    Problem problem = {0};
    json_t *rows = store_query_now(store, "SELECT * FROM recordings ORDER BY id", NULL, &problem);
    /* Numbers are not used twice: they name directories. */
    json_t *last = store_query_now(store, "SELECT seq FROM sqlite_sequence WHERE name='recordings'",
                                   NULL, &problem);
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        g_ptr_array_add(list, read_row(row));
    }
    *ret_last_id = store_integer(json_array_get(last, 0), "seq");
    bool is_loaded = rows != NULL && last != NULL;
    if (!is_loaded) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "reading the recordings: %s",
                    problem.message);
    }
    json_decref(rows);
    json_decref(last);
    return is_loaded;
}

void recording_records_add(Store *store, const Recording *recording, StoreReply reply, void *data)
{
    store_query(store,
                "INSERT INTO recordings(id, meeting, view, title, state, started_by, started_ms, "
                "epoch_us, boot) VALUES(?,?,?,?,?,?,?,?,?)",
                json_pack("[I, I, i, s, s, s, I, I, s]", (json_int_t)recording->id,
                          (json_int_t)recording->meeting, recording->view, recording->title,
                          recording_state_name(recording->state), recording->started_by,
                          (json_int_t)recording->started_ms, (json_int_t)recording->epoch_us,
                          recording->boot),
                reply, data);
}

void recording_records_put(Store *store, const Recording *recording)
{
    store_query(store,
                "UPDATE recordings SET state=?, reason=?, ended_ms=?, bytes=?, duration_ms=?, "
                "gap_ms=? WHERE id=?",
                json_pack("[s, s, I, I, I, I, I]", recording_state_name(recording->state),
                          recording->reason, (json_int_t)recording->ended_ms,
                          (json_int_t)recording->bytes, (json_int_t)recording->duration_ms,
                          (json_int_t)recording->gap_ms, (json_int_t)recording->id),
                NULL, NULL);
}

void recording_records_remove(Store *store, int64_t id)
{
    store_query(store, "DELETE FROM recordings WHERE id=?", json_pack("[I]", (json_int_t)id), NULL,
                NULL);
}

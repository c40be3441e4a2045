/* The queue and the floor in the store: written together, so that no crash shows half of a turn. */
#include <jansson.h>

#include "signalling/meetings_internal.h"

#include "signalling/nullable.h"

static void add_hand_statements(const Meeting *meeting, json_t *statements)
{
    const HandQueue *queue = &meeting->leading.queue;
    json_array_append_new(statements, json_pack("[s, [I]]", "DELETE FROM hands WHERE meeting=?",
                                                (json_int_t)meeting->id));
    for (guint i = 0; i < handqueue_count(queue); i++) {
        const Hand *hand = handqueue_at(queue, i);
        json_array_append_new(
            statements,
            json_pack("[s, [I, i, I, I]]",
                      "INSERT INTO hands(meeting, position, source, raised_ms) VALUES(?,?,?,?)",
                      (json_int_t)meeting->id, (int)i, (json_int_t)hand->source,
                      (json_int_t)hand->raised_ms));
    }
}

void floor_records_write(Meetings *meetings, const Meeting *meeting, StoreReply reply, void *data)
{
    const Leading *leading = &meeting->leading;
    uint32_t floor = meeting->roles[VIEW_FLOOR];
    json_t *statements = json_array();
    add_hand_statements(meeting, statements);
    json_t *values = json_pack("[o, I, i, b, s, I, I, I]", number_or_null(floor),
                               (json_int_t)leading->floor_since_ms, leading->speaking_limit_s,
                               leading->is_muted_all, roll_state_name(leading->roll),
                               (json_int_t)leading->roll_source,
                               (json_int_t)leading->roll_started_ms, (json_int_t)meeting->id);
    json_array_append_new(
        statements, json_pack("[s, o]",
                              "UPDATE meetings SET floor=?, floor_since_ms=?, speaking_limit_s=?, "
                              "muted_all=?, roll_state=?, roll_source=?, roll_started_ms=? "
                              "WHERE id=?",
                              values));
    store_transaction(meetings->server->store, statements, reply, data);
}

bool floor_records_load(Meetings *meetings, Meeting *meeting, Problem *problem)
{
    json_t *rows =
        store_query_now(meetings->server->store,
                        "SELECT source, raised_ms FROM hands WHERE meeting=? ORDER BY position",
                        json_pack("[I]", (json_int_t)meeting->id), problem);
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        handqueue_raise(&meeting->leading.queue, (uint32_t)store_integer(row, "source"),
                        store_integer(row, "raised_ms"));
    }
    json_decref(rows);
    return rows != NULL;
}

void floor_records_read_header(Meeting *meeting, json_t *row)
{
    Leading *leading = &meeting->leading;
    leading->floor_since_ms = store_integer(row, "floor_since_ms");
    leading->speaking_limit_s = (int)store_integer(row, "speaking_limit_s");
    leading->is_muted_all = store_integer(row, "muted_all") != 0;
    leading->roll = roll_state_parse(store_text(row, "roll_state"));
    leading->roll_source = (uint32_t)store_integer(row, "roll_source");
    leading->roll_started_ms = store_integer(row, "roll_started_ms");
}

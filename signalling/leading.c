#include "signalling/leading.h"

#include <jansson.h>
#include <string.h>

#include "signalling/nullable.h"

static const char *const roll_names[] = {
    [ROLL_IDLE] = "idle", [ROLL_RUNNING] = "running", [ROLL_DONE] = "done"};

void leading_clear(Leading *leading)
{
    handqueue_clear(&leading->queue);
}

const char *roll_state_name(RollState state)
{
    return roll_names[state];
}

RollState roll_state_parse(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(roll_names); i++) {
        if (strcmp(roll_names[i], name) == 0) {
            return (RollState)i;
        }
    }
    return ROLL_IDLE;
}

void leading_add_json(const Leading *leading, json_t *meeting)
{
    json_object_set_new(meeting, "hands", handqueue_to_json(&leading->queue));
    json_object_set_new(meeting, "floor_since_ms", number_or_null(leading->floor_since_ms));
    json_object_set_new(meeting, "speaking_limit_s", number_or_null(leading->speaking_limit_s));
    json_object_set_new(meeting, "muted_all", json_boolean(leading->is_muted_all));
    json_object_set_new(meeting, "roll",
                        json_pack("{s:s, s:o, s:o}", "state", roll_names[leading->roll], "source",
                                  number_or_null(leading->roll_source), "started_ms",
                                  number_or_null(leading->roll_started_ms)));
}

#include "signalling/recording.h"

#include <glib.h>
#include <jansson.h>
#include <string.h>

#include "signalling/nullable.h"

static const char *const state_names[] = {"recording", "finishing", "done", "failed"};
static const char *const alarm_names[] = {NULL, "full", "disk", "stalled", "slow"};

const char *recording_state_name(RecordingState state)
{
    return state_names[state];
}

bool recording_state_find(const char *name, RecordingState *ret_state)
{
    for (size_t i = 0; i < G_N_ELEMENTS(state_names); i++) {
        if (strcmp(state_names[i], name) == 0) {
            *ret_state = (RecordingState)i;
            return true;
        }
    }
    return false;
}

json_t *recording_to_json(const Recording *recording)
{
    return json_pack(
        "{s:I, s:I, s:i, s:s, s:s, s:s?, s:o, s:s, s:I, s:o, s:I, s:I, s:I}", "id",
        (json_int_t)recording->id, "meeting", (json_int_t)recording->meeting, "view",
        recording->view, "title", recording->title, "state", recording_state_name(recording->state),
        "alarm", alarm_names[recording->alarm], "reason", text_or_null(recording->reason), "by",
        recording->started_by, "started_ms", (json_int_t)recording->started_ms, "ended_ms",
        number_or_null(recording->ended_ms), "bytes", (json_int_t)recording->bytes, "duration_ms",
        (json_int_t)recording->duration_ms, "gap_ms", (json_int_t)recording->gap_ms);
}

static RecordingAlarm alarm_of(const char *state)
{
    return g_strcmp0(state, "full") == 0     ? ALARM_FULL
           : g_strcmp0(state, "failed") == 0 ? ALARM_DISK
                                             : ALARM_NONE;
}

/* A new mixer counts from nought. */
static int64_t growth(int64_t now, int64_t before)
{
    return now >= before ? now - before : now;
}

void recording_apply(Recording *recording, json_t *event, int64_t now_us)
{
    int64_t bytes = json_integer_value(json_object_get(event, "bytes"));
    int64_t dropped = json_integer_value(json_object_get(event, "dropped"));
    int64_t grown = growth(bytes, recording->mixer_bytes);
    recording->told = alarm_of(json_string_value(json_object_get(event, "state")));
    recording->grown_us = grown > 0 ? now_us : recording->grown_us;
    recording->lost_us =
        growth(dropped, recording->mixer_dropped) > 0 ? now_us : recording->lost_us;
    recording->bytes += grown;
    recording->mixer_bytes = bytes;
    recording->mixer_dropped = dropped;
}

bool recording_judge(Recording *recording, int64_t now_us)
{
    RecordingAlarm before = recording->alarm;
    bool is_stalled = now_us - recording->grown_us >= RECORDING_PATIENCE_US;
    bool is_slow = recording->lost_us != 0 && now_us - recording->lost_us < RECORDING_PATIENCE_US;
    recording->alarm = recording->state != RECORDING_ON ? ALARM_NONE
                       : recording->told != ALARM_NONE  ? recording->told
                       : is_stalled                     ? ALARM_STALLED
                       : is_slow                        ? ALARM_SLOW
                                                        : ALARM_NONE;
    return recording->alarm != before;
}

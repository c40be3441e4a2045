#include "signalling/ctl/recording_commands.h"

#include <jansson.h>
#include <stdio.h>

#include "signalling/ctl/answer.h"
#include "signalling/ctl/table.h"

static bool read_number(const char *word, const char *what, json_int_t *ret_number, GError **error)
{
    gint64 number;
    if (!g_ascii_string_to_signed(word, 10, 0, G_MAXINT32, &number, NULL)) {
        g_autofree char *message =
            g_strdup_printf("%s is named by its number, not \"%s\"", what, word);
        return answer_fail(error, message);
    }
    *ret_number = number;
    return true;
}

bool recording_start(Arguments *arguments, GError **error)
{
    json_int_t meeting;
    json_int_t view = 0;
    bool is_done;
    if (!read_number(arguments->words[0], "the meeting", &meeting, error) ||
        (arguments->view != NULL && !read_number(arguments->view, "the view", &view, error))) {
        return false;
    }
    json_t *answer =
        answer_ask(arguments, "recording.start",
                   json_pack("{s:I, s:I}", "meeting", meeting, "view", view), &is_done, error);
    if (answer != NULL) {
        printf("recording %lld\n", answer_number(answer, "recording"));
    }
    json_decref(answer);
    return is_done;
}

static bool say(Arguments *arguments, const char *type, const char *done, GError **error)
{
    json_int_t recording;
    return read_number(arguments->words[0], "the recording", &recording, error) &&
           answer_ask_and_say(arguments, type, json_pack("{s:I}", "recording", recording), done,
                              error);
}

bool recording_stop(Arguments *arguments, GError **error)
{
    return say(arguments, "recording.stop", "stopped", error);
}

bool recording_delete(Arguments *arguments, GError **error)
{
    return say(arguments, "recording.delete", "deleted", error);
}

static void add_row(Table *table, json_t *recording)
{
    gint64 started_s = answer_number(recording, "started_ms") / 1000;
    gint64 seconds = answer_number(recording, "duration_ms") / 1000;
    const char *alarm = json_string_value(json_object_get(recording, "alarm"));
    g_autoptr(GDateTime) moment = g_date_time_new_from_unix_local(started_s);
    g_autofree char *started = g_date_time_format(moment, "%F %H:%M");
    g_autofree char *id = g_strdup_printf("%lld", answer_number(recording, "id"));
    g_autofree char *length =
        g_strdup_printf("%" G_GINT64_FORMAT ":%02d", seconds / 60, (int)(seconds % 60));
    g_autofree char *size = g_format_size((guint64)answer_number(recording, "bytes"));
    const char *const cells[] = {id,      alarm != NULL ? alarm : answer_text(recording, "state"),
                                 started, length,
                                 size,    answer_text(recording, "title")};
    table_add(table, cells);
}

bool recording_list(Arguments *arguments, GError **error)
{
    bool is_done;
    json_t *answer = answer_ask(arguments, "recording.list", json_object(), &is_done, error);
    if (answer == NULL) {
        return is_done;
    }
    static const char *const headings[] = {"RECORDING", "STATE", "STARTED", "LENGTH",
                                           "SIZE",      "TITLE", NULL};
    Table *table = table_new(headings);
    size_t index;
    json_t *recording;
    json_array_foreach(json_object_get(answer, "recordings"), index, recording)
    {
        add_row(table, recording);
    }
    table_print(table);
    table_free(table);
    json_decref(answer);
    return true;
}

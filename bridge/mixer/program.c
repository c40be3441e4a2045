#include "bridge/mixer/program.h"

#include <glib.h>
#include <jansson.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/fields.h"

#define TIER_BYTES_MAX 32
#define LINK_BYTES_MAX 8
/* A day: whoever speaks longer is not timed. */
#define SPEAKING_SECONDS_MAX 86400

/* What the icons of a seat show. */
static bool parse_marks(json_t *object, ProgramSeat *seat, Problem *problem)
{
    int64_t hand;
    const char *link;
    if (!field_bool_or(object, "muted", false, &seat->is_muted, problem) ||
        !field_int_or(object, "hand", 1, LIMIT_SEATS, 0, &hand, problem) ||
        !field_string_or(object, "link", LINK_BYTES_MAX, "good", &link, problem)) {
        return false;
    }
    seat->hand = (int)hand;
    seat->has_poor_link = strcmp(link, "poor") == 0;
    return seat->has_poor_link || strcmp(link, "good") == 0 || strcmp(link, "fair") == 0 ||
           problem_set(problem, "bad_field", "link", "link: must be good, fair or poor");
}

static bool parse_seat(json_t *object, Program *program, Problem *problem)
{
    ProgramSeat *seat = &program->seats[program->seat_count];
    int64_t source;
    const char *name;
    const char *note;
    const char *warning;
    const char *tier;
    if (!json_is_object(object)) {
        return problem_set(problem, "bad_field", "", "must be an object");
    }
    if (!field_int(object, "source", 1, UINT32_MAX, &source, problem) ||
        !field_string(object, "name", 1, LIMIT_NAME_BYTES, &name, problem) ||
        !field_string_or(object, "tier", TIER_BYTES_MAX, "", &tier, problem) ||
        !field_bool(object, "present", &seat->is_present, problem) ||
        !field_bool_or(object, "quarantined", false, &seat->is_quarantined, problem) ||
        !parse_marks(object, seat, problem) ||
        !field_string_or(object, "note", LIMIT_NAME_BYTES, "", &note, problem) ||
        !field_string_or(object, "warning", LIMIT_NAME_BYTES, "", &warning, problem)) {
        return false;
    }
    if (program_find_seat(program, (uint32_t)source) >= 0) {
        return problem_set(problem, "bad_field", "source",
                           "source: %" G_GINT64_FORMAT " has two seats", source);
    }
    seat->source = (uint32_t)source;
    seat->name = g_strdup(name);
    seat->note = g_strdup(note);
    seat->warning = g_strdup(warning);
    program->seat_count++;
    return true;
}

static bool is_rung_used(const Program *program, size_t view_count, const ProgramRung *rung)
{
    for (size_t v = 0; v < view_count; v++) {
        for (size_t r = 0; r < program->views[v].rung_count; r++) {
            const ProgramRung *other = &program->views[v].rungs[r];
            if (other == rung) {
                return false;
            }
            if (other->id == rung->id) {
                return true;
            }
        }
    }
    return false;
}

/* The latest view's numbers against those of all before it. */
static bool check_numbers(const Program *program, Problem *problem)
{
    const ProgramView *view = &program->views[program->view_count - 1];
    for (size_t v = 0; v + 1 < program->view_count; v++) {
        if (program->views[v].id == view->id) {
            return problem_set(problem, "bad_field", "id", "id: %d is used twice", view->id);
        }
    }
    for (size_t r = 0; r < view->rung_count; r++) {
        if (is_rung_used(program, program->view_count, &view->rungs[r])) {
            problem_set(problem, "bad_field", "id", "id: %d is used twice", view->rungs[r].id);
            return problem_within(problem, "rungs[%zu]", r);
        }
    }
    return true;
}

static bool check_seated(const Program *program, const ProgramView *view, Problem *problem)
{
    const struct {
        const char *name;
        uint32_t source;
    } bound[] = {
        {"spotlight", view->spotlight},
        {"floor", view->floor},
        {"chair", view->chair},
        {"share", view->share},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bound); i++) {
        if (bound[i].source != 0 && program_find_seat(program, bound[i].source) < 0) {
            return problem_set(problem, "bad_field", bound[i].name, "%s: source %u has no seat",
                               bound[i].name, bound[i].source);
        }
    }
    return true;
}

/* After the seats. */
static bool parse_view(json_t *object, Program *program, Problem *problem)
{
    ProgramView *view = &program->views[program->view_count++];
    if (!program_view_parse(object, program->fps, view, problem) ||
        !check_numbers(program, problem) || !check_seated(program, view, problem)) {
        return false;
    }
    Layout *plain = layout_expand(view->layout, program->seat_count);
    g_free(view->layout);
    view->layout = plain;
    return true;
}

/* After the seats. */
static bool parse_speaking(json_t *request, Program *program, Problem *problem)
{
    json_t *object;
    int64_t source;
    int64_t since_s;
    int64_t limit_s;
    if (!field_has(request, "speaking")) {
        return true;
    }
    if (!field_object(request, "speaking", &object, problem)) {
        return false;
    }
    if (!field_int(object, "source", 1, UINT32_MAX, &source, problem) ||
        !field_int(object, "since_s", 0, SPEAKING_SECONDS_MAX, &since_s, problem) ||
        !field_int_or(object, "limit_s", 1, SPEAKING_SECONDS_MAX, 0, &limit_s, problem) ||
        (program_find_seat(program, (uint32_t)source) < 0 &&
         !problem_set(problem, "bad_field", "source", "source: %" G_GINT64_FORMAT " has no seat",
                      source))) {
        return problem_within(problem, "speaking");
    }
    program->speaking = (ProgramSpeaking){.source = (uint32_t)source,
                                          .used_us = since_s * CLOCK_US_PER_S,
                                          .limit_us = limit_s * CLOCK_US_PER_S};
    return true;
}

/* After the views. */
static bool parse_record(json_t *object, Program *program, Problem *problem)
{
    ProgramRecord *record = &program->records[program->record_count++];
    if (!program_record_parse(object, program->views, program->view_count, record, problem)) {
        return false;
    }
    for (size_t i = 0; i + 1 < program->record_count; i++) {
        if (program->records[i].id == record->id) {
            return problem_set(problem, "bad_field", "id", "id: %" G_GINT64_FORMAT " is used twice",
                               record->id);
        }
    }
    return true;
}

typedef bool (*ItemParser)(json_t *object, Program *program, Problem *problem);

typedef struct List {
    const char *name;
    size_t min, max;
    ItemParser parse;
} List;

static bool parse_list(json_t *request, const List *list, Program *program, Problem *problem)
{
    json_t *array;
    if (!field_array(request, list->name, list->min, list->max, &array, problem)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (!list->parse(json_array_get(array, i), program, problem)) {
            return problem_within(problem, "%s[%zu]", list->name, i);
        }
    }
    return true;
}

static bool fill(json_t *request, Program *program, Problem *problem)
{
    static const List seats = {"seats", 0, LIMIT_SEATS, parse_seat};
    static const List views = {"views", 1, LIMIT_VIEWS, parse_view};
    static const List records = {"record", 0, LIMIT_RECORDS, parse_record};
    const char *title;
    int64_t fps;
    if (!field_int(request, "revision", 0, INT64_MAX, &program->revision, problem) ||
        !field_string_or(request, "title", LIMIT_NAME_BYTES, "", &title, problem) ||
        !field_bool_or(request, "recording_mark", false, &program->is_recorded, problem) ||
        !field_int(request, "fps", 1, LIMIT_PICTURE_FPS, &fps, problem)) {
        return false;
    }
    program->fps = (int)fps;
    program->title = g_strdup(title);
    return parse_list(request, &seats, program, problem) &&
           parse_speaking(request, program, problem) &&
           parse_list(request, &views, program, problem) &&
           (!field_has(request, records.name) || parse_list(request, &records, program, problem));
}

Program *program_parse(json_t *request, Problem *problem)
{
    Program *program = g_atomic_rc_box_new0(Program);
    if (!fill(request, program, problem)) {
        program_unref(program);
        return NULL;
    }
    return program;
}

Program *program_ref(Program *program)
{
    return g_atomic_rc_box_acquire(program);
}

static void clear(void *data)
{
    Program *program = data;
    g_free(program->title);
    for (size_t i = 0; i < program->seat_count; i++) {
        g_free(program->seats[i].name);
        g_free(program->seats[i].note);
        g_free(program->seats[i].warning);
    }
    for (size_t i = 0; i < program->view_count; i++) {
        program_view_clear(&program->views[i]);
    }
    for (size_t i = 0; i < program->record_count; i++) {
        program_record_clear(&program->records[i]);
    }
}

void program_unref(Program *program)
{
    if (program != NULL) {
        g_atomic_rc_box_release_full(program, clear);
    }
}

int program_find_seat(const Program *program, uint32_t source)
{
    for (size_t i = 0; i < program->seat_count; i++) {
        if (program->seats[i].source == source) {
            return (int)i;
        }
    }
    return -1;
}

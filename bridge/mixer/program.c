#include "bridge/mixer/program.h"

#include <glib.h>
#include <jansson.h>
#include <string.h>

#include "bridge/base/fields.h"

#define WIDTH_MIN 64
#define HEIGHT_MIN 36
#define KBPS_MIN 20
#define TIER_BYTES_MAX 32

/* Puts "path." before the field and the message of a problem found further in. */
static bool within(Problem *problem, const char *path)
{
    if (problem == NULL) {
        return false;
    }
    Problem inner = *problem;
    const char *dot = inner.field[0] != '\0' ? "." : "";
    g_autofree char *field = g_strdup_printf("%s%s%s", path, dot, inner.field);
    return problem_set(problem, inner.code, field, "%s%s%s", path,
                       inner.field[0] != '\0' ? "." : ": ", inner.message);
}

static bool field_even(json_t *object, const char *name, int min, int max, int *ret_value,
                       Problem *problem)
{
    int64_t value;
    if (!field_int(object, name, min, max, &value, problem)) {
        return false;
    }
    if (value % 2 != 0) {
        return problem_set(problem, "bad_field", name, "%s: must be even", name);
    }
    *ret_value = (int)value;
    return true;
}

static bool field_small(json_t *object, const char *name, int min, int max, int *ret_value,
                        Problem *problem)
{
    int64_t value;
    if (!field_int(object, name, min, max, &value, problem)) {
        return false;
    }
    *ret_value = (int)value;
    return true;
}

static bool parse_rung(json_t *object, Program *program, Problem *problem)
{
    ProgramRung *rung = &program->rungs[program->rung_count];
    int id;
    if (!json_is_object(object)) {
        return problem_set(problem, "bad_field", "", "must be an object");
    }
    if (!field_small(object, "id", 0, UINT16_MAX, &id, problem) ||
        !field_even(object, "width", WIDTH_MIN, program->width, &rung->width, problem) ||
        !field_even(object, "height", HEIGHT_MIN, program->height, &rung->height, problem) ||
        !field_small(object, "fps", 1, program->fps, &rung->fps, problem) ||
        !field_small(object, "kbps", KBPS_MIN, LIMIT_RUNG_KBPS, &rung->kbps, problem)) {
        return false;
    }
    rung->id = (uint16_t)id;
    for (size_t i = 0; i < program->rung_count; i++) {
        if (program->rungs[i].id == rung->id) {
            return problem_set(problem, "bad_field", "id", "id: %d is used twice", id);
        }
    }
    program->rung_count++;
    return true;
}

static bool parse_seat(json_t *object, Program *program, Problem *problem)
{
    ProgramSeat *seat = &program->seats[program->seat_count];
    int64_t source;
    const char *name;
    const char *note;
    const char *tier;
    if (!json_is_object(object)) {
        return problem_set(problem, "bad_field", "", "must be an object");
    }
    if (!field_int(object, "source", 1, UINT32_MAX, &source, problem) ||
        !field_string(object, "name", 1, LIMIT_NAME_BYTES, &name, problem) ||
        !field_string_or(object, "tier", TIER_BYTES_MAX, "", &tier, problem) ||
        !field_bool(object, "present", &seat->is_present, problem) ||
        !field_bool_or(object, "muted", false, &seat->is_muted, problem) ||
        !field_string_or(object, "note", LIMIT_NAME_BYTES, "", &note, problem)) {
        return false;
    }
    if (program_find_seat(program, (uint32_t)source) >= 0) {
        return problem_set(problem, "bad_field", "source",
                           "source: %" G_GINT64_FORMAT " has two seats", source);
    }
    seat->source = (uint32_t)source;
    seat->name = g_strdup(name);
    seat->note = g_strdup(note);
    program->seat_count++;
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
            g_autofree char *path = g_strdup_printf("%s[%zu]", list->name, i);
            return within(problem, path);
        }
    }
    return true;
}

static bool parse_layout(json_t *request, Program *program, Problem *problem)
{
    json_t *object;
    if (!field_object(request, "layout", &object, problem)) {
        return false;
    }
    program->layout = layout_parse(object, problem);
    return program->layout != NULL || within(problem, "layout");
}

static bool parse_spotlight(json_t *request, Program *program, Problem *problem)
{
    int64_t source;
    if (!field_int_or(request, "spotlight", 1, UINT32_MAX, 0, &source, problem)) {
        return false;
    }
    program->spotlight = (uint32_t)source;
    if (source != 0 && program_find_seat(program, program->spotlight) < 0) {
        return problem_set(problem, "bad_field", "spotlight",
                           "spotlight: source %" G_GINT64_FORMAT " has no seat", source);
    }
    return true;
}

static bool fill(json_t *request, Program *program, Problem *problem)
{
    static const List rungs = {"rungs", 1, LIMIT_RUNGS, parse_rung};
    static const List seats = {"seats", 0, LIMIT_SEATS, parse_seat};
    const char *title;
    return field_int(request, "revision", 0, INT64_MAX, &program->revision, problem) &&
           field_string_or(request, "title", LIMIT_NAME_BYTES, "", &title, problem) &&
           field_even(request, "width", WIDTH_MIN, LIMIT_PICTURE_WIDTH, &program->width, problem) &&
           field_even(request, "height", HEIGHT_MIN, LIMIT_PICTURE_HEIGHT, &program->height,
                      problem) &&
           field_small(request, "fps", 1, LIMIT_PICTURE_FPS, &program->fps, problem) &&
           parse_list(request, &rungs, program, problem) &&
           parse_layout(request, program, problem) &&
           parse_list(request, &seats, program, problem) &&
           parse_spotlight(request, program, problem);
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
    for (size_t i = 0; i < program->seat_count; i++) {
        g_free(program->seats[i].name);
        g_free(program->seats[i].note);
    }
    g_free(program->layout);
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

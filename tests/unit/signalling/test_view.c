/* Views, their rungs and their audiences. */
#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>

#include "signalling/meeting.h"
#include "signalling/view_presets.h"
#include "tests/unit/signalling/house.h"

static char *write_file(const char *text)
{
    char *path = NULL;
    close(g_file_open_tmp("view-XXXXXX.json", &path, NULL));
    g_file_set_contents(path, text, -1, NULL);
    return path;
}

static Layouts *two_layouts(void)
{
    g_autofree char *path = write_file(
        "{\"layouts\":[{\"name\":\"grid\",\"spotlight\":\"big\",\"cells\":[{\"role\":\"recent\","
        "\"x\":0,\"y\":0,\"w\":1,\"h\":1}]},{\"name\":\"big\",\"cells\":[{\"role\":\"floor\","
        "\"x\":0,\"y\":0,\"w\":1,\"h\":1}]}]}");
    Layouts *layouts = layouts_load(path, NULL);
    g_unlink(path);
    return layouts;
}

static View *parse(const char *text, Problem *problem)
{
    Layouts *layouts = two_layouts();
    json_t *object = json_loads(text, 0, NULL);
    cr_assert_not_null(object, "%s", text);
    View *view = view_parse(object, layouts, problem);
    json_decref(object);
    layouts_free(layouts);
    return view;
}

static View *good(const char *text)
{
    Problem problem;
    View *view = parse(text, &problem);
    cr_assert_not_null(view, "%s: %s", text, problem.message);
    return view;
}

static void refuse(const char *text, const char *code, const char *field)
{
    Problem problem;
    cr_assert_null(parse(text, &problem), "%s", text);
    cr_assert_str_eq(problem.code, code, "%s", text);
    cr_assert_str_eq(problem.field, field, "%s", text);
    cr_assert_gt(strlen(problem.message), strlen(field));
}

/* ---- rungs ---- */

static void check_rung(const ViewRung *rung, bool is_h264, int width, int height, int kbps)
{
    cr_assert_eq(rung->is_h264, is_h264);
    cr_assert_eq(rung->width, width);
    cr_assert_eq(rung->height, height);
    cr_assert_eq(rung->fps, 25);
    cr_assert_eq(rung->kbps, kbps);
}

Test(view, has_the_usual_ladder_of_its_size)
{
    ViewRung rungs[LIMIT_VIEW_RUNGS];
    cr_assert_eq(view_rung_ladder(1280, 720, rungs), 4);
    check_rung(&rungs[0], false, 1280, 720, 1500);
    check_rung(&rungs[1], false, 640, 360, 500);
    check_rung(&rungs[2], false, 320, 180, 150);
    check_rung(&rungs[3], true, 1280, 720, 1500);
    cr_assert_eq(view_rung_ladder(1920, 1080, rungs), 4);
    check_rung(&rungs[0], false, 1920, 1080, 2500);
    check_rung(&rungs[3], true, 1280, 720, 1500);
    cr_assert_eq(view_rung_ladder(640, 360, rungs), 3);
    check_rung(&rungs[0], false, 640, 360, 500);
    check_rung(&rungs[2], true, 640, 360, 500);
}

Test(view, every_size_has_a_ladder_that_a_mixer_takes)
{
    for (int width = 160; width <= LIMIT_PICTURE_WIDTH; width += 2) {
        for (int height = 90; height <= LIMIT_PICTURE_HEIGHT; height += 26) {
            ViewRung rungs[LIMIT_VIEW_RUNGS];
            size_t count = view_rung_ladder(width, height, rungs);
            cr_assert(count >= 2 && count <= LIMIT_VIEW_RUNGS);
            for (size_t i = 0; i < count; i++) {
                cr_assert_eq((rungs[i].width | rungs[i].height) & 1, 0);
                cr_assert(rungs[i].width >= 32 && rungs[i].width <= width, "%d×%d", width, height);
                cr_assert(rungs[i].height >= 32 && rungs[i].height <= height);
            }
        }
    }
}

Test(view, numbers_its_rungs_by_view_and_place)
{
    View *view = view_new("grid");
    json_t *list = view_rung_list_to_json(3, view->rungs, view->rung_count);
    cr_assert_eq(number_at(json_array_get(list, 0), "id"), 24);
    cr_assert_eq(number_at(json_array_get(list, 3), "id"), 27);
    cr_assert_str_eq(text_at(json_array_get(list, 3), "codec"), "H264");
    json_decref(list);
    view_free(view);
}

/* ---- reading ---- */

Test(view, reads_back_what_it_wrote)
{
    static const char *const texts[] = {
        "{\"layout\":\"grid\",\"audience\":\"everyone\"}",
        "{\"id\":2,\"name\":\"Huyện\",\"layout\":\"big\",\"width\":1920,\"height\":1080,"
        "\"audience\":\"branch:CB\",\"chair\":\"TG\",\"floor\":7,\"rotate\":{\"who\":\"tier:"
        "commune\",\"interval_s\":20}}",
        "{\"id\":7,\"layout\":\"big\",\"audience\":{\"sites\":[\"TG\",\"CB\"]},\"rungs\":[{"
        "\"width\":640,\"height\":360,\"fps\":15,\"kbps\":400},{\"codec\":\"H264\",\"width\":320,"
        "\"height\":180,\"kbps\":200}]}",
        "{\"id\":1,\"layout\":\"big\",\"audience\":\"chair\"}",
    };
    Layouts *layouts = two_layouts();
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        Problem problem;
        View *view = good(texts[i]);
        json_t *object = view_to_json(view);
        View *again = view_parse(object, layouts, &problem);
        cr_assert_not_null(again, "%s", problem.message);
        json_t *second = view_to_json(again);
        cr_assert(json_equal(object, second), "%s", texts[i]);
        json_decref(object);
        json_decref(second);
        view_free(view);
        view_free(again);
    }
    layouts_free(layouts);
}

Test(view, refuses_what_cannot_be_shown_and_says_where)
{
#define VIEW_OF(more) "{\"id\":1,\"layout\":\"grid\",\"audience\":\"everyone\"" more "}"
    refuse("{\"id\":1,\"layout\":\"nothing\",\"audience\":\"everyone\"}", "not_found", "layout");
    refuse("{\"id\":1,\"audience\":\"everyone\"}", "bad_field", "layout");
    refuse("{\"id\":1,\"layout\":\"grid\"}", "bad_field", "audience");
    refuse("{\"id\":1,\"layout\":\"grid\",\"audience\":null}", "bad_field", "audience");
    refuse("{\"id\":1,\"layout\":\"grid\",\"audience\":{\"sites\":[]}}", "bad_field", "audience");
    refuse("{\"id\":1,\"layout\":\"grid\",\"audience\":{\"sites\":[\"TG\",7]}}", "bad_field",
           "audience.sites[1]");
    refuse("{\"id\":1,\"layout\":\"grid\",\"audience\":\"tier:\"}", "bad_field", "audience");
    refuse("{\"id\":1,\"layout\":\"grid\",\"audience\":\"somebody\"}", "bad_field", "audience");
    refuse("{\"id\":1,\"layout\":\"grid\",\"audience\":[\"TG\"]}", "bad_field", "audience");
    refuse("{\"id\":0,\"layout\":\"grid\",\"audience\":\"chair\"}", "bad_field", "audience");
    refuse("{\"id\":8,\"layout\":\"grid\",\"audience\":\"everyone\"}", "bad_field", "id");
    refuse(VIEW_OF(",\"width\":1279"), "bad_field", "width");
    refuse(VIEW_OF(",\"height\":719"), "bad_field", "height");
    refuse(VIEW_OF(",\"width\":4096"), "bad_field", "width");
    refuse(VIEW_OF(",\"height\":2"), "bad_field", "height");
    refuse(VIEW_OF(",\"chair\":-1"), "bad_field", "chair");
    refuse(VIEW_OF(",\"share\":{}"), "bad_field", "share");
    refuse(VIEW_OF(",\"floor\":\"\""), "bad_field", "floor");
    refuse(VIEW_OF(",\"rotate\":{}"), "bad_field", "rotate.who");
    refuse(VIEW_OF(",\"rotate\":{\"who\":\"everyone\",\"interval_s\":0}"), "bad_field",
           "interval_s");
    refuse(VIEW_OF(",\"rungs\":[]"), "bad_field", "rungs");
    refuse(VIEW_OF(",\"rungs\":[7]"), "bad_field", "rungs[0]");
    refuse(VIEW_OF(",\"rungs\":[{\"width\":641,\"height\":360,\"kbps\":400}]"), "bad_field",
           "rungs[0].width");
    refuse(VIEW_OF(",\"rungs\":[{\"codec\":\"AV1\",\"width\":640,\"height\":360,\"kbps\":400}]"),
           "bad_field", "rungs[0].codec");
    refuse(VIEW_OF(",\"rungs\":[{\"codec\":\"H264\",\"width\":640,\"height\":360,\"kbps\":400}]"),
           "bad_field", "rungs[0].codec");
    refuse(VIEW_OF(",\"rungs\":[{\"width\":640,\"height\":360,\"kbps\":400},{\"width\":640,"
                   "\"height\":360,\"kbps\":500}]"),
           "bad_field", "rungs[1].kbps");
    refuse(VIEW_OF(",\"rungs\":[{\"width\":1920,\"height\":1080,\"kbps\":400}]"), "bad_field",
           "rungs[0]");
#undef VIEW_OF
}

Test(view, names_only_sites_and_tiers_that_there_are)
{
    House *house = house_new(NULL);
    static const struct {
        const char *more;
        const char *field; /* NULL: good */
    } cases[] = {
        {"\"audience\":\"tier:commune\"", NULL},
        {"\"audience\":\"tier:planet\"", "audience"},
        {"\"audience\":\"branch:TG\"", NULL},
        {"\"audience\":\"branch:XX\"", "audience"},
        {"\"audience\":{\"sites\":[\"TG\",\"XX\"]}", "audience.sites[1]"},
        {"\"audience\":\"chair\",\"chair\":\"TG-A\"", NULL},
        {"\"audience\":\"chair\",\"chair\":\"XX\"", "chair"},
        {"\"audience\":\"chair\",\"rotate\":{\"who\":\"branch:XX\"}", "rotate.who"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdup_printf("{\"id\":1,\"layout\":\"grid\",%s}", cases[i].more);
        Problem problem = {0};
        View *view = good(text);
        cr_assert_eq(view_is_known(view, house->server.directory, &problem), cases[i].field == NULL,
                     "%s", text);
        cr_assert_str_eq(problem.field, cases[i].field != NULL ? cases[i].field : "", "%s", text);
        view_free(view);
    }
    house_free(house);
}

/* ---- who watches what ---- */

static void add_view(Meeting *meeting, int id, const char *audience)
{
    g_autofree char *text =
        g_strdup_printf("{\"id\":%d,\"layout\":\"grid\",\"audience\":%s}", id, audience);
    meeting_put_view(meeting, good(text));
}

static Seat *add_seat(Meeting *meeting, const char *site, const char *tier)
{
    Seat *seat = meeting_add_seat(meeting, 0);
    g_strlcpy(seat->site, site, sizeof seat->site);
    g_strlcpy(seat->tier, tier, sizeof seat->tier);
    return seat;
}

Test(view, the_most_specific_audience_wins)
{
    House *house = house_new(NULL);
    Directory *directory = house->server.directory;
    Meeting *meeting = meeting_new(NULL, 7, "Giao ban", "grid");
    Seat *hall = add_seat(meeting, "TG", "province");
    Seat *commune = add_seat(meeting, "TG-A", "commune");
    Seat *user = add_seat(meeting, "", "host");
    cr_assert_eq(meeting_view_of(meeting, commune, directory), 0);
    add_view(meeting, 5, "\"tier:commune\"");
    cr_assert_eq(meeting_view_of(meeting, commune, directory), 5);
    cr_assert_eq(meeting_view_of(meeting, hall, directory), 0);
    add_view(meeting, 7, "\"tier:commune\"");
    cr_assert_eq(meeting_view_of(meeting, commune, directory), 5, "the lower id among equals");
    add_view(meeting, 4, "\"branch:TG\"");
    cr_assert_eq(meeting_view_of(meeting, commune, directory), 4, "a branch is more than a tier");
    cr_assert_eq(meeting_view_of(meeting, hall, directory), 4, "its head belongs to a branch");
    add_view(meeting, 6, "\"branch:TG-A\"");
    cr_assert_eq(meeting_view_of(meeting, commune, directory), 6, "the nearer head wins");
    add_view(meeting, 3, "{\"sites\":[\"TG-A\"]}");
    cr_assert_eq(meeting_view_of(meeting, commune, directory), 3);
    add_view(meeting, 2, "\"chair\"");
    cr_assert_eq(meeting_view_of(meeting, commune, directory), 3, "it is not the chair");
    meeting_set_role(meeting, VIEW_CHAIR, commune->source);
    cr_assert_eq(meeting_view_of(meeting, commune, directory), 2);
    cr_assert_eq(meeting_view_of(meeting, user, directory), 0);
    meeting_free(meeting);
    house_free(house);
}

static int told;

static void count(Meeting *meeting, Seat *seat)
{
    told++;
}

Test(view, a_seat_has_the_cell_of_the_view_it_watches)
{
    Meeting *meeting = meeting_new(NULL, 7, "Giao ban", "grid");
    Seat *seat = add_seat(meeting, "TG", "province");
    json_t *views =
        json_pack("[{s:i,s:[{s:i,s:f,s:f,s:f,s:f}]},{s:i,s:[{s:i,s:f,s:f,s:f,s:f}]}]", "id", 0,
                  "cells", "source", 1, "x", 0.5, "y", 0.0, "w", 0.5, "h", 0.5, "id", 3, "cells",
                  "source", 1, "x", 0.0, "y", 0.25, "w", 1.0, "h", 0.25);
    told = 0;
    meeting_apply_cells(meeting, views, count);
    cr_assert_eq(told, 1);
    cr_assert_eq(seat->cell.x, 0.5);
    seat->changed = false;
    meeting_set_seat_view(meeting, seat, 3, count);
    cr_assert_eq(told, 2);
    cr_assert_eq(seat->cell.y, 0.25);
    cr_assert(seat->changed);
    meeting_set_seat_view(meeting, seat, 3, count);
    cr_assert_eq(told, 2, "the same again is no news");
    meeting_set_seat_view(meeting, seat, 4, count);
    cr_assert(!seat->cell.shown, "a view that the mixer has not placed yet");
    json_decref(views);
    meeting_free(meeting);
}

/* ---- the program ---- */

static json_t *program_view(json_t *program, size_t index)
{
    return json_array_get(json_object_get(program, "views"), index);
}

Test(view, binds_a_role_by_site_by_number_or_as_the_meeting_does)
{
    Layouts *layouts = two_layouts();
    Meeting *meeting = meeting_new(NULL, 7, "Giao ban", "grid");
    add_seat(meeting, "TG", "province");
    add_seat(meeting, "TG-A", "commune");
    meeting_set_role(meeting, VIEW_CHAIR, 1);
    meeting_put_view(meeting, good("{\"id\":1,\"layout\":\"grid\",\"audience\":\"chair\","
                                   "\"floor\":\"TG-A\",\"share\":2,\"spotlight\":\"TG-B\"}"));
    json_t *program = meeting_make_program(meeting, layouts, NULL);
    json_t *view = program_view(program, 1);
    cr_assert_eq(number_at(view, "id"), 1);
    cr_assert_eq(number_at(view, "chair"), 1, "the meeting's");
    cr_assert_eq(number_at(view, "floor"), 2, "by its site");
    cr_assert_eq(number_at(view, "share"), 2);
    cr_assert(json_is_null(json_object_get(view, "spotlight")), "TG-B has no seat");
    cr_assert_eq(number_at(program, "fps"), 25);
    cr_assert_null(json_object_get(program, "layout"));
    json_decref(program);
    meeting_remove_seat(meeting, meeting_find_seat(meeting, 2));
    cr_assert_eq(meeting_find_view(meeting, 1)->roles[VIEW_SHARE].source, 0);
    meeting_free(meeting);
    layouts_free(layouts);
}

Test(view, rotates_in_the_order_that_was_asked_for)
{
    House *house = house_new(NULL);
    Layouts *layouts = two_layouts();
    Meeting *meeting = meeting_new(NULL, 7, "Giao ban", "grid");
    add_seat(meeting, "TG", "province");
    add_seat(meeting, "TG-A", "commune");
    add_seat(meeting, "TG-B", "commune");
    meeting_put_view(meeting, good("{\"id\":1,\"layout\":\"grid\",\"audience\":\"chair\","
                                   "\"rotate\":{\"who\":\"tier:commune\",\"interval_s\":5}}"));
    meeting_put_view(meeting, good("{\"id\":2,\"layout\":\"grid\",\"audience\":\"chair\","
                                   "\"rotate\":{\"who\":{\"sites\":[\"TG-B\",\"TG\"]}}}"));
    json_t *program = meeting_make_program(meeting, layouts, house->server.directory);
    cr_assert(json_is_null(json_object_get(program_view(program, 0), "rotate")));
    json_t *tier = json_object_get(program_view(program, 1), "rotate");
    json_t *chosen = json_object_get(program_view(program, 2), "rotate");
    json_t *wanted = json_pack("[[i,i],[i,i]]", 2, 3, 3, 1);
    cr_assert(json_equal(json_object_get(tier, "sources"), json_array_get(wanted, 0)));
    cr_assert(json_equal(json_object_get(chosen, "sources"), json_array_get(wanted, 1)));
    cr_assert_eq(number_at(tier, "interval_s"), 5);
    json_decref(wanted);
    json_decref(program);
    meeting_free(meeting);
    layouts_free(layouts);
    house_free(house);
}

Test(view, takes_the_least_free_number_up_to_eight)
{
    Meeting *meeting = meeting_new(NULL, 7, "Giao ban", "grid");
    cr_assert_eq(meeting_free_view_id(meeting), 1);
    for (int id = LIMIT_VIEWS - 1; id > 0; id--) {
        add_view(meeting, id, "\"everyone\"");
    }
    cr_assert_eq(meeting_free_view_id(meeting), LIMIT_VIEWS);
    meeting_remove_view(meeting, meeting_find_view(meeting, 4));
    cr_assert_eq(meeting_free_view_id(meeting), 4);
    json_t *rungs = meeting_make_rungs(meeting);
    cr_assert_eq(json_array_size(json_object_get(rungs, "views")), LIMIT_VIEWS - 1);
    json_decref(rungs);
    meeting_free(meeting);
}

/* ---- presets ---- */

static ViewPresets *load(const char *text, const Layouts *layouts, char **ret_message)
{
    GError *error = NULL;
    g_autofree char *path = write_file(text);
    ViewPresets *presets = view_presets_load(path, layouts, &error);
    g_unlink(path);
    cr_assert(error == NULL || strstr(error->message, path) != NULL);
    *ret_message = g_strdup(error != NULL ? error->message : "");
    g_clear_error(&error);
    return presets;
}

#define PRESET(name, views) "{\"name\":\"" name "\",\"title\":{\"vi\":\"x\"},\"views\":[" views "]}"
#define FIRST "{\"layout\":\"grid\",\"audience\":\"everyone\"}"
#define SECOND "{\"layout\":\"big\",\"audience\":\"tier:central\"}"

Test(view, a_preset_makes_new_views_in_their_order)
{
    g_autofree char *message = NULL;
    Layouts *layouts = two_layouts();
    ViewPresets *presets =
        load("{\"presets\":[" PRESET("a", FIRST "," SECOND) "]}", layouts, &message);
    cr_assert_not_null(presets, "%s", message);
    g_autoptr(GPtrArray) views = view_presets_make(presets, "a");
    cr_assert_eq(views->len, 2);
    cr_assert_eq(((View *)g_ptr_array_index(views, 1))->id, 1);
    cr_assert_str_eq(((View *)g_ptr_array_index(views, 1))->layout, "big");
    cr_assert_null(view_presets_make(presets, "b"));
    view_presets_free(presets);
    layouts_free(layouts);
}

Test(view, a_broken_file_of_presets_names_the_place)
{
    static const struct {
        const char *text;
        const char *words;
    } cases[] = {
        {"{\"presets\":[\n{]}", "line 2"},
        {"{}", "presets"},
        {"{\"presets\":[" PRESET("a", "") "]}", "presets[0]: views"},
        {"{\"presets\":[" PRESET("a", FIRST "," FIRST) "," PRESET("a", FIRST) "]}", "presets[1]"},
        {"{\"presets\":[" PRESET("a", SECOND) "]}", "presets[0]: views[0]: audience"},
        {"{\"presets\":[" PRESET("a", FIRST ",{\"layout\":\"none\"}") "]}",
         "presets[0]: views[1]: layout"},
    };
    Layouts *layouts = two_layouts();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *message = NULL;
        cr_assert_null(load(cases[i].text, layouts, &message), "%s", cases[i].text);
        cr_assert_not_null(strstr(message, cases[i].words), "\"%s\" not in \"%s\"", cases[i].words,
                           message);
    }
    layouts_free(layouts);
}

Test(view, the_presets_that_are_delivered_are_good)
{
    GError *error = NULL;
    Layouts *layouts = layouts_load(SOURCE_DIR "/config/layouts.json", &error);
    ViewPresets *presets = view_presets_load(SOURCE_DIR "/config/views.json", layouts, &error);
    cr_assert_not_null(presets, "%s", error != NULL ? error->message : "");
    g_autoptr(GPtrArray) views = view_presets_make(presets, "plenary");
    cr_assert_eq(views->len, 3);
    view_presets_free(presets);
    layouts_free(layouts);
}

Test(view, keeps_what_is_written_on_it)
{
    View *view = good("{\"layout\":\"grid\",\"audience\":\"everyone\",\"clock\":true,"
                      "\"banner\":\"  Tạm nghỉ\\n\\t15 phút \"}");
    cr_assert_str_eq(view->text.banner, "Tạm nghỉ 15 phút");
    json_t *object = view_to_json(view);
    cr_assert_str_eq(json_string_value(json_object_get(object, "banner")), "Tạm nghỉ 15 phút");
    cr_assert(json_is_true(json_object_get(object, "clock")));
    cr_assert(json_is_false(json_object_get(object, "show_title")));
    json_decref(object);
    view_free(view);
}

Test(view, refuses_a_message_nobody_could_read)
{
    g_autoptr(GString) text = g_string_new("{\"layout\":\"grid\",\"audience\":\"everyone\","
                                           "\"banner\":\"");
    for (int i = 0; i <= LIMIT_BANNER_CHARS; i++) {
        g_string_append(text, "ộ");
    }
    g_string_append(text, "\"}");
    refuse(text->str, "bad_field", "banner");
    refuse("{\"layout\":\"grid\",\"audience\":\"everyone\",\"banner\":7}", "bad_field", "banner");
    refuse("{\"layout\":\"grid\",\"audience\":\"everyone\",\"clock\":1}", "bad_field", "clock");
}

Test(view_text, leaves_alone_what_is_absent)
{
    Problem problem;
    ViewText text = {.banner = "Tạm nghỉ", .has_clock = true};
    json_t *object = json_loads("{\"show_title\":true}", 0, NULL);
    cr_assert(view_text_parse(object, &text, &problem));
    cr_assert_str_eq(text.banner, "Tạm nghỉ");
    cr_assert(text.has_clock && text.shows_title);
    json_decref(object);
    object = json_loads("{\"banner\":null}", 0, NULL);
    cr_assert(view_text_parse(object, &text, &problem));
    cr_assert_str_eq(text.banner, "");
    json_decref(object);
}

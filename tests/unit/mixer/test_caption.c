#include <criterion/criterion.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bridge/mixer/badge.h"
#include "bridge/mixer/caption.h"
#include "bridge/mixer/strips.h"
#include "bridge/mixer/wall.h"
#include "tests/unit/mixer/clip.h"
#include "tests/unit/mixer/fixture.h"
#include "tests/unit/mixer/golden.h"

#define SECOND INT64_C(1000000)
#define TITLE "Hội nghị trực tuyến toàn tỉnh"
#define SHORT_BANNER "Phiên họp tạm nghỉ 15 phút, mời các điểm cầu giữ kết nối"
#define STACKED "ẪỖỄẬỘỆẲỂỔỰỴỊỮẤẦỲỸ ậộệẵễỗữựỵẩ"
/* What another version of fonts or cairo may change. */
#define GOLDEN_MAX 8.0

static Program *make_program(int width, int height)
{
    Program *program = fixture_program(1, width, height);
    program->title = g_strdup(TITLE);
    return program;
}

static void set_banner(Program *program, const char *text)
{
    g_free(program->views[0].banner);
    program->views[0].banner = g_strdup(text);
}

/* So many characters, in words. */
static char *long_text(int characters)
{
    static const char *const words[] = {"Đề",   "nghị", "các", "điểm",  "cầu", "chuyển",
                                        "sang", "kênh", "dự",  "phòng", "ngay"};
    GString *text = g_string_new(NULL);
    for (size_t i = 0; g_utf8_strlen(text->str, -1) < characters; i++) {
        g_string_append_printf(text, "%s%s", i > 0 ? " " : "", words[i % G_N_ELEMENTS(words)]);
    }
    char *end = g_utf8_offset_to_pointer(text->str, characters);
    g_string_truncate(text, (gsize)(end - text->str));
    return g_string_free(text, FALSE);
}

Test(strips, take_no_room_when_there_is_nothing_to_say)
{
    Program *program = make_program(1280, 720);
    Strips strips = strips_plan(program, &program->views[0]);
    cr_expect_eq(strips.header.h, 0);
    cr_expect_eq(strips.banner.h, 0);
    cr_expect_eq(strips.cells.h, 720);
    program_unref(program);
}

Test(strips, are_even_and_share_the_picture_at_every_size)
{
    static const int sizes[][2] = {{64, 36}, {160, 90}, {640, 360}, {1280, 720}, {1920, 1080}};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        for (int characters = 1; characters <= LIMIT_BANNER_CHARS; characters += 23) {
            Program *program = make_program(sizes[i][0], sizes[i][1]);
            g_autofree char *text = long_text(characters);
            set_banner(program, text);
            program->views[0].has_clock = true;
            Strips strips = strips_plan(program, &program->views[0]);
            cr_expect_eq((strips.header.h | strips.cells.h | strips.banner.h) & 1, 0);
            cr_expect_eq(strips.header.h + strips.cells.h + strips.banner.h, sizes[i][1]);
            cr_expect_eq(strips.cells.y, strips.header.h);
            cr_expect_eq(strips.banner.y, strips.cells.y + strips.cells.h);
            cr_expect(sizes[i][1] < 90 || strips.cells.h * 5 >= sizes[i][1] * 2,
                      "%d lines, %d letters", sizes[i][1], characters);
            program_unref(program);
        }
    }
}

Test(strips, keep_the_sizes_that_are_read_from_the_back_of_a_hall)
{
    Program *program = make_program(1280, 720);
    program->is_recorded = true;
    set_banner(program, SHORT_BANNER);
    Strips strips = strips_plan(program, &program->views[0]);
    cr_expect_geq(strips.header.h, 50);
    cr_expect_geq(strips.banner_size, 40);
    g_autofree char *text = long_text(LIMIT_BANNER_CHARS);
    set_banner(program, text);
    cr_expect_geq(strips_plan(program, &program->views[0]).banner_size, 27);
    program_unref(program);
}

/* The words alone, on a canvas of the view's size. */
static I420 paint(Program *program)
{
    I420 canvas = i420_alloc(program->views[0].width, program->views[0].height);
    i420_fill(&canvas, i420_color(0x336699));
    Caption *caption = caption_new();
    caption_set(caption, program, &program->views[0], true);
    caption_paint(caption, &canvas, 0);
    caption_free(caption);
    return canvas;
}

static bool is_plain(const I420 *canvas, LayoutRect rect)
{
    uint8_t first = canvas->plane[0][rect.y * canvas->stride[0] + rect.x];
    for (int y = rect.y; y < rect.y + rect.h; y++) {
        for (int x = rect.x; x < rect.x + rect.w; x++) {
            if (abs(canvas->plane[0][y * canvas->stride[0] + x] - first) > 24) {
                return false;
            }
        }
    }
    return true;
}

Test(caption, clips_no_mark_of_any_letter)
{
    static const int sizes[][2] = {{640, 360}, {1280, 720}, {1920, 1080}};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        Program *program = make_program(sizes[i][0], sizes[i][1]);
        g_free(program->title);
        program->title = g_strdup(STACKED);
        program->views[0].shows_title = program->views[0].has_clock = true;
        program->is_recorded = true;
        set_banner(program, STACKED);
        Strips strips = strips_plan(program, &program->views[0]);
        I420 canvas = paint(program);
        int w = sizes[i][0];
        cr_expect(is_plain(&canvas, (LayoutRect){0, 0, w, 1}), "top of the header");
        cr_expect(is_plain(&canvas, (LayoutRect){0, strips.header.h - 1, w, 1}), "its foot");
        cr_expect(is_plain(&canvas, (LayoutRect){0, strips.banner.y, w, 2}), "top of the banner");
        cr_expect(is_plain(&canvas, (LayoutRect){0, sizes[i][1] - 2, w, 2}), "its foot");
        cr_expect_not(is_plain(&canvas, strips.header));
        cr_expect_not(is_plain(&canvas, strips.banner));
        cr_expect(is_plain(&canvas, strips.cells), "no word over a cell");
        i420_release(&canvas);
        program_unref(program);
    }
}

Test(caption, has_room_for_the_longest_message)
{
    static const int sizes[][2] = {{640, 360}, {1280, 720}, {1920, 1080}, {1024, 768}};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        for (int characters = 20; characters <= LIMIT_BANNER_CHARS; characters += 20) {
            Program *program = make_program(sizes[i][0], sizes[i][1]);
            g_autofree char *text = long_text(characters);
            set_banner(program, text);
            Strips strips = strips_plan(program, &program->views[0]);
            I420 canvas = paint(program);
            LayoutRect foot = strips.banner;
            foot.y += foot.h - 2;
            foot.h = 2;
            cr_expect(is_plain(&canvas, foot), "%d letters in %d", characters, sizes[i][0]);
            i420_release(&canvas);
            program_unref(program);
        }
    }
}

Test(caption, paints_only_the_clock_once_a_second)
{
    Program *program = make_program(1280, 720);
    program->views[0].shows_title = program->views[0].has_clock = true;
    I420 canvas = i420_alloc(1280, 720);
    Caption *caption = caption_new();
    caption_set(caption, program, &program->views[0], true);
    cr_expect_eq(caption_paint(caption, &canvas, 100 * SECOND), 2);
    cr_expect_eq(caption_paint(caption, &canvas, 100 * SECOND + 40000), 0);
    cr_expect_eq(caption_paint(caption, &canvas, 101 * SECOND), 1);
    caption_set(caption, program, &program->views[0], false);
    cr_expect_eq(caption_paint(caption, &canvas, 101 * SECOND + 40000), 0, "nothing has changed");
    program->is_recorded = true;
    caption_set(caption, program, &program->views[0], false);
    cr_expect_eq(caption_paint(caption, &canvas, 101 * SECOND + 80000), 3, "all share the header");
    i420_release(&canvas);
    caption_free(caption);
    program_unref(program);
}

Test(caption, leaves_nothing_of_a_mark_that_is_gone)
{
    Program *program = make_program(1280, 720);
    program->views[0].has_clock = true;
    program->is_recorded = true;
    I420 canvas = i420_alloc(1280, 720);
    Caption *caption = caption_new();
    caption_set(caption, program, &program->views[0], true);
    caption_paint(caption, &canvas, 0);
    LayoutRect left = {0, 0, 1000, 50};
    cr_expect_not(is_plain(&canvas, (LayoutRect){800, 0, 300, 50}));
    program->is_recorded = false;
    caption_set(caption, program, &program->views[0], false);
    caption_paint(caption, &canvas, 0);
    cr_expect(is_plain(&canvas, left));
    i420_release(&canvas);
    caption_free(caption);
    program_unref(program);
}

Test(badge, changes_its_look_in_the_last_fifth_and_when_time_is_over)
{
    cr_expect_eq(badge_look(239, 300), BADGE_CALM);
    cr_expect_eq(badge_look(240, 300), BADGE_SOON_OVER);
    cr_expect_eq(badge_look(300, 300), BADGE_SOON_OVER);
    cr_expect_eq(badge_look(301, 300), BADGE_OVER);
    cr_expect_eq(badge_look(86400, 0), BADGE_CALM);
}

Test(badge, stays_in_the_upper_third_of_its_cell)
{
    static const int sizes[][2] = {{8, 8}, {88, 48}, {126, 76}, {318, 178}, {1280, 720}};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        Badge *badge = badge_new(86399, 86400, sizes[i][0], sizes[i][1]);
        LayoutRect rect = badge_rect(badge);
        cr_expect(rect.x >= 0 && rect.y >= 0 && rect.x + rect.w <= sizes[i][0]);
        cr_expect(rect.y + rect.h <= MAX(8, sizes[i][1] * 2 / 5), "%d: %d", sizes[i][1],
                  rect.y + rect.h);
        I420 cell = i420_alloc(sizes[i][0], sizes[i][1]);
        badge_blend(badge, &cell);
        i420_release(&cell);
        badge_free(badge);
    }
}

typedef struct Hall {
    Gallery *gallery;
    Shelf *shelf;
    Wall *wall;
} Hall;

static void on_report(uint32_t source, bool is_live, Look look, void *data)
{
}

static Hall open_hall(Scene *scene)
{
    Hall hall = {.gallery = gallery_new(), .wall = wall_new()};
    hall.shelf = shelf_new(hall.gallery, on_report, NULL);
    shelf_set_scene(hall.shelf, scene);
    wall_set_scene(hall.wall, scene, 0);
    return hall;
}

static void close_hall(Hall *hall)
{
    wall_free(hall->wall);
    shelf_free(hall->shelf);
    gallery_free(hall->gallery);
}

static void put(const Hall *hall, uint32_t source, uint32_t rgb)
{
    I420 picture = i420_alloc(320, 180);
    i420_fill(&picture, i420_color(rgb));
    gallery_put(hall->gallery, source, frame_new_from_i420(&picture));
}

static Scene *timed_scene(int64_t used_s)
{
    Program *program = make_program(1280, 720);
    fixture_row(program, 0, LAYOUT_ROLE_RECENT, 2);
    fixture_seat(program, 1);
    fixture_seat(program, 2);
    program->speaking = (ProgramSpeaking){.source = 2, .limit_us = 300 * SECOND};
    Arrangement arrangement = {.cells = {1, 2}};
    Scene *scene = scene_new(&(SceneOptions){
        .program = program, .arrangements = &arrangement, .floor_since_us = -used_s * SECOND});
    program_unref(program);
    return scene;
}

Test(wall, times_the_one_who_has_the_floor)
{
    static const uint32_t grounds[] = {0x141a21, 0xf2a93b, 0xd8353b};
    static const int64_t used_s[] = {10, 250, 305};
    for (size_t i = 0; i < 3; i++) {
        Scene *scene = timed_scene(used_s[i]);
        Hall hall = open_hall(scene);
        put(&hall, 1, 0x808080);
        put(&hall, 2, 0x808080);
        wall_tick(hall.wall, hall.shelf, 0, 0);
        shelf_tick(hall.shelf, 40000);
        cr_expect_eq(wall_tick(hall.wall, hall.shelf, 40000, 40000), 2);
        cr_expect_eq(wall_tick(hall.wall, hall.shelf, 80000, 80000), 0);
        cr_expect_eq(wall_tick(hall.wall, hall.shelf, SECOND, SECOND), 1, "once a second");
        LayoutRect corner = {1240, 36, 6, 10};
        cr_expect(clip_is_color(wall_picture(hall.wall), corner, grounds[i]) || i == 0,
                  "after %d s", (int)used_s[i]);
        cr_expect(
            clip_is_color(wall_picture(hall.wall), (LayoutRect){400, 200, 100, 100}, 0x808080),
            "the other one is not timed");
        close_hall(&hall);
        scene_unref(scene);
    }
}

/* Four cells with names, icons, a timer and a card, under a header and over a banner. */
static Program *golden_program(void)
{
    static const char *const names[] = {"Chủ tọa – UBND tỉnh", "Xã Hậu Mỹ Bắc A",
                                        "Phường Đạo Thạnh", "Sở Nông nghiệp và Môi trường"};
    Program *program = make_program(1280, 720);
    fixture_grid(program, 0, 2);
    for (uint32_t source = 1; source <= 4; source++) {
        fixture_seat(program, source);
        g_free(program->seats[source - 1].name);
        program->seats[source - 1].name = g_strdup(names[source - 1]);
    }
    program->seats[1].is_muted = true;
    program->seats[1].hand = 2;
    program->seats[2].has_poor_link = true;
    g_free(program->seats[3].note);
    program->seats[3].note = g_strdup("Mất kết nối");
    program->views[0].shows_title = program->views[0].has_clock = true;
    program->is_recorded = true;
    program->speaking = (ProgramSpeaking){.source = 1, .limit_us = 300 * SECOND};
    return program;
}

static void expect_golden(const char *banner, const char *name)
{
    Program *program = golden_program();
    set_banner(program, banner);
    Arrangement arrangement = {.cells = {1, 2, 3, 4}};
    Scene *scene = scene_new(&(SceneOptions){.program = program,
                                             .arrangements = &arrangement,
                                             .speaker = 1,
                                             .floor_since_us = -250 * SECOND});
    program_unref(program);
    Hall hall = open_hall(scene);
    put(&hall, 1, 0x7a8a9a);
    put(&hall, 2, 0x3a5a3a);
    put(&hall, 3, 0xd0c8b8);
    shelf_tick(hall.shelf, 0);
    for (int i = 0; i < 8; i++) {
        wall_tick(hall.wall, hall.shelf, 0, INT64_C(1700000000) * SECOND);
    }
    double difference = golden_difference(wall_picture(hall.wall), name);
    cr_expect_lt(difference, GOLDEN_MAX, "%s differs by %.2f", name, difference);
    close_hall(&hall);
    scene_unref(scene);
}

static void set_zone(void)
{
    setenv("TZ", "Asia/Ho_Chi_Minh", 1);
    tzset();
}

Test(golden, words_around_four_cells, .init = set_zone)
{
    expect_golden(SHORT_BANNER, "words");
}

Test(golden, the_longest_message, .init = set_zone)
{
    g_autofree char *text = long_text(LIMIT_BANNER_CHARS);
    expect_golden(text, "longest");
}

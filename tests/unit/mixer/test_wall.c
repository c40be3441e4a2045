#include <criterion/criterion.h>
#include <glib.h>

#include "bridge/mixer/wall.h"
#include "tests/unit/mixer/clip.h"
#include "tests/unit/mixer/fixture.h"

#define MS INT64_C(1000)

typedef struct Hall {
    Gallery *gallery;
    Shelf *shelf;
    Wall *wall;
} Hall;

static void on_report(uint32_t source, bool is_live, Look look, void *data)
{
}

static Hall *open_hall(void)
{
    Hall *hall = g_new0(Hall, 1);
    hall->gallery = gallery_new();
    hall->shelf = shelf_new(hall->gallery, on_report, NULL);
    hall->wall = wall_new();
    return hall;
}

static void close_hall(Hall *hall)
{
    wall_free(hall->wall);
    shelf_free(hall->shelf);
    gallery_free(hall->gallery);
    g_free(hall);
}

static size_t tick(Hall *hall, int64_t now_us)
{
    shelf_tick(hall->shelf, now_us);
    return wall_tick(hall->wall, hall->shelf, now_us, now_us);
}

static void set_scene(Hall *hall, Scene *scene)
{
    shelf_set_scene(hall->shelf, scene);
    wall_set_scene(hall->wall, scene, 0);
}

/* Cells side by side, with these sources; all of the same size. */
static Scene *row_scene(const uint32_t *sources, int cells, const char *note)
{
    Program *program = fixture_program(1, 640, 180);
    fixture_row(program, 0, LAYOUT_ROLE_RECENT, cells);
    for (uint32_t source = 1; source <= 40; source++) {
        fixture_seat(program, source);
        g_free(program->seats[source - 1].note);
        program->seats[source - 1].note = g_strdup(note);
    }
    return fixture_scene(program, sources, (size_t)cells, NULL);
}

static void show(Hall *hall, const uint32_t *sources, int cells)
{
    Scene *scene = row_scene(sources, cells, "Mất tín hiệu");
    set_scene(hall, scene);
    scene_unref(scene);
}

static void put(Hall *hall, uint32_t source, uint32_t rgb)
{
    I420 picture = i420_alloc(320, 180);
    i420_fill(&picture, i420_color(rgb));
    gallery_put(hall->gallery, source, frame_new_from_i420(&picture));
}

static bool shows(const Hall *hall, int x, uint32_t rgb)
{
    return clip_is_color(wall_picture(hall->wall), (LayoutRect){x, 20, 100, 60}, rgb);
}

Test(wall, has_no_picture_before_the_first_scene)
{
    Hall *hall = open_hall();
    cr_expect_null(wall_picture(hall->wall));
    cr_expect_eq(tick(hall, 0), 0);
    close_hall(hall);
}

Test(wall, shows_new_frames)
{
    Hall *hall = open_hall();
    show(hall, (uint32_t[]){1, 2}, 2);
    put(hall, 1, 0xc03030);
    tick(hall, 0);
    cr_expect(shows(hall, 20, 0xc03030));
    put(hall, 1, 0x30a040);
    tick(hall, 40 * MS);
    cr_expect(shows(hall, 20, 0x30a040));
    close_hall(hall);
}

Test(wall, takes_only_the_newest_frame)
{
    Hall *hall = open_hall();
    show(hall, (uint32_t[]){1}, 1);
    put(hall, 1, 0xc03030);
    put(hall, 1, 0x30a040);
    tick(hall, 0);
    cr_expect(shows(hall, 240, 0x30a040));
    close_hall(hall);
}

Test(wall, paints_nothing_when_nothing_is_new)
{
    Hall *hall = open_hall();
    show(hall, (uint32_t[]){1, 2}, 2);
    put(hall, 1, 0xc03030);
    cr_expect_eq(tick(hall, 0), 2);
    cr_expect_eq(tick(hall, 40 * MS), 0);
    put(hall, 1, 0xc03030);
    cr_expect_eq(tick(hall, 80 * MS), 1);
    close_hall(hall);
}

Test(wall, takes_down_a_picture_that_stands_still_for_two_seconds)
{
    Hall *hall = open_hall();
    show(hall, (uint32_t[]){1, 2}, 2);
    put(hall, 1, 0xc03030);
    tick(hall, 0);
    tick(hall, SHELF_STALE_US);
    cr_expect(shows(hall, 20, 0xc03030));
    tick(hall, SHELF_STALE_US + 40 * MS);
    cr_expect_not(shows(hall, 20, 0xc03030));
    put(hall, 1, 0xc03030);
    tick(hall, SHELF_STALE_US + 80 * MS);
    cr_expect(shows(hall, 20, 0xc03030), "and it comes back");
    close_hall(hall);
}

Test(wall, takes_down_the_picture_of_a_source_that_is_gone_at_once)
{
    Hall *hall = open_hall();
    show(hall, (uint32_t[]){1, 2}, 2);
    put(hall, 1, 0xc03030);
    tick(hall, 0);
    gallery_drop(hall->gallery, 1);
    tick(hall, 40 * MS);
    cr_expect_not(shows(hall, 20, 0xc03030));
    close_hall(hall);
}

Test(wall, keeps_pictures_over_a_change_of_layout)
{
    Hall *hall = open_hall();
    show(hall, (uint32_t[]){1, 2}, 2);
    put(hall, 1, 0xc03030);
    put(hall, 2, 0x3050c0);
    tick(hall, 0);
    show(hall, (uint32_t[]){2, 3, 1, 0}, 4);
    put(hall, 3, 0x30a040);
    tick(hall, 40 * MS);
    cr_expect(clip_is_color(wall_picture(hall->wall), (LayoutRect){20, 60, 100, 40}, 0x3050c0));
    cr_expect(clip_is_color(wall_picture(hall->wall), (LayoutRect){340, 60, 100, 40}, 0xc03030));
    close_hall(hall);
}

Test(wall, swaps_cells_without_losing_a_picture)
{
    Hall *hall = open_hall();
    show(hall, (uint32_t[]){1, 2}, 2);
    put(hall, 1, 0xc03030);
    put(hall, 2, 0x3050c0);
    tick(hall, 0);
    show(hall, (uint32_t[]){2, 1}, 2);
    tick(hall, 40 * MS);
    cr_expect(shows(hall, 20, 0x3050c0));
    cr_expect(shows(hall, 340, 0xc03030));
    close_hall(hall);
}

Test(wall, draws_few_cards_a_tick_and_all_in_the_end)
{
    Hall *hall = open_hall();
    uint32_t sources[40];
    for (uint32_t i = 0; i < 40; i++) {
        sources[i] = i + 1;
    }
    show(hall, sources, 40);
    cr_expect_eq(tick(hall, 0), 40, "the empty ground of some");
    size_t more = tick(hall, 40 * MS);
    cr_expect_eq(more, 40 - WALL_DRAWN_PIXELS_PER_TICK / WALL_DRAWN_PIXELS_MIN);
    cr_expect_eq(tick(hall, 80 * MS), 0);
    close_hall(hall);
}

Test(wall, draws_the_text_anew_when_it_changes)
{
    Hall *hall = open_hall();
    Scene *before = row_scene((uint32_t[]){1}, 1, "Đang gọi");
    Scene *after = row_scene((uint32_t[]){1}, 1, "Không trả lời");
    set_scene(hall, before);
    tick(hall, 0);
    set_scene(hall, before);
    cr_expect_eq(tick(hall, 40 * MS), 0, "the same program again");
    set_scene(hall, after);
    cr_expect_eq(tick(hall, 80 * MS), 1);
    scene_unref(before);
    scene_unref(after);
    close_hall(hall);
}

/* What the live picture of source 1 shows while source 3 is to replace it. */
static Hall *replace_one_by_three(void)
{
    Hall *hall = open_hall();
    show(hall, (uint32_t[]){1, 2}, 2);
    put(hall, 1, 0xc03030);
    put(hall, 2, 0x3050c0);
    tick(hall, 0);
    Scene *before = row_scene((uint32_t[]){1, 2}, 2, "");
    Program *program = fixture_program(1, 640, 180);
    fixture_row(program, 0, LAYOUT_ROLE_RECENT, 2);
    for (uint32_t source = 1; source <= 3; source++) {
        fixture_seat(program, source);
    }
    Arrangement arrangement = {.cells = {3, 2}};
    Scene *after = scene_new(
        &(SceneOptions){.program = program, .arrangements = &arrangement, .before = before});
    set_scene(hall, after);
    program_unref(program);
    scene_unref(before);
    scene_unref(after);
    return hall;
}

Test(wall, goes_on_live_until_the_first_frame_of_the_successor)
{
    Hall *hall = replace_one_by_three();
    put(hall, 1, 0xa0a030);
    tick(hall, 40 * MS);
    cr_expect(shows(hall, 20, 0xa0a030), "not frozen");
    put(hall, 3, 0x30a040);
    tick(hall, 80 * MS);
    cr_expect(shows(hall, 20, 0x30a040));
    cr_expect(shows(hall, 340, 0x3050c0));
    close_hall(hall);
}

Test(wall, waits_for_a_successor_no_longer_than_it_says)
{
    Hall *hall = replace_one_by_three();
    tick(hall, 40 * MS);
    tick(hall, 40 * MS + WALL_WAIT_US - 1);
    cr_expect(shows(hall, 20, 0xc03030));
    tick(hall, 40 * MS + WALL_WAIT_US);
    cr_expect_not(shows(hall, 20, 0xc03030));
    close_hall(hall);
}

Test(wall, waits_for_the_larger_picture_of_a_larger_cell)
{
    Hall *hall = open_hall();
    show(hall, (uint32_t[]){1, 2, 3, 4, 5, 6, 7, 8}, 8);
    I420 small = i420_alloc(80, 180);
    i420_fill(&small, i420_color(0xc03030));
    gallery_put(hall->gallery, 1, frame_new_from_i420(&small));
    tick(hall, 0);
    show(hall, (uint32_t[]){1}, 1);
    tick(hall, 40 * MS);
    cr_expect_not(shows(hall, 400, 0xc03030), "80 pixels are too few for 640");
    I420 large = i420_alloc(640, 180);
    i420_fill(&large, i420_color(0xc03030));
    gallery_put(hall->gallery, 1, frame_new_from_i420(&large));
    tick(hall, 80 * MS);
    cr_expect(shows(hall, 400, 0xc03030));
    close_hall(hall);
}

Test(wall, marks_the_cell_of_who_speaks)
{
    Hall *hall = open_hall();
    Program *program = fixture_program(1, 640, 180);
    fixture_row(program, 0, LAYOUT_ROLE_RECENT, 2);
    fixture_seat(program, 1);
    fixture_seat(program, 2);
    Arrangement arrangement = {.cells = {1, 2}};
    SceneOptions options = {.program = program, .arrangements = &arrangement, .speaker = 2};
    Scene *scene = scene_new(&options);
    options.speaker = 0;
    Scene *silent = scene_new(&options);
    LayoutRect edge = {322, 60, 2, 60};
    set_scene(hall, scene);
    put(hall, 1, 0x202020);
    put(hall, 2, 0x202020);
    tick(hall, 0);
    cr_expect_gt(clip_mean(wall_picture(hall->wall), edge).y, 100);
    cr_expect(shows(hall, 20, 0x202020));
    cr_expect_lt(clip_mean(wall_picture(hall->wall), (LayoutRect){0, 60, 4, 60}).y, 60);
    set_scene(hall, silent);
    tick(hall, 40 * MS);
    cr_expect_lt(clip_mean(wall_picture(hall->wall), edge).y, 60);
    scene_unref(scene);
    scene_unref(silent);
    program_unref(program);
    close_hall(hall);
}

#include <criterion/criterion.h>
#include <glib.h>

#include "bridge/mixer/wall.h"
#include "tests/unit/mixer/clip.h"

#define MS INT64_C(1000)

typedef struct Reports {
    int live;
    int none;
    uint32_t last;
} Reports;

typedef struct Hall {
    Gallery *gallery;
    Wall *wall;
    Reports reports;
} Hall;

static void on_report(uint32_t source, bool is_live, void *data)
{
    Reports *reports = data;
    reports->live += is_live;
    reports->none += !is_live;
    reports->last = source;
}

static Hall *open_hall(void)
{
    Hall *hall = g_new0(Hall, 1);
    hall->gallery = gallery_new();
    hall->wall = wall_new(hall->gallery, on_report, &hall->reports);
    return hall;
}

static void close_hall(Hall *hall)
{
    wall_free(hall->wall);
    gallery_free(hall->gallery);
    g_free(hall);
}

/* Cells side by side, with these sources; all of the same size. */
static Scene *row_scene(const uint32_t *sources, int cells, const char *note)
{
    Program *program = g_atomic_rc_box_new0(Program);
    program->width = 640;
    program->height = 180;
    program->fps = 25;
    program->layout = g_malloc0(sizeof(Layout) + (size_t)cells * sizeof(LayoutCell));
    program->layout->cell_count = (size_t)cells;
    for (int i = 0; i < cells; i++) {
        program->layout->cells[i] = (LayoutCell){
            .role = LAYOUT_ROLE_RECENT, .x = (double)i / cells, .w = 1.0 / cells, .h = 1};
        if (sources[i] != 0) {
            program->seats[program->seat_count++] = (ProgramSeat){.source = sources[i],
                                                                  .name = g_strdup("Xã A"),
                                                                  .note = g_strdup(note),
                                                                  .is_present = true};
        }
    }
    Scene *scene = scene_new(program, sources);
    program_unref(program);
    return scene;
}

static void show(Hall *hall, const uint32_t *sources, int cells)
{
    Scene *scene = row_scene(sources, cells, "Mất tín hiệu");
    wall_set_scene(hall->wall, scene);
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
    cr_expect_eq(wall_tick(hall->wall, 0), 0);
    close_hall(hall);
}

Test(wall, shows_new_frames_and_reports_the_first)
{
    Hall *hall = open_hall();
    show(hall, (uint32_t[]){1, 2}, 2);
    put(hall, 1, 0xc03030);
    wall_tick(hall->wall, 0);
    cr_expect(shows(hall, 20, 0xc03030));
    cr_expect_eq(hall->reports.live, 1);
    cr_expect_eq(hall->reports.last, 1);
    put(hall, 1, 0x30a040);
    wall_tick(hall->wall, 40 * MS);
    cr_expect(shows(hall, 20, 0x30a040));
    cr_expect_eq(hall->reports.live, 1, "only once");
    close_hall(hall);
}

Test(wall, takes_only_the_newest_frame)
{
    Hall *hall = open_hall();
    show(hall, (uint32_t[]){1}, 1);
    put(hall, 1, 0xc03030);
    put(hall, 1, 0x30a040);
    wall_tick(hall->wall, 0);
    cr_expect(shows(hall, 240, 0x30a040));
    close_hall(hall);
}

Test(wall, paints_nothing_when_nothing_is_new)
{
    Hall *hall = open_hall();
    show(hall, (uint32_t[]){1, 2}, 2);
    put(hall, 1, 0xc03030);
    cr_expect_eq(wall_tick(hall->wall, 0), 2);
    cr_expect_eq(wall_tick(hall->wall, 40 * MS), 0);
    put(hall, 1, 0xc03030);
    cr_expect_eq(wall_tick(hall->wall, 80 * MS), 1);
    close_hall(hall);
}

Test(wall, takes_down_a_picture_that_stands_still_for_two_seconds)
{
    Hall *hall = open_hall();
    show(hall, (uint32_t[]){1, 2}, 2);
    put(hall, 1, 0xc03030);
    wall_tick(hall->wall, 0);
    wall_tick(hall->wall, WALL_STALE_US);
    cr_expect(shows(hall, 20, 0xc03030));
    wall_tick(hall->wall, WALL_STALE_US + 40 * MS);
    cr_expect_not(shows(hall, 20, 0xc03030));
    cr_expect_eq(hall->reports.none, 1);
    put(hall, 1, 0xc03030);
    wall_tick(hall->wall, WALL_STALE_US + 80 * MS);
    cr_expect(shows(hall, 20, 0xc03030), "and it comes back");
    cr_expect_eq(hall->reports.live, 2);
    close_hall(hall);
}

Test(wall, takes_down_the_picture_of_a_source_that_is_gone_at_once)
{
    Hall *hall = open_hall();
    show(hall, (uint32_t[]){1, 2}, 2);
    put(hall, 1, 0xc03030);
    wall_tick(hall->wall, 0);
    gallery_drop(hall->gallery, 1);
    wall_tick(hall->wall, 40 * MS);
    cr_expect_not(shows(hall, 20, 0xc03030));
    cr_expect_eq(hall->reports.none, 1);
    close_hall(hall);
}

Test(wall, keeps_pictures_over_a_change_of_layout)
{
    Hall *hall = open_hall();
    show(hall, (uint32_t[]){1, 2}, 2);
    put(hall, 1, 0xc03030);
    put(hall, 2, 0x3050c0);
    wall_tick(hall->wall, 0);
    show(hall, (uint32_t[]){2, 3, 1, 0}, 4);
    wall_tick(hall->wall, 40 * MS);
    cr_expect(clip_is_color(wall_picture(hall->wall), (LayoutRect){20, 60, 100, 40}, 0x3050c0));
    cr_expect(clip_is_color(wall_picture(hall->wall), (LayoutRect){340, 60, 100, 40}, 0xc03030));
    cr_expect_eq(hall->reports.live, 2);
    cr_expect_eq(hall->reports.none, 0);
    close_hall(hall);
}

Test(wall, swaps_cells_without_losing_a_picture)
{
    Hall *hall = open_hall();
    show(hall, (uint32_t[]){1, 2}, 2);
    put(hall, 1, 0xc03030);
    put(hall, 2, 0x3050c0);
    wall_tick(hall->wall, 0);
    show(hall, (uint32_t[]){2, 1}, 2);
    wall_tick(hall->wall, 40 * MS);
    cr_expect(shows(hall, 20, 0x3050c0));
    cr_expect(shows(hall, 340, 0xc03030));
    cr_expect_eq(hall->reports.none, 0);
    close_hall(hall);
}

Test(wall, reports_a_source_that_loses_its_cell)
{
    Hall *hall = open_hall();
    show(hall, (uint32_t[]){1, 2}, 2);
    put(hall, 1, 0xc03030);
    wall_tick(hall->wall, 0);
    show(hall, (uint32_t[]){3, 2}, 2);
    cr_expect_eq(hall->reports.none, 1);
    cr_expect_eq(hall->reports.last, 1);
    wall_tick(hall->wall, 40 * MS);
    cr_expect_not(shows(hall, 20, 0xc03030));
    close_hall(hall);
}

Test(wall, draws_few_cards_a_tick_and_all_in_the_end)
{
    Hall *hall = open_hall();
    uint32_t sources[20];
    for (uint32_t i = 0; i < 20; i++) {
        sources[i] = i + 1;
    }
    show(hall, sources, 20);
    cr_expect_eq(wall_tick(hall->wall, 0), 20, "the empty ground of all");
    cr_expect_eq(wall_tick(hall->wall, 40 * MS), WALL_DRAWINGS_PER_TICK);
    cr_expect_eq(wall_tick(hall->wall, 80 * MS), 20 - 2 * WALL_DRAWINGS_PER_TICK);
    cr_expect_eq(wall_tick(hall->wall, 120 * MS), 0);
    close_hall(hall);
}

Test(wall, draws_the_text_anew_when_it_changes)
{
    Hall *hall = open_hall();
    Scene *before = row_scene((uint32_t[]){1}, 1, "Đang gọi");
    Scene *after = row_scene((uint32_t[]){1}, 1, "Không trả lời");
    wall_set_scene(hall->wall, before);
    wall_tick(hall->wall, 0);
    wall_set_scene(hall->wall, before);
    cr_expect_eq(wall_tick(hall->wall, 40 * MS), 0, "the same program again");
    wall_set_scene(hall->wall, after);
    cr_expect_eq(wall_tick(hall->wall, 80 * MS), 1);
    scene_unref(before);
    scene_unref(after);
    close_hall(hall);
}

Test(wall, reports_everybody_who_is_seen_when_asked)
{
    Hall *hall = open_hall();
    show(hall, (uint32_t[]){1, 2}, 2);
    put(hall, 2, 0xc03030);
    wall_tick(hall->wall, 0);
    wall_report_all(hall->wall);
    cr_expect_eq(hall->reports.live, 2);
    cr_expect_eq(hall->reports.last, 2);
    close_hall(hall);
}

#include <criterion/criterion.h>
#include <glib.h>

#include "bridge/mixer/shelf.h"
#include "tests/unit/mixer/fixture.h"

#define MS INT64_C(1000)

typedef struct World {
    Gallery *gallery;
    Shelf *shelf;
    int live;
    int none;
    uint32_t last;
    Look look;
} World;

static void on_report(uint32_t source, bool is_live, Look look, void *data)
{
    World *world = data;
    world->live += is_live;
    world->none += !is_live;
    world->last = source;
    world->look = look;
}

static void need(World *world, const uint32_t *sources, size_t count)
{
    Program *program = fixture_program(1, 640, 180);
    fixture_row(program, 0, LAYOUT_ROLE_RECENT, (int)count);
    for (size_t i = 0; i < count; i++) {
        fixture_seat(program, sources[i]);
    }
    Scene *scene = fixture_scene(program, sources, count, NULL);
    shelf_set_scene(world->shelf, scene);
    scene_unref(scene);
}

static World *open_world(void)
{
    World *world = g_new0(World, 1);
    world->gallery = gallery_new();
    world->shelf = shelf_new(world->gallery, on_report, world);
    need(world, (uint32_t[]){1, 2}, 2);
    return world;
}

static void close_world(World *world)
{
    shelf_free(world->shelf);
    gallery_free(world->gallery);
    g_free(world);
}

static void put(World *world, uint32_t source)
{
    I420 picture = i420_alloc(32, 18);
    gallery_put(world->gallery, source, frame_new_from_i420(&picture));
}

static bool has_picture(const World *world, uint32_t source)
{
    const ShelfItem *item = shelf_find(world->shelf, source);
    return item != NULL && item->frame != NULL;
}

Test(shelf, takes_new_frames_and_reports_the_first)
{
    World *world = open_world();
    put(world, 1);
    shelf_tick(world->shelf, 0);
    cr_assert(has_picture(world, 1));
    uint64_t number = shelf_find(world->shelf, 1)->number;
    cr_expect(world->live == 1 && world->last == 1);
    shelf_tick(world->shelf, 40 * MS);
    cr_expect_eq(shelf_find(world->shelf, 1)->number, number, "nothing new");
    put(world, 1);
    shelf_tick(world->shelf, 80 * MS);
    cr_expect_neq(shelf_find(world->shelf, 1)->number, number);
    cr_expect_eq(world->live, 1, "only once");
    cr_expect_not(has_picture(world, 2));
    cr_expect_null(shelf_find(world->shelf, 3));
    close_world(world);
}

Test(shelf, takes_away_a_picture_that_stands_still_for_two_seconds)
{
    World *world = open_world();
    put(world, 1);
    shelf_tick(world->shelf, 0);
    shelf_tick(world->shelf, SHELF_STALE_US);
    cr_expect(has_picture(world, 1));
    shelf_tick(world->shelf, SHELF_STALE_US + 40 * MS);
    cr_expect_not(has_picture(world, 1));
    cr_expect_eq(world->none, 1);
    put(world, 1);
    shelf_tick(world->shelf, SHELF_STALE_US + 80 * MS);
    cr_expect_eq(world->live, 2, "and it comes back");
    close_world(world);
}

Test(shelf, takes_away_the_picture_of_a_source_that_is_gone_at_once)
{
    World *world = open_world();
    put(world, 1);
    shelf_tick(world->shelf, 0);
    gallery_drop(world->gallery, 1);
    shelf_tick(world->shelf, 40 * MS);
    cr_expect_not(has_picture(world, 1));
    cr_expect_eq(world->none, 1);
    close_world(world);
}

Test(shelf, keeps_over_a_change_of_scene_what_both_need)
{
    World *world = open_world();
    put(world, 1);
    put(world, 2);
    shelf_tick(world->shelf, 0);
    need(world, (uint32_t[]){2, 3}, 2);
    cr_expect(has_picture(world, 2));
    cr_expect_null(shelf_find(world->shelf, 1));
    cr_expect(world->none == 1 && world->last == 1);
    close_world(world);
}

Test(shelf, reports_everybody_who_has_a_picture_when_asked)
{
    World *world = open_world();
    put(world, 2);
    shelf_tick(world->shelf, 0);
    shelf_report_all(world->shelf);
    cr_expect(world->live == 2 && world->last == 2);
    close_world(world);
}

static void play_black(World *world, int64_t from_us, int64_t seconds)
{
    for (int64_t at_us = 0; at_us < seconds * 1000 * MS; at_us += 40 * MS) {
        put(world, 1);
        shelf_tick(world->shelf, from_us + at_us);
    }
}

Test(shelf, says_whose_picture_is_black)
{
    World *world = open_world();
    play_black(world, MS, 8);
    cr_expect_eq(world->last, 1);
    cr_expect_eq(world->look, LOOK_DARK);
    shelf_tick(world->shelf, 60000 * MS);
    cr_expect_eq(world->look, LOOK_FINE, "without a picture there is none to be black");
    close_world(world);
}

Test(shelf, lets_what_is_shared_look_as_it_likes)
{
    World *world = open_world();
    Program *program = fixture_program(1, 640, 180);
    fixture_row(program, 0, LAYOUT_ROLE_SHARE, 1);
    fixture_seat(program, 1);
    program->views[0].share = 1;
    Scene *scene = fixture_scene(program, (uint32_t[]){1}, 1, NULL);
    shelf_set_scene(world->shelf, scene);
    scene_unref(scene);
    play_black(world, MS, 20);
    cr_expect_eq(world->look, LOOK_FINE);
    close_world(world);
}

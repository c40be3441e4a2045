#include <criterion/criterion.h>
#include <glib/gstdio.h>

#include "endpoints/fleet/shelf.h"
#include "tests/support/gstreamer_plugins.h"

static const char *const plugins[] = {
    "app", "coreelements", "videoconvertscale", "videorate", "videotestsrc", "vpx", NULL};

static const Demand small = {.width = 64, .height = 48, .fps = 5, .kbps = 60};

static char *make_dir(void)
{
    gstreamer_load(plugins);
    return g_dir_make_tmp("fleet-shelf-XXXXXX", NULL);
}

static void remove_dir(char *dir)
{
    g_autoptr(GDir) open = g_dir_open(dir, 0, NULL);
    const char *name = NULL;
    while ((name = g_dir_read_name(open)) != NULL) {
        g_autofree char *path = g_build_filename(dir, name, NULL);
        g_unlink(path);
    }
    g_rmdir(dir);
    g_free(dir);
}

static void await_clips(Shelf *shelf)
{
    for (int i = 0; i < 3000 && shelf_waiting(shelf) > 0; i++) {
        g_main_context_iteration(NULL, FALSE);
        g_usleep(5000);
    }
    cr_assert_eq(shelf_waiting(shelf), 0);
}

Test(fleet_shelf, makes_a_clip_the_first_time_it_is_wanted)
{
    char *dir = make_dir();
    g_autoptr(Shelf) shelf = shelf_new(dir, NULL, NULL);
    unsigned revision = shelf_revision(shelf);
    cr_assert_null(shelf_find(shelf, 0, &small), "there is none yet");
    cr_assert_eq(shelf_waiting(shelf), 1);
    await_clips(shelf);
    cr_assert_neq(shelf_revision(shelf), revision);
    const Clip *clip = shelf_find(shelf, 0, &small);
    cr_assert_not_null(clip);
    cr_assert_eq(clip_shape(clip)->width, 64);
    cr_assert_eq(clip_shape(clip)->height, 48);
    cr_assert_eq(clip_shape(clip)->fps, 5);
    cr_assert_eq(clip_count(clip), 40);
    for (size_t i = 0; i < clip_count(clip); i += 5) {
        cr_assert(clip_frame(clip, i)->is_keyframe, "a key frame each second");
    }
    remove_dir(dir);
}

Test(fleet_shelf, keeps_clips_for_the_next_time)
{
    char *dir = make_dir();
    Shelf *first = shelf_new(dir, NULL, NULL);
    shelf_find(first, 0, &small);
    await_clips(first);
    shelf_free(first);
    g_autoptr(Shelf) second = shelf_new(dir, NULL, NULL);
    cr_assert_not_null(shelf_find(second, 0, &small));
    cr_assert_eq(shelf_waiting(second), 0);
    remove_dir(dir);
}

Test(fleet_shelf, makes_a_kept_clip_anew_when_it_is_broken)
{
    char *dir = make_dir();
    Shelf *first = shelf_new(dir, NULL, NULL);
    shelf_find(first, 0, &small);
    await_clips(first);
    shelf_free(first);
    g_autoptr(GDir) open = g_dir_open(dir, 0, NULL);
    g_autofree char *path = g_build_filename(dir, g_dir_read_name(open), NULL);
    cr_assert(g_file_set_contents(path, "half a clip", -1, NULL));
    g_autoptr(Shelf) second = shelf_new(dir, NULL, NULL);
    shelf_find(second, 0, &small);
    await_clips(second);
    cr_assert_not_null(shelf_find(second, 0, &small));
    remove_dir(dir);
}

Test(fleet_shelf, gives_the_nearest_while_the_right_one_is_made)
{
    char *dir = make_dir();
    const Demand near = {.width = 80, .height = 48, .fps = 5, .kbps = 60};
    const Demand far = {.width = 160, .height = 90, .fps = 5, .kbps = 60};
    const Demand wanted = {.width = 96, .height = 48, .fps = 5, .kbps = 60};
    g_autoptr(Shelf) shelf = shelf_new(dir, NULL, NULL);
    shelf_find(shelf, 0, &near);
    shelf_find(shelf, 0, &far);
    await_clips(shelf);
    const Clip *clip = shelf_find(shelf, 0, &wanted);
    cr_assert_not_null(clip);
    cr_assert_eq(clip_shape(clip)->width, 80);
    await_clips(shelf);
    cr_assert_eq(clip_shape(shelf_find(shelf, 0, &wanted))->width, 96);
    remove_dir(dir);
}

Test(fleet_shelf, makes_no_more_than_there_is_room_for)
{
    char *dir = make_dir();
    Shelf *shelf = shelf_new(dir, NULL, NULL);
    for (int i = 0; i < 2 * SHELF_CLIPS_MAX; i++) {
        const Demand demand = {.width = 64 + 2 * i, .height = 48, .fps = 5, .kbps = 60};
        shelf_find(shelf, 0, &demand);
    }
    cr_assert_leq(shelf_waiting(shelf), SHELF_CLIPS_MAX);
    shelf_free(shelf);
    remove_dir(dir);
}

Test(fleet_shelf, names_a_directory_of_films_that_is_missing)
{
    char *dir = make_dir();
    g_autoptr(GError) error = NULL;
    cr_assert_null(shelf_new(dir, "/nowhere/films", &error));
    cr_assert_not_null(error);
    remove_dir(dir);
}

Test(fleet_shelf, never_steps_above_the_demanded_rate)
{
    int last = 0;
    for (int kbps = 30; kbps < 20000; kbps += 7) {
        int step = shelf_kbps_step(kbps);
        cr_assert_leq(step, kbps);
        cr_assert_geq(step * 5 / 4 + 5, kbps, "%d for %d", step, kbps);
        cr_assert_geq(step, last);
        last = step;
    }
    cr_assert_eq(shelf_kbps_step(1), shelf_kbps_step(30), "the least there is");
}

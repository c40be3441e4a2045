#include <criterion/criterion.h>
#include <glib.h>

#include "bridge/mixer/director.h"
#include "tests/unit/mixer/fixture.h"

#define S(seconds) ((int64_t)(seconds)*1000000)

/* View 0: one big cell; view 1: a grid of four. Six seats. */
static void set_program(Director *director)
{
    Program *program = fixture_program(2, 1280, 720);
    fixture_row(program, 0, LAYOUT_ROLE_FLOOR, 1);
    fixture_grid(program, 1, 2);
    for (uint32_t i = 1; i <= 6; i++) {
        fixture_seat(program, i);
    }
    fixture_rung(program, 0, 1280, 720, 1500);
    fixture_rung(program, 1, 1280, 720, 1500);
    director_set_program(director, program, 0);
    program_unref(program);
}

static uint32_t who(const Scene *scene, size_t view, size_t cell)
{
    return scene_source(&scene->views[view], cell);
}

static const SceneSource *find(const Scene *scene, uint32_t source)
{
    for (size_t i = 0; i < scene->source_count; i++) {
        if (scene->sources[i].seat->source == source) {
            return &scene->sources[i];
        }
    }
    return NULL;
}

Test(director, has_no_scene_before_the_first_program)
{
    Director *director = director_new();
    director_set_speaker(director, 3);
    cr_expect_null(director_direct(director, 0));
    cr_expect_null(director_scene(director));
    cr_expect_eq(director_next_us(director), INT64_MAX);
    director_free(director);
}

Test(director, arranges_every_view_by_itself)
{
    Director *director = director_new();
    set_program(director);
    director_set_speaker(director, 5);
    const Scene *scene = director_direct(director, 0);
    cr_expect_eq(scene->speaker, 5);
    cr_expect_eq(who(scene, 0, 0), 5);
    cr_expect_eq(who(scene, 1, 0), 5, "the last speaker first");
    cr_expect_eq(who(scene, 1, 1), 1);
    director_free(director);
}

Test(director, shrinks_demands_when_the_new_scene_has_settled)
{
    Director *director = director_new();
    set_program(director);
    director_set_speaker(director, 1);
    director_direct(director, 0);
    director_set_speaker(director, 2);
    const Scene *scene = director_direct(director, S(10));
    cr_expect_eq(who(scene, 0, 0), 2);
    cr_expect_eq(find(scene, 2)->demand.width, 1280, "grown at once");
    cr_expect_eq(find(scene, 1)->demand.width, 1280, "shrinks later");
    cr_expect_eq(director_next_us(director), S(10) + SCENE_KEEP_US);
    scene = director_direct(director, S(10) + SCENE_KEEP_US);
    cr_expect_eq(find(scene, 1)->demand.width, 638);
    cr_expect_eq(director_next_us(director), INT64_MAX);
    director_free(director);
}

Test(director, needs_the_sources_of_watched_views_only)
{
    Director *director = director_new();
    set_program(director);
    cr_expect_eq(director_direct(director, 0)->source_count, 4, "before anything is told");
    cr_expect(director_update_watch(director, (uint8_t[]){0, 0}, 2));
    director_direct(director, S(1));
    const Scene *scene = director_direct(director, S(2));
    cr_expect_eq(scene->source_count, 1);
    cr_expect(scene->views[0].is_watched && !scene->views[1].is_watched);
    cr_expect_eq(who(scene, 1, 3), 4, "but it is known who would be there");
    cr_expect_not(director_update_watch(director, (uint8_t[]){0}, 1));
    director_free(director);
}

Test(director, remembers_speakers_over_silence)
{
    Director *director = director_new();
    set_program(director);
    director_set_speaker(director, 6);
    director_direct(director, 0);
    director_set_speaker(director, 0);
    const Scene *scene = director_direct(director, S(3));
    cr_expect_eq(scene->speaker, 0);
    cr_expect_eq(who(scene, 0, 0), 6, "silence changes no picture");
    for (uint32_t i = 0; i < 100; i++) {
        director_set_speaker(director, 100 + i % 40);
    }
    director_set_speaker(director, 4);
    cr_expect_eq(who(director_direct(director, S(4)), 0, 0), 4);
    director_free(director);
}

static void say_speaking(Director *director, uint32_t source, int64_t used_s, int64_t now_us)
{
    Program *program = fixture_program(1, 1280, 720);
    fixture_row(program, 0, LAYOUT_ROLE_FLOOR, 1);
    fixture_seat(program, 1);
    fixture_seat(program, 2);
    program->speaking = (ProgramSpeaking){.source = source, .used_us = S(used_s)};
    director_set_program(director, program, now_us);
    program_unref(program);
}

Test(director, times_the_floor_by_its_own_clock)
{
    Director *director = director_new();
    say_speaking(director, 1, 20, S(100));
    cr_expect_eq(director_direct(director, S(100))->floor_since_us, S(80));
    say_speaking(director, 1, 22, S(103));
    cr_expect_eq(director_direct(director, S(103))->floor_since_us, S(80), "said again");
    say_speaking(director, 2, 0, S(104));
    cr_expect_eq(director_direct(director, S(104))->floor_since_us, S(104), "another one");
    say_speaking(director, 2, 60, S(105));
    cr_expect_eq(director_direct(director, S(105))->floor_since_us, S(45), "set by the server");
    director_free(director);
}

Test(director, a_recorded_rung_is_made_although_nobody_watches_it)
{
    static const uint8_t view_1[] = {0, 8};
    Director *director = director_new();
    Program *program = fixture_program(2, 1280, 720);
    fixture_row(program, 0, LAYOUT_ROLE_FLOOR, 1);
    fixture_grid(program, 1, 2);
    fixture_seat(program, 1);
    fixture_rung(program, 0, 1280, 720, 1500);
    fixture_rung(program, 1, 1280, 720, 1500);
    program->records[program->record_count++] = (ProgramRecord){.id = 1, .rung = 0};
    director_set_program(director, program, 0);
    program_unref(program);
    cr_assert(director_update_watch(director, view_1, sizeof view_1));
    const Scene *scene = director_direct(director, 0);
    cr_expect(scene->views[0].is_watched && watch_has_rung(&scene->watch, 0));
    cr_expect(scene->views[1].is_watched && watch_has_rung(&scene->watch, 8));
    set_program(director);
    scene = director_direct(director, S(1));
    cr_expect(!scene->views[0].is_watched && !watch_has_rung(&scene->watch, 0));
    director_free(director);
}

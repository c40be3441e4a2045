/* The real program between a relay's end of the media socket and a server's end of the control
 * socket. */
#include <criterion/criterion.h>
#include <unistd.h>

#include "tests/unit/mixer/world.h"

static char *program(int id, int width, const char *note)
{
    return g_strdup_printf(
        "{\"id\":%d,\"op\":\"program\",\"revision\":%d,\"title\":\"Giao ban\",\"fps\":25,"
        "\"views\":[{\"id\":0,\"name\":\"Chung\",\"width\":%d,\"height\":360,\"rungs\":["
        "{\"id\":0,\"codec\":\"VP8\",\"width\":640,\"height\":360,\"fps\":25,\"kbps\":800},"
        "{\"id\":1,\"codec\":\"VP8\",\"width\":320,\"height\":180,\"fps\":12,\"kbps\":200}],"
        "\"layout\":{\"name\":\"2x2\",\"cells\":["
        "{\"role\":\"recent\",\"x\":0,\"y\":0,\"w\":0.5,\"h\":0.5},"
        "{\"role\":\"recent\",\"x\":0.5,\"y\":0,\"w\":0.5,\"h\":0.5},"
        "{\"role\":\"recent\",\"x\":0,\"y\":0.5,\"w\":0.5,\"h\":0.5},"
        "{\"role\":\"recent\",\"x\":0.5,\"y\":0.5,\"w\":0.5,\"h\":0.5}]},"
        "\"spotlight\":null}],\"seats\":["
        "{\"source\":1,\"name\":\"Xã Hậu Mỹ Bắc A – Ủy ban nhân dân\",\"tier\":\"commune\","
        "\"present\":true,\"muted\":true,\"note\":\"\"},"
        "{\"source\":2,\"name\":\"Sở Nội vụ\",\"tier\":\"agency\",\"present\":true,"
        "\"muted\":false,\"note\":\"\"},"
        "{\"source\":3,\"name\":\"Huyện Cái Bè\",\"tier\":\"district\",\"present\":true,"
        "\"muted\":false,\"note\":\"\"},"
        "{\"source\":4,\"name\":\"Sở Nông nghiệp và Phát triển nông thôn\",\"tier\":\"agency\","
        "\"present\":false,\"muted\":false,\"note\":\"%s\"}]}",
        id, id, width, note);
}

/* The middle of cell 0 to 3 of the 2×2 picture, clear of label and gap. */
static LayoutRect middle(int cell, int width, int height)
{
    return (LayoutRect){.x = (cell % 2 * width / 2 + width / 8) & ~1,
                        .y = (cell / 2 * height / 2 + height / 16) & ~1,
                        .w = (width / 4) & ~1,
                        .h = (height / 5) & ~1};
}

static bool shows_color(int rung, int cell, uint32_t rgb)
{
    const I420 *picture = clip_picture(world.rungs[rung].decoder);
    return picture != NULL &&
           clip_is_color(picture, middle(cell, picture->width, picture->height), rgb);
}

static bool shows_all_colors(void)
{
    for (int i = 0; i < WORLD_SOURCES; i++) {
        if (!shows_color(0, i, world_colors[i]) || !shows_color(1, i, world_colors[i])) {
            return false;
        }
    }
    return world_has_event(1, "live") && world_has_event(2, "live") && world_has_event(3, "live");
}

static bool has_lost_source_two(void)
{
    return world_has_event(2, "none") && !shows_color(0, 1, world_colors[1]);
}

static bool has_lost_source_three(void)
{
    return world_has_event(3, "none") && !shows_color(0, 2, world_colors[2]);
}

static bool has_second_keyframes(void)
{
    return world.rungs[0].keyframes >= 2 && world.rungs[1].keyframes >= 2;
}

static bool has_some_frames(void)
{
    return world.rungs[0].frames >= 10 && world.rungs[1].frames >= 5;
}

static void check_answer(json_t *answer)
{
    json_t *ok = json_object_get(answer, "ok");
    cr_assert_not_null(ok);
    json_t *view = json_array_get(json_object_get(ok, "views"), 0);
    json_t *cells = json_object_get(view, "cells");
    cr_expect_eq(json_integer_value(json_object_get(view, "id")), 0);
    json_t *demands = json_object_get(ok, "demands");
    cr_expect_eq(json_array_size(cells), 4);
    cr_expect_eq(json_array_size(demands), 3);
    json_t *cell = json_array_get(cells, 1);
    cr_expect_eq(json_integer_value(json_object_get(cell, "source")), 2);
    cr_expect_float_eq(json_real_value(json_object_get(cell, "x")), 0.5, 1e-9);
    json_t *demand = json_array_get(demands, 0);
    cr_expect_eq(json_integer_value(json_object_get(demand, "width")), 318);
    cr_expect_eq(json_integer_value(json_object_get(demand, "height")), 178);
    cr_expect_eq(json_integer_value(json_object_get(demand, "fps")), 25);
    json_decref(answer);
}

static bool has_three_live(void)
{
    return world_has_event(1, "live") && world_has_event(2, "live") && world_has_event(3, "live");
}

static void ask_rung_keyframes(void)
{
    for (uint16_t rung = 0; rung < 2; rung++) {
        world_send_media((MedialinkHeader){.type = MEDIALINK_RUNG_KEYFRAME, .rung = rung}, NULL, 0);
    }
}

static void check_refusal(void)
{
    g_autofree char *odd = program(50, 641, "");
    json_t *answer = world_call(odd);
    json_t *error = json_object_get(answer, "error");
    cr_expect_str_eq(json_string_value(json_object_get(error, "field")), "views[0].width");
    json_decref(answer);
    json_t *hello = world_call("{\"id\":51,\"op\":\"hello\"}");
    json_t *ok = json_object_get(hello, "ok");
    cr_expect_eq(json_integer_value(json_object_get(ok, "revision")), 1);
    cr_expect_str_eq(json_string_value(json_object_get(ok, "process")), "mixer");
    json_decref(hello);
}

static void check_rungs(void)
{
    for (int i = 0; i < WORLD_RUNGS; i++) {
        cr_expect(world.rungs[i].is_first_key, "rung %d does not begin with a key frame", i);
        cr_expect_eq(world.rungs[i].seq_gaps, 0);
        cr_expect_eq(world.rungs[i].odd_sizes, 0);
    }
    int ratio_pct = world.rungs[0].frames * 100 / world.rungs[1].frames;
    cr_expect(ratio_pct > 170 && ratio_pct < 250, "25 fps against 12: %d %%", ratio_pct);
}

static void check_reconnect(void)
{
    close(world.media_fd);
    for (int i = 0; i < WORLD_RUNGS; i++) {
        clip_decoder_free(world.rungs[i].decoder);
        world.rungs[i] = (Received){.decoder = clip_decoder_new()};
    }
    world_accept_mixer();
    world_tell_rungs((uint8_t[]){0, 0, 0, 1}, 4);
    cr_assert(world_play_until(has_some_frames, WORLD_TIMEOUT_US));
    check_rungs();
}

static bool has_ten_frames_of_rung_0(void)
{
    return world.rungs[0].frames >= 10;
}

static void check_rungs_on_demand(void)
{
    world_tell_rungs((uint8_t[]){0, 0}, 2);
    world.rungs[0].frames = 0;
    cr_assert(world_play_until(has_ten_frames_of_rung_0, WORLD_TIMEOUT_US));
    world.rungs[0].frames = world.rungs[1].frames = world.rungs[1].keyframes = 0;
    cr_assert(world_play_until(has_ten_frames_of_rung_0, WORLD_TIMEOUT_US));
    cr_expect_eq(world.rungs[1].frames, 0, "nobody asks for it any more");
}

static bool has_told_of_the_one_colour(void)
{
    for (guint i = 0; i < world.lines->len; i++) {
        json_t *line = world.lines->pdata[i];
        const char *picture = json_string_value(json_object_get(line, "picture"));
        if (g_strcmp0(json_string_value(json_object_get(line, "event")), "trouble") == 0 &&
            json_integer_value(json_object_get(line, "source")) == 1 &&
            g_strcmp0(picture, "covered") == 0) {
            return true;
        }
    }
    return false;
}

Test(process, shows_every_source_in_its_cell_and_survives_its_relay, .timeout = 60)
{
    world_open();
    g_autofree char *text = program(1, 640, "Chưa kết nối");
    check_answer(world_call(text));
    world_send_frames(false); /* The key frames are lost: the mixer has to ask. */
    cr_assert(world_play_until(has_three_live, WORLD_TIMEOUT_US),
              "sources are wanted before a receiver is");
    cr_expect(!world.rungs[0].is_started && !world.rungs[1].is_started);
    world_tell_rungs((uint8_t[]){0, 0, 0, 1}, 4);
    cr_assert(world_play_until(shows_all_colors, WORLD_TIMEOUT_US));
    for (int i = 1; i <= WORLD_SOURCES; i++) {
        cr_expect_geq(world.keyframes_asked[i], 1);
    }
    cr_expect_eq(world.rungs[0].keyframes, 1, "key frames come on demand only");
    const char *png = g_getenv("MIXER_TEST_PNG");
    if (png != NULL) {
        clip_save_png(clip_picture(world.rungs[0].decoder), png);
    }
    check_refusal();
    ask_rung_keyframes();
    cr_assert(world_play_until(has_second_keyframes, WORLD_TIMEOUT_US));
    cr_expect_eq(world.rungs[0].keyframes, 2);
    check_rungs();
    world.is_quiet[1] = true;
    world_send_media((MedialinkHeader){.type = MEDIALINK_SOURCE_GONE, .source = 2}, NULL, 0);
    int frames = world.rungs[0].frames;
    cr_assert(world_play_until(has_lost_source_two, WORLD_TIMEOUT_US), "gone, but still shown");
    cr_expect_lt(world.rungs[0].frames - frames, 25, "at once, not when it has stood still");
    world.is_quiet[2] = true; /* No word of its end: its picture goes by itself. */
    cr_assert(world_play_until(has_lost_source_three, WORLD_TIMEOUT_US));
    cr_expect(shows_color(0, 0, world_colors[0]), "the others go on");
    cr_assert(world_play_until(has_told_of_the_one_colour, WORLD_TIMEOUT_US),
              "a camera that shows one colour only");
    check_reconnect();
    check_rungs_on_demand();
    world_close();
}

/* What a receiver of the real program sees while the cells change. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/mixer/world.h"

/* Ticks of 40 ms within which a new picture is there, and one on the way. */
#define SWITCH_FRAMES 11
#define CHROMA_NEAR 25

/* The big cell, as frames of rung 0 showed it since the last change. */
static struct {
    int frames[WORLD_SOURCES + 1]; /* By source; 0: nobody's colour. */
    int last;
    uint32_t wanted;
} seen;

/* The middle of the big cell, clear of its label and border. */
static const LayoutRect middle = {100, 40, 200, 100};

/* After a cut the first frame is coded coarsely: its colour is near the right one and far from the
 * grey of a card. */
static int source_shown(const I420 *picture)
{
    I420Color is = clip_mean(picture, middle);
    for (int i = 0; i < WORLD_SOURCES; i++) {
        I420Color should = i420_color(world_colors[i]);
        if (abs(is.u - should.u) < CHROMA_NEAR && abs(is.v - should.v) < CHROMA_NEAR) {
            return i + 1;
        }
    }
    return 0;
}

static void on_picture(int rung)
{
    if (rung == 0) {
        seen.last = source_shown(clip_picture(world.rungs[0].decoder));
        seen.frames[seen.last]++;
    }
}

static bool is_wanted_shown(void)
{
    return (uint32_t)seen.last == seen.wanted;
}

static bool has_ended(void)
{
    return seen.frames[seen.wanted] >= 30;
}

/* The big cell for the spotlight; with `cells` small ones beside it. */
static char *program(int revision, uint32_t spotlight, int cells)
{
    GString *text = g_string_new(NULL);
    g_string_append_printf(
        text,
        "{\"id\":%d,\"op\":\"program\",\"revision\":%d,\"title\":\"\",\"fps\":25,\"views\":["
        "{\"id\":0,\"width\":640,\"height\":360,\"spotlight\":%u,\"rungs\":[{\"id\":0,"
        "\"codec\":\"VP8\",\"width\":640,\"height\":360,\"fps\":25,\"kbps\":800}],"
        "\"layout\":{\"name\":\"x\",\"cells\":["
        "{\"role\":\"floor\",\"x\":0,\"y\":0,\"w\":%s,\"h\":%s}",
        revision, revision, spotlight, cells > 0 ? "0.75" : "1", cells > 0 ? "0.75" : "1");
    for (int i = 0; i < cells; i++) {
        g_string_append_printf(
            text, ",{\"role\":\"recent\",\"x\":0.75,\"y\":%.2f,\"w\":0.25,\"h\":0.25}", 0.25 * i);
    }
    g_string_append(text, "]}}],\"seats\":[");
    for (int i = 1; i <= WORLD_SOURCES; i++) {
        g_string_append_printf(text, "%s{\"source\":%d,\"name\":\"Xã %d\",\"present\":true}",
                               i > 1 ? "," : "", i, i);
    }
    g_string_append(text, "]}");
    return g_string_free(text, FALSE);
}

/* Says the program and looks until its spotlight is the big one. */
static void change_to(int revision, uint32_t spotlight, int cells)
{
    g_autofree char *text = program(revision, spotlight, cells);
    uint32_t before = (uint32_t)seen.last;
    memset(&seen, 0, sizeof seen);
    seen.last = (int)before;
    seen.wanted = spotlight;
    json_decref(world_call(text));
    cr_assert(world_play_until(is_wanted_shown, WORLD_TIMEOUT_US), "revision %d", revision);
    cr_expect_leq(seen.frames[before], SWITCH_FRAMES, "revision %d: %d frames", revision,
                  seen.frames[before]);
    cr_assert(world_play_until(has_ended, WORLD_TIMEOUT_US));
    for (uint32_t source = 0; source <= WORLD_SOURCES; source++) {
        cr_expect(source == before || source == spotlight || seen.frames[source] == 0,
                  "revision %d shows %u for %d frames", revision, source, seen.frames[source]);
    }
}

Test(switch, shows_one_picture_or_the_other_and_nothing_between, .timeout = 60)
{
    world_open();
    world.on_picture = on_picture;
    g_autofree char *first = program(1, 1, 0);
    seen.wanted = 1;
    json_decref(world_call(first));
    world_tell_rungs((uint8_t[]){0, 0}, 2);
    cr_assert(world_play_until(is_wanted_shown, WORLD_TIMEOUT_US));
    change_to(2, 3, 0); /* Another who was in no cell. */
    change_to(3, 3, 2); /* Another layout, with two who were in no cell. */
    change_to(4, 2, 2); /* Two who change places. */
    change_to(5, 1, 0); /* Another layout and another site. */
    world_close();
}

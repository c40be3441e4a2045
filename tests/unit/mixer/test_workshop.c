#include "bridge/mixer/workshop.h"

#include <criterion/criterion.h>
#include <glib.h>

#include "bridge/base/clock.h"
#include "tests/unit/mixer/clip.h"

#define WIDTH 320
#define HEIGHT 180
#define PATIENCE_US INT64_C(20000000)

static const ProgramRung shape = {
    .id = 0, .codec = VIDEO_VP8, .width = WIDTH, .height = HEIGHT, .fps = 25, .kbps = 150};

TestSuite(workshop, .init = clip_init);

static Encoder *await(WorkshopOrder *order)
{
    int64_t begin_us = clock_now_us();
    Encoder *made;
    while ((made = workshop_take(order)) == NULL) {
        cr_assert_lt(clock_now_us() - begin_us, PATIENCE_US);
        g_usleep(1000);
    }
    return made;
}

static void count(const uint8_t *rtp, size_t size, void *data)
{
    ++*(size_t *)data;
}

Test(workshop, what_it_makes_encodes_at_once)
{
    Workshop *workshop = workshop_new();
    Encoder *encoder = await(workshop_order(workshop, &shape));
    size_t packets = 0;
    encoder_set_sink(encoder, count, &packets);
    I420 picture = i420_alloc(WIDTH, HEIGHT);
    i420_fill(&picture, i420_color(0x3366cc));
    cr_assert(encoder_push(encoder, &picture, 1000000));
    cr_expect_gt(packets, 0);
    i420_release(&picture);
    workshop_scrap(workshop, encoder);
    workshop_free(workshop);
}

Test(workshop, an_order_may_be_dropped_at_any_time)
{
    Workshop *workshop = workshop_new();
    for (int i = 0; i < 20; i++) {
        WorkshopOrder *order = workshop_order(workshop, &shape);
        g_usleep((gulong)i * 2000);
        workshop_drop(order);
    }
    workshop_drop(NULL);
    workshop_scrap(workshop, NULL);
    workshop_free(workshop);
}

Test(workshop, giving_an_order_takes_no_time)
{
    Workshop *workshop = workshop_new();
    WorkshopOrder *orders[3];
    for (size_t i = 0; i < 3; i++) {
        orders[i] = workshop_order(workshop, &shape);
    }
    cr_expect_null(workshop_take(orders[2]), "it is still being made");
    for (size_t i = 0; i < 3; i++) {
        workshop_scrap(workshop, await(orders[i]));
    }
    workshop_free(workshop);
}

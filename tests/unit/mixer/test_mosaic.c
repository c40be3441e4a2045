#include <criterion/criterion.h>
#include <string.h>

#include "bridge/mixer/card.h"
#include "bridge/mixer/mosaic.h"
#include "tests/unit/mixer/clip.h"

static const LayoutRect rects[] = {
    {0, 0, 158, 88}, {160, 0, 160, 88}, {0, 90, 158, 90}, {160, 90, 160, 90}};
static const uint32_t colors[] = {0xc03030, 0x30a040, 0x3050c0, 0xc0a030};

static Frame *frame_of(int width, int height, uint32_t rgb)
{
    I420 picture = i420_alloc(width, height);
    i420_fill(&picture, i420_color(rgb));
    return frame_new_from_i420(&picture);
}

static Mosaic *mosaic_of_four(void)
{
    Mosaic *mosaic = mosaic_new(320, 180);
    mosaic_arrange(mosaic, rects, 4);
    return mosaic;
}

Test(mosaic, paints_every_cell_its_picture_at_its_place)
{
    Mosaic *mosaic = mosaic_of_four();
    for (size_t i = 0; i < 4; i++) {
        mosaic_set_frame(mosaic, i, frame_of(rects[i].w, rects[i].h, colors[i]));
    }
    cr_expect_eq(mosaic_paint(mosaic), 4);
    for (size_t i = 0; i < 4; i++) {
        LayoutRect r = rects[i];
        const LayoutRect corners[] = {{r.x, r.y, 2, 2},
                                      {r.x + r.w - 2, r.y, 2, 2},
                                      {r.x, r.y + r.h - 2, 2, 2},
                                      {r.x + r.w - 2, r.y + r.h - 2, 2, 2}};
        for (size_t c = 0; c < 4; c++) {
            cr_expect(clip_is_color(mosaic_canvas(mosaic), corners[c], colors[i]), "%zu %zu", i, c);
        }
    }
    mosaic_free(mosaic);
}

Test(mosaic, leaves_the_gap_between_cells_alone)
{
    Mosaic *mosaic = mosaic_of_four();
    I420Color ground = clip_mean(mosaic_canvas(mosaic), (LayoutRect){158, 0, 2, 180});
    for (size_t i = 0; i < 4; i++) {
        mosaic_set_frame(mosaic, i, frame_of(333, 187, 0xffffff));
    }
    mosaic_paint(mosaic);
    I420Color across = clip_mean(mosaic_canvas(mosaic), (LayoutRect){158, 0, 2, 180});
    I420Color along = clip_mean(mosaic_canvas(mosaic), (LayoutRect){0, 88, 320, 2});
    cr_expect_eq(across.y, ground.y);
    cr_expect_eq(along.y, ground.y);
    mosaic_free(mosaic);
}

Test(mosaic, paints_only_cells_that_changed)
{
    Mosaic *mosaic = mosaic_of_four();
    for (size_t i = 0; i < 4; i++) {
        mosaic_set_frame(mosaic, i, frame_of(158, 88, colors[i]));
    }
    cr_expect_eq(mosaic_paint(mosaic), 4);
    cr_expect_eq(mosaic_paint(mosaic), 0);
    /* A mark on a cell that must not be painted again survives. */
    const I420 *canvas = mosaic_canvas(mosaic);
    canvas->plane[0][20 * canvas->stride[0] + 20] = 255;
    mosaic_set_frame(mosaic, 3, frame_of(160, 90, 0xffffff));
    cr_expect_eq(mosaic_paint(mosaic), 1);
    cr_expect_eq(canvas->plane[0][20 * canvas->stride[0] + 20], 255);
    cr_expect(clip_is_color(canvas, rects[3], 0xffffff));
    mosaic_free(mosaic);
}

Test(mosaic, scales_a_picture_of_the_wrong_size_over_the_whole_cell)
{
    Mosaic *mosaic = mosaic_of_four();
    mosaic_set_frame(mosaic, 1, frame_of(641, 359, colors[1]));
    mosaic_paint(mosaic);
    cr_expect(clip_is_color(mosaic_canvas(mosaic), (LayoutRect){160, 0, 2, 2}, colors[1]));
    cr_expect(clip_is_color(mosaic_canvas(mosaic), (LayoutRect){318, 86, 2, 2}, colors[1]));
    mosaic_free(mosaic);
}

Test(mosaic, trims_a_picture_that_is_hardly_larger_without_blur)
{
    Mosaic *mosaic = mosaic_of_four();
    I420 picture = i420_alloc(161, 91);
    for (int y = 0; y < 91; y++) {
        for (int x = 0; x < 161; x++) {
            picture.plane[0][y * picture.stride[0] + x] = (x ^ y) & 1 ? 200 : 50;
        }
    }
    mosaic_set_frame(mosaic, 3, frame_new_from_i420(&picture));
    mosaic_paint(mosaic);
    const I420 *canvas = mosaic_canvas(mosaic);
    for (int x = 160; x < 320; x++) {
        cr_assert_eq(canvas->plane[0][90 * canvas->stride[0] + x], x & 1 ? 200 : 50);
    }
    mosaic_free(mosaic);
}

Test(mosaic, puts_dark_bars_beside_a_picture_of_another_shape)
{
    Mosaic *mosaic = mosaic_of_four();
    mosaic_set_frame(mosaic, 3, frame_of(120, 90, 0xffffff));
    mosaic_paint(mosaic);
    const I420 *canvas = mosaic_canvas(mosaic);
    cr_expect(clip_is_color(canvas, (LayoutRect){184, 90, 112, 90}, 0xffffff));
    cr_expect_lt(clip_mean(canvas, (LayoutRect){160, 90, 18, 90}).y, 40);
    cr_expect_lt(clip_mean(canvas, (LayoutRect){302, 90, 18, 90}).y, 40);
    mosaic_free(mosaic);
}

Test(mosaic, takes_pictures_of_odd_sizes)
{
    static const int sizes[][2] = {{1, 1}, {159, 89}, {3, 301}, {317, 5}, {161, 91}};
    Mosaic *mosaic = mosaic_of_four();
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        mosaic_set_frame(mosaic, 3, frame_of(sizes[i][0], sizes[i][1], 0xffffff));
        cr_expect_eq(mosaic_paint(mosaic), 4 - 3 * (i > 0));
        cr_expect(clip_is_color(mosaic_canvas(mosaic), (LayoutRect){238, 134, 2, 2}, 0xffffff));
    }
    mosaic_free(mosaic);
}

Test(mosaic, shows_the_card_when_the_picture_goes)
{
    Mosaic *mosaic = mosaic_of_four();
    I420 card = i420_alloc(158, 88);
    i420_fill(&card, i420_color(0x405060));
    mosaic_set_frame(mosaic, 0, frame_of(158, 88, 0xffffff));
    mosaic_set_card(mosaic, 0, &card);
    mosaic_paint(mosaic);
    cr_expect(clip_is_color(mosaic_canvas(mosaic), rects[0], 0xffffff));
    mosaic_set_frame(mosaic, 0, NULL);
    cr_expect_eq(mosaic_paint(mosaic), 1);
    cr_expect(clip_is_color(mosaic_canvas(mosaic), rects[0], 0x405060));
    mosaic_free(mosaic);
}

Test(mosaic, lays_the_label_over_the_foot_of_the_picture_only)
{
    Mosaic *mosaic = mosaic_of_four();
    Label *label = label_new("Xã Tân Hội Đông", &(Icons){0}, 158, 88);
    LayoutRect bar = label_rect(label);
    mosaic_set_label(mosaic, 0, label);
    mosaic_set_frame(mosaic, 0, frame_of(158, 88, 0xffffff));
    mosaic_paint(mosaic);
    const I420 *canvas = mosaic_canvas(mosaic);
    cr_expect_geq(bar.y, 44);
    cr_expect_lt(clip_mean(canvas, bar).y, 180);
    cr_expect(clip_is_color(canvas, (LayoutRect){0, 0, 158, bar.y}, 0xffffff));
    mosaic_free(mosaic);
}

Test(mosaic, keeps_a_cell_on_top_of_the_one_it_lies_in)
{
    static const LayoutRect places[] = {{0, 0, 320, 180}, {240, 120, 80, 60}};
    Mosaic *mosaic = mosaic_new(320, 180);
    mosaic_arrange(mosaic, places, 2);
    mosaic_set_frame(mosaic, 0, frame_of(320, 180, colors[0]));
    mosaic_set_frame(mosaic, 1, frame_of(80, 60, colors[1]));
    mosaic_paint(mosaic);
    mosaic_set_frame(mosaic, 0, frame_of(320, 180, colors[2]));
    cr_expect_eq(mosaic_paint(mosaic), 2);
    cr_expect(clip_is_color(mosaic_canvas(mosaic), places[1], colors[1]));
    mosaic_set_frame(mosaic, 1, frame_of(80, 60, colors[3]));
    cr_expect_eq(mosaic_paint(mosaic), 1, "the one below need not be painted");
    cr_expect(clip_is_color(mosaic_canvas(mosaic), places[1], colors[3]));
    mosaic_free(mosaic);
}

Test(mosaic, shows_an_empty_ground_where_nobody_is)
{
    Mosaic *mosaic = mosaic_of_four();
    mosaic_paint(mosaic);
    I420Color is = clip_mean(mosaic_canvas(mosaic), rects[2]);
    cr_expect_eq(is.y, card_empty_color().y);
    mosaic_free(mosaic);
}

Test(mosaic, forgets_everything_when_arranged_anew)
{
    Mosaic *mosaic = mosaic_of_four();
    mosaic_set_frame(mosaic, 0, frame_of(158, 88, 0xffffff));
    mosaic_paint(mosaic);
    const LayoutRect one = {80, 40, 160, 90};
    mosaic_arrange(mosaic, &one, 1);
    cr_expect_null(mosaic_frame(mosaic, 0));
    cr_expect_eq(mosaic_paint(mosaic), 1);
    cr_expect_lt(clip_mean(mosaic_canvas(mosaic), (LayoutRect){0, 0, 320, 180}).y, 60);
    mosaic_free(mosaic);
}

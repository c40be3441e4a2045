#include <criterion/criterion.h>
#include <stdlib.h>

#include "bridge/mixer/scaler.h"
#include "tests/unit/mixer/clip.h"

static ScalerShape whole(int from_w, int from_h, int to_w, int to_h)
{
    return (ScalerShape){.from_width = from_w,
                         .from_height = from_h,
                         .crop_w = from_w,
                         .crop_h = from_h,
                         .to_width = to_w,
                         .to_height = to_h};
}

static I420 scale(const I420 *from, ScalerShape shape)
{
    I420 to = i420_alloc(shape.to_width, shape.to_height);
    Scaler *scaler = scaler_new(&shape);
    scaler_run(scaler, from, &to);
    scaler_free(scaler);
    return to;
}

static bool is_flat(const I420 *picture, I420Color color)
{
    const uint8_t values[3] = {color.y, color.u, color.v};
    for (int p = 0; p < 3; p++) {
        for (int y = 0; y < i420_plane_height(picture, p); y++) {
            for (int x = 0; x < i420_plane_width(picture, p); x++) {
                if (picture->plane[p][y * picture->stride[p] + x] != values[p]) {
                    return false;
                }
            }
        }
    }
    return true;
}

Test(scaler, keeps_a_flat_picture_exactly_flat_at_any_ratio)
{
    static const int sizes[][4] = {
        {1280, 720, 640, 360}, {641, 361, 318, 178}, {7, 5, 640, 360},   {1, 1, 16, 16},
        {1920, 1088, 124, 74}, {320, 180, 320, 180}, {3, 1079, 126, 74}, {33, 31, 34, 32},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        const int *s = sizes[i];
        I420 from = i420_alloc(s[0], s[1]);
        I420Color color = {235, 17, 240};
        i420_fill(&from, color);
        I420 to = scale(&from, whole(s[0], s[1], s[2], s[3]));
        cr_expect(is_flat(&to, color), "%d×%d to %d×%d", s[0], s[1], s[2], s[3]);
        i420_release(&from);
        i420_release(&to);
    }
}

Test(scaler, halves_a_chessboard_to_its_mean)
{
    I420 from = i420_alloc(64, 64);
    for (int y = 0; y < 64; y++) {
        for (int x = 0; x < 64; x++) {
            from.plane[0][y * from.stride[0] + x] = (x ^ y) & 1 ? 200 : 100;
        }
    }
    I420 to = scale(&from, whole(64, 64, 32, 32));
    for (int x = 0; x < 32; x++) {
        cr_expect_eq(to.plane[0][5 * to.stride[0] + x], 150);
    }
    i420_release(&from);
    i420_release(&to);
}

Test(scaler, copies_pixels_when_the_size_is_the_same)
{
    I420 from = i420_alloc(16, 8);
    for (int i = 0; i < 16 * 8; i++) {
        from.plane[0][i] = (uint8_t)(i * 37);
    }
    I420 to = scale(&from, whole(16, 8, 16, 8));
    cr_expect_arr_eq(to.plane[0], from.plane[0], 16 * 8);
    i420_release(&from);
    i420_release(&to);
}

Test(scaler, interpolates_when_it_grows)
{
    I420 from = i420_alloc(2, 2);
    from.plane[0][0] = from.plane[0][from.stride[0]] = 100;
    from.plane[0][1] = from.plane[0][from.stride[0] + 1] = 200;
    I420 to = scale(&from, whole(2, 2, 16, 2));
    const uint8_t *row = to.plane[0];
    for (int x = 1; x < 16; x++) {
        cr_expect_geq(row[x], row[x - 1]);
    }
    cr_expect_eq(row[0], 100);
    cr_expect_eq(row[15], 200);
    cr_expect(abs(row[7] - 144) <= 1 && abs(row[8] - 156) <= 1, "%d %d", row[7], row[8]);
    i420_release(&from);
    i420_release(&to);
}

Test(scaler, keeps_positions_when_it_shrinks)
{
    I420 from = i420_alloc(300, 200);
    i420_fill(&from, i420_color(0x202020));
    I420 right = i420_part(&from, (LayoutRect){150, 0, 150, 200});
    i420_fill(&right, i420_color(0xf0f0f0));
    I420 to = scale(&from, whole(300, 200, 70, 46));
    cr_expect(clip_is_color(&to, (LayoutRect){0, 0, 34, 46}, 0x202020));
    cr_expect(clip_is_color(&to, (LayoutRect){36, 0, 34, 46}, 0xf0f0f0));
    i420_release(&from);
    i420_release(&to);
}

Test(scaler, takes_only_the_part_it_is_told)
{
    I420 from = i420_alloc(120, 60);
    i420_fill(&from, i420_color(0xff0000));
    I420 inside = i420_part(&from, (LayoutRect){20, 10, 80, 40});
    i420_fill(&inside, i420_color(0x00ff00));
    ScalerShape shape = whole(120, 60, 40, 20);
    shape.crop_x = 24;
    shape.crop_y = 14;
    shape.crop_w = 72;
    shape.crop_h = 32;
    I420 to = scale(&from, shape);
    cr_expect(is_flat(&to, i420_color(0x00ff00)));
    i420_release(&from);
    i420_release(&to);
}

Test(scaler, knows_its_shape)
{
    ScalerShape shape = whole(100, 50, 20, 10);
    Scaler *scaler = scaler_new(&shape);
    cr_expect(scaler_fits(scaler, &shape));
    shape.from_width = 102;
    cr_expect_not(scaler_fits(scaler, &shape));
    scaler_free(scaler);
}

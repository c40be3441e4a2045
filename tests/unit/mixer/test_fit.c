#include <criterion/criterion.h>

#include "bridge/mixer/fit.h"

Test(fit, fills_the_cell_with_a_picture_of_its_shape)
{
    Fit fit = fit_picture(640, 360, 320, 180);
    cr_expect_not(fit.has_bars);
    cr_expect_float_eq(fit.crop_w, 640, 1e-9);
    cr_expect_float_eq(fit.crop_h, 360, 1e-9);
    cr_expect_eq(fit.w, 320);
    cr_expect_eq(fit.h, 180);
}

Test(fit, trims_a_picture_that_is_hardly_larger)
{
    Fit fit = fit_picture(424, 240, 420, 238);
    cr_expect(fit.is_exact);
    cr_expect_eq((int)fit.crop_x, 2);
    cr_expect_eq((int)fit.crop_y, 0, "an even position");
    cr_expect_eq((int)fit.crop_w, 420);
    cr_expect_eq(fit.w, 420);
    cr_expect(fit_picture(424, 240, 424, 240).is_exact);
    cr_expect_not(fit_picture(440, 240, 420, 238).is_exact, "too much would be lost");
    cr_expect_not(fit_picture(418, 240, 420, 238).is_exact, "smaller than the cell");
}

Test(fit, crops_the_sides_of_a_slightly_wider_picture)
{
    Fit fit = fit_picture(1000, 520, 320, 180);
    cr_expect_not(fit.has_bars);
    cr_expect_float_eq(fit.crop_w, 520 * 16 / 9.0, 1e-6);
    cr_expect_float_eq(fit.crop_x, (1000 - fit.crop_w) / 2, 1e-6);
    cr_expect_float_eq(fit.crop_h, 520, 1e-9);
}

Test(fit, crops_top_and_bottom_of_a_slightly_taller_picture)
{
    Fit fit = fit_picture(320, 200, 320, 180);
    cr_expect_not(fit.has_bars);
    cr_expect_float_eq(fit.crop_h, 180, 1e-6);
    cr_expect_float_eq(fit.crop_y, 10, 1e-6);
}

Test(fit, puts_bars_beside_an_old_camera)
{
    Fit fit = fit_picture(640, 480, 320, 180);
    cr_expect(fit.has_bars);
    cr_expect_eq(fit.w, 240);
    cr_expect_eq(fit.x, 40);
    cr_expect_eq(fit.h, 180);
    cr_expect_float_eq(fit.crop_w, 640, 1e-9);
}

Test(fit, puts_bars_above_and_below_a_wide_picture)
{
    Fit fit = fit_picture(1280, 400, 320, 180);
    cr_expect(fit.has_bars);
    cr_expect_eq(fit.h, 100);
    cr_expect_eq(fit.y, 40);
    cr_expect_eq(fit.w, 320);
}

Test(fit, stays_even_and_inside_whatever_comes)
{
    static const int sizes[] = {1, 2, 3, 17, 176, 639, 1080, 1920};
    static const int cells[][2] = {{2, 2}, {124, 74}, {318, 178}, {1280, 720}};
    for (size_t w = 0; w < sizeof sizes / sizeof *sizes; w++) {
        for (size_t h = 0; h < sizeof sizes / sizeof *sizes; h++) {
            for (size_t c = 0; c < 4; c++) {
                Fit fit = fit_picture(sizes[w], sizes[h], cells[c][0], cells[c][1]);
                cr_expect(((fit.x | fit.y | fit.w | fit.h) & 1) == 0);
                cr_expect(fit.x >= 0 && fit.w >= 2 && fit.x + fit.w <= cells[c][0]);
                cr_expect(fit.y >= 0 && fit.h >= 2 && fit.y + fit.h <= cells[c][1]);
                cr_expect(fit.crop_x >= 0 && fit.crop_x + fit.crop_w <= sizes[w] + 1e-6);
                cr_expect(fit.crop_y >= 0 && fit.crop_y + fit.crop_h <= sizes[h] + 1e-6);
                cr_expect(fit.crop_w >= sizes[w] * (1 - FIT_CROP_MAX) - 1e-6);
                cr_expect(fit.crop_h >= sizes[h] * (1 - FIT_CROP_MAX) - 1e-6);
            }
        }
    }
}

#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "endpoints/device/demand.h"

static bool parse(const char *text, Demand *ret_demand, Problem *problem)
{
    json_t *event = json_loads(text, 0, NULL);
    cr_assert_not_null(event);
    bool parsed = demand_parse(event, ret_demand, problem);
    json_decref(event);
    return parsed;
}

static void expect_refusal(const char *text, const char *field)
{
    Demand demand = {1, 2, 3, 4};
    Problem problem = {0};
    cr_assert_not(parse(text, &demand, &problem), "%s", text);
    cr_assert_str_eq(problem.code, "bad_field");
    cr_assert_str_eq(problem.field, field, "%s: %s", text, problem.field);
    cr_assert_eq(demand.width, 1);
}

Test(demand, reads_a_size_a_rate_and_a_bit_rate)
{
    Demand demand;
    Problem problem;
    cr_assert(parse("{\"width\":424,\"height\":240,\"fps\":25,\"kbps\":250}", &demand, &problem));
    cr_assert_eq(demand.width, 424);
    cr_assert_eq(demand.height, 240);
    cr_assert_eq(demand.fps, 25);
    cr_assert_eq(demand.kbps, 250);
    cr_assert_not(demand_is_off(&demand));
}

Test(demand, rounds_odd_sizes_down)
{
    Demand demand;
    Problem problem;
    cr_assert(parse("{\"width\":319,\"height\":179,\"fps\":1,\"kbps\":1}", &demand, &problem));
    cr_assert_eq(demand.width, 318);
    cr_assert_eq(demand.height, 178);
}

Test(demand, takes_all_zero_as_nothing)
{
    Demand demand = {1, 2, 3, 4};
    Problem problem;
    cr_assert(parse("{\"width\":0,\"height\":0,\"fps\":0,\"kbps\":0}", &demand, &problem));
    cr_assert(demand_is_off(&demand));
}

Test(demand, refuses_half_a_demand)
{
    expect_refusal("{\"width\":0,\"height\":240,\"fps\":25,\"kbps\":250}", "width");
    expect_refusal("{\"width\":424,\"height\":0,\"fps\":25,\"kbps\":250}", "width");
    expect_refusal("{\"width\":424,\"height\":240,\"fps\":0,\"kbps\":250}", "fps");
    expect_refusal("{\"width\":424,\"height\":240,\"fps\":25,\"kbps\":0}", "kbps");
    expect_refusal("{\"width\":8,\"height\":8,\"fps\":25,\"kbps\":250}", "width");
}

Test(demand, refuses_missing_wrong_and_enormous_fields)
{
    expect_refusal("{}", "width");
    expect_refusal("{\"width\":424,\"fps\":25,\"kbps\":250}", "height");
    expect_refusal("{\"width\":\"424\",\"height\":240,\"fps\":25,\"kbps\":250}", "width");
    expect_refusal("{\"width\":-424,\"height\":240,\"fps\":25,\"kbps\":250}", "width");
    expect_refusal("{\"width\":99999,\"height\":240,\"fps\":25,\"kbps\":250}", "width");
    expect_refusal("{\"width\":424,\"height\":240,\"fps\":61,\"kbps\":250}", "fps");
    expect_refusal("{\"width\":424,\"height\":240,\"fps\":25,\"kbps\":1000000}", "kbps");
    expect_refusal("{\"width\":424,\"height\":240,\"fps\":2.5,\"kbps\":250}", "fps");
}

Test(demand, survives_the_hand_over_between_threads)
{
    Demand demands[] = {{0}, {424, 240, 25, 250}, {1920, 1088, 60, 20000}, {16, 16, 1, 1}};
    for (size_t i = 0; i < sizeof demands / sizeof *demands; i++) {
        Demand back = demand_unpack(demand_pack(&demands[i]));
        cr_assert(demand_equals(&back, &demands[i]));
    }
}

static void expect_crop(Demand demand, int source_width, int source_height, DemandCrop expected)
{
    DemandCrop crop = demand_crop(&demand, source_width, source_height);
    cr_assert(crop.x == expected.x && crop.y == expected.y && crop.width == expected.width &&
                  crop.height == expected.height,
              "%d %d %d %d", crop.x, crop.y, crop.width, crop.height);
}

Test(demand, takes_the_whole_picture_when_the_shapes_nearly_agree)
{
    expect_crop((Demand){424, 240, 25, 1}, 640, 360, (DemandCrop){0, 0, 640, 360});
    expect_crop((Demand){318, 178, 25, 1}, 1280, 720, (DemandCrop){0, 0, 1280, 720});
}

Test(demand, cuts_the_sides_of_a_picture_that_is_too_wide)
{
    expect_crop((Demand){320, 240, 25, 1}, 640, 360, (DemandCrop){80, 0, 480, 360});
}

Test(demand, cuts_top_and_bottom_of_a_picture_that_is_too_high)
{
    expect_crop((Demand){320, 180, 25, 1}, 640, 480, (DemandCrop){0, 60, 640, 360});
}

Test(demand, keeps_the_crop_inside_any_source)
{
    for (int width = 2; width < 2000; width += 37) {
        for (int height = 2; height < 1200; height += 41) {
            Demand demand = {320, 180, 25, 1};
            DemandCrop crop = demand_crop(&demand, width, height);
            cr_assert_geq(crop.x, 0);
            cr_assert_geq(crop.y, 0);
            cr_assert_leq(crop.x + crop.width, width);
            cr_assert_leq(crop.y + crop.height, height);
            cr_assert_eq((crop.x | crop.y | crop.width | crop.height) & 1, 0);
        }
    }
}

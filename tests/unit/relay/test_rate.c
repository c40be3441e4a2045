#include <criterion/criterion.h>

#include "bridge/relay/rate.h"

#define START INT64_C(1000000000)

Test(rate, lets_through_as_many_as_the_limit_each_second)
{
    Rate rate = {0};
    unsigned taken = 0;
    for (int i = 0; i < 3000; i++) {
        taken += rate_take(&rate, 50, START + i * 1000);
    }
    cr_expect_eq(taken, 150);
}

Test(rate, nothing_is_saved_up)
{
    Rate rate = {0};
    unsigned taken = 0;
    cr_expect(rate_take(&rate, 5, START));
    for (int i = 0; i < 100; i++) {
        taken += rate_take(&rate, 5, START + 60000000);
    }
    cr_expect_eq(taken, 5);
}

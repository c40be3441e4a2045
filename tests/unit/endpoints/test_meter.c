#include <criterion/criterion.h>

#include "bridge/base/clock.h"
#include "endpoints/device/meter.h"

Test(meter, says_that_nothing_has_come)
{
    Meter *meter = meter_new();
    MeterReading reading = meter_read(meter, 1000000);
    cr_assert_eq(reading.count, 0);
    cr_assert_eq(reading.gap_us, -1);
    cr_assert_eq(reading.width, 0);
    meter_free(meter);
}

Test(meter, measures_the_rate_over_about_a_second)
{
    Meter *meter = meter_new();
    MeterReading reading = {0};
    for (int i = 0; i < 100; i++) {
        int64_t now_us = 5000000 + i * INT64_C(40000);
        meter_count(meter, now_us);
        if (i % 5 == 0) {
            reading = meter_read(meter, now_us);
        }
    }
    cr_assert_float_eq(reading.per_s, 25, 0.5);
    for (int i = 0; i < 10; i++) {
        reading = meter_read(meter, 5000000 + 100 * INT64_C(40000) + i * INT64_C(200000));
    }
    cr_assert_float_eq(reading.per_s, 0, 0.01);
    meter_free(meter);
}

Test(meter, reports_the_longest_pause_of_the_period_once)
{
    Meter *meter = meter_new();
    meter_count(meter, 1000000);
    meter_count(meter, 1300000);
    meter_count(meter, 1340000);
    cr_assert_eq(meter_read(meter, 1350000).gap_us, 300000);
    meter_count(meter, 1380000);
    cr_assert_eq(meter_read(meter, 1390000).gap_us, 40000);
    meter_free(meter);
}

Test(meter, reports_a_pause_that_still_goes_on)
{
    Meter *meter = meter_new();
    meter_count(meter, 1000000);
    cr_assert_eq(meter_read(meter, 1200000).gap_us, 200000);
    cr_assert_eq(meter_read(meter, 6000000).gap_us, 5000000);
    meter_free(meter);
}

Test(meter, remembers_the_size)
{
    Meter *meter = meter_new();
    meter_set_size(meter, 1920, 1080);
    MeterReading reading = meter_read(meter, 1);
    cr_assert_eq(reading.width, 1920);
    cr_assert_eq(reading.height, 1080);
    meter_free(meter);
}

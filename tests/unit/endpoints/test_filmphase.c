#include <criterion/criterion.h>

#include "endpoints/device/filmphase.h"

Test(filmphase, is_the_wall_clock_modulo_the_duration)
{
    cr_assert_eq(film_phase_position_us(0, 24000000), 0);
    cr_assert_eq(film_phase_position_us(1795518385709761, 24000000), 1795518385709761 % 24000000);
    cr_assert_eq(film_phase_position_us(23999999, 24000000), 23999999);
    cr_assert_eq(film_phase_position_us(24000000, 24000000), 0);
}

Test(filmphase, stays_inside_the_film_for_any_clock)
{
    cr_assert_eq(film_phase_position_us(-1, 24000000), 23999999);
    cr_assert_eq(film_phase_position_us(5, 0), 0);
    cr_assert_eq(film_phase_position_us(5, -7), 0);
}

Test(filmphase, is_off_when_the_wall_clock_was_set)
{
    cr_assert_not(film_phase_is_off(1000, 1000 + FILM_PHASE_OFF_US_MAX));
    cr_assert(film_phase_is_off(1000, 1001 + FILM_PHASE_OFF_US_MAX));
    cr_assert(film_phase_is_off(1000, 999 - FILM_PHASE_OFF_US_MAX));
}

#include <criterion/criterion.h>
#include <glib.h>

#include "bridge/base/clock.h"
#include "signalling/login_limit.h"

#define MINUTE_US (60 * CLOCK_US_PER_S)

/* Fails so often as it may at this moment. */
static int fail_until_delayed(LoginLimit *limit, const char *user, const char *address,
                              int64_t now_us)
{
    int attempts = 0;
    while (attempts < 1000 && login_limit_try_us(limit, user, address, now_us) == 0) {
        attempts++;
    }
    return attempts;
}

Test(login_limit, lets_a_person_mistype)
{
    LoginLimit *limit = login_limit_new();
    for (int i = 0; i < 5; i++) {
        cr_assert_eq(login_limit_try_us(limit, "lan", "10.0.0.1", 0), 0);
    }
    login_limit_free(limit);
}

Test(login_limit, delays_an_account_more_and_more)
{
    LoginLimit *limit = login_limit_new();
    int64_t now_us = 0;
    int64_t last_us = 0;
    fail_until_delayed(limit, "lan", "10.0.0.1", now_us);
    for (int i = 0; i < 4; i++) {
        int64_t wait_us = login_limit_try_us(limit, "lan", "10.0.0.9", now_us);
        cr_assert_gt(wait_us, last_us);
        last_us = wait_us;
        now_us += wait_us;
        cr_assert_eq(login_limit_try_us(limit, "lan", "10.0.0.9", now_us), 0);
    }
    login_limit_free(limit);
}

Test(login_limit, never_waits_longer_than_half_a_minute)
{
    LoginLimit *limit = login_limit_new();
    int64_t now_us = 0;
    for (int i = 0; i < 100; i++) {
        int64_t wait_us = login_limit_try_us(limit, "lan", "10.0.0.1", now_us);
        cr_assert_leq(wait_us, 30 * CLOCK_US_PER_S);
        now_us += wait_us;
    }
    login_limit_free(limit);
}

Test(login_limit, delays_an_address_that_tries_many_accounts)
{
    LoginLimit *limit = login_limit_new();
    int attempts = 0;
    for (; attempts < 1000; attempts++) {
        g_autofree char *user = g_strdup_printf("user%d", attempts);
        if (login_limit_try_us(limit, user, "10.0.0.1", 0) > 0) {
            break;
        }
    }
    cr_assert_eq(attempts, 21);
    cr_assert_eq(login_limit_try_us(limit, "lan", "10.0.0.2", 0), 0);
    login_limit_free(limit);
}

Test(login_limit, does_not_lock_out_who_has_logged_in_before)
{
    LoginLimit *limit = login_limit_new();
    cr_assert_eq(login_limit_try_us(limit, "lan", "10.0.0.1", 0), 0);
    login_limit_pass(limit, "lan", "10.0.0.1", 0);
    fail_until_delayed(limit, "lan", "10.0.0.66", MINUTE_US);
    cr_assert_gt(login_limit_try_us(limit, "lan", "10.0.0.2", MINUTE_US), 0);
    cr_assert_eq(login_limit_try_us(limit, "lan", "10.0.0.1", MINUTE_US), 0);
    login_limit_free(limit);
}

Test(login_limit, delays_also_who_has_logged_in_before_when_he_guesses)
{
    LoginLimit *limit = login_limit_new();
    login_limit_pass(limit, "lan", "10.0.0.1", 0);
    cr_assert_eq(fail_until_delayed(limit, "lan", "10.0.0.1", 0), 6);
    login_limit_free(limit);
}

Test(login_limit, forgives_a_right_password_at_once)
{
    LoginLimit *limit = login_limit_new();
    for (int i = 0; i < 200; i++) {
        cr_assert_eq(login_limit_try_us(limit, "lan", "10.0.0.1", 0), 0);
        login_limit_pass(limit, "lan", "10.0.0.1", 0);
    }
    login_limit_free(limit);
}

Test(login_limit, an_own_account_does_not_wash_the_address)
{
    LoginLimit *limit = login_limit_new();
    int attempts = 0;
    for (; attempts < 1000; attempts++) {
        g_autofree char *victim = g_strdup_printf("victim%d", attempts);
        if (login_limit_try_us(limit, victim, "10.0.0.1", 0) > 0) {
            break;
        }
        if (login_limit_try_us(limit, "own", "10.0.0.1", 0) == 0) {
            login_limit_pass(limit, "own", "10.0.0.1", 0);
        }
    }
    cr_assert_lt(attempts, 25);
    login_limit_free(limit);
}

Test(login_limit, forgets_after_a_quarter_of_an_hour)
{
    LoginLimit *limit = login_limit_new();
    fail_until_delayed(limit, "lan", "10.0.0.1", 0);
    cr_assert_eq(fail_until_delayed(limit, "lan", "10.0.0.1", 16 * MINUTE_US), 6);
    login_limit_free(limit);
}

Test(login_limit, remembers_a_bounded_number_of_names)
{
    LoginLimit *limit = login_limit_new();
    for (int i = 0; i < 6000; i++) {
        g_autofree char *user = g_strdup_printf("user%d", i);
        g_autofree char *address = g_strdup_printf("10.%d.%d.1", i / 256, i % 256);
        cr_assert_eq(login_limit_try_us(limit, user, address, i), 0);
    }
    login_limit_free(limit);
}

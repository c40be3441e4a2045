#include <criterion/criterion.h>
#include <glib.h>

#include "signalling/cookie.h"

static void assert_found(const char *header, const char *expected)
{
    g_autofree char *value = cookie_find(header, "__Host-sid");
    cr_assert_str_eq(value, expected, "\"%s\" gave \"%s\"", header, value);
}

Test(cookie, finds_its_value_among_others)
{
    assert_found("__Host-sid=abc", "abc");
    assert_found("a=b; __Host-sid=abc; c=d", "abc");
    assert_found("a=b;__Host-sid=a=b==", "a=b==");
}

Test(cookie, finds_nothing_where_there_is_nothing)
{
    assert_found("", "");
    assert_found("__Host-sid", "");
    assert_found("__Host-sid=", "");
    assert_found("x__Host-sid=abc", "");
    assert_found("__Host-sidx=abc", "");
    assert_found("__host-sid=abc", "");
    assert_found(";;;=;", "");
}

Test(cookie, believes_neither_of_two)
{
    assert_found("__Host-sid=abc; __Host-sid=def", "");
}

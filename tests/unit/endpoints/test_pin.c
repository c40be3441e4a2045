#include <criterion/criterion.h>
#include <glib.h>
#include <string.h>

#include "endpoints/client/pin.h"

#define PLAIN "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define COLONS                                                                                     \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"                                             \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

Test(pin, reads_plain_and_colon_separated_hex_in_any_case)
{
    char hex[PIN_HEX_CHARS + 1];
    cr_assert(pin_parse(PLAIN, hex));
    cr_assert_str_eq(hex, PLAIN);
    cr_assert(pin_parse(COLONS, hex));
    cr_assert_str_eq(hex, PLAIN);
    cr_assert(pin_parse("SHA256:" COLONS, hex));
    cr_assert_str_eq(hex, PLAIN);
}

Test(pin, refuses_what_is_not_64_hex_digits)
{
    char hex[PIN_HEX_CHARS + 1];
    cr_assert_not(pin_parse("", hex));
    cr_assert_not(pin_parse("sha256:", hex));
    cr_assert_not(pin_parse(PLAIN "0", hex));
    cr_assert_not(pin_parse(COLONS ":", hex));
    cr_assert_not(pin_parse(":" COLONS, hex));
    cr_assert_not(pin_parse("0:" PLAIN, hex));
    cr_assert_not(pin_parse(PLAIN " ", hex));
    cr_assert_not(
        pin_parse("g0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", hex));
    g_autofree char *shorter = g_strndup(PLAIN, PIN_HEX_CHARS - 1);
    cr_assert_not(pin_parse(shorter, hex));
}

Test(pin, never_matches_a_connection_without_a_certificate)
{
    cr_assert_not(pin_matches(NULL, PLAIN));
}

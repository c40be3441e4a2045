#include <criterion/criterion.h>
#include <glib.h>
#include <sodium.h>
#include <string.h>

#include "signalling/codes.h"

TestSuite(codes);

Test(codes, writes_groups_of_four_without_look_alikes)
{
    char code[CODE_SIZE(4)];
    cr_assert_geq(sodium_init(), 0);
    for (int i = 0; i < 200; i++) {
        code_make(4, code);
        cr_assert_eq(strlen(code), 19);
        cr_assert_eq(code[4], '-');
        cr_assert_eq(strpbrk(code, "01IO"), NULL, "%s", code);
    }
}

Test(codes, writes_the_same_bits_as_the_same_letters)
{
    char code[CODE_SIZE(2)];
    const uint8_t zeros[5] = {0};
    const uint8_t ones[5] = {0xff, 0xff, 0xff, 0xff, 0xff};
    code_write(zeros, 2, code);
    cr_assert_str_eq(code, "2222-2222");
    code_write(ones, 2, code);
    cr_assert_str_eq(code, "ZZZZ-ZZZZ");
}

Test(codes, reads_what_people_type)
{
    char code[CODE_SIZE(2)];
    cr_assert(code_read("7f3k 9qxw", 2, code));
    cr_assert_str_eq(code, "7F3K-9QXW");
    cr_assert(code_read(" 7F3K9QXW-", 2, code));
    cr_assert_str_eq(code, "7F3K-9QXW");
}

Test(codes, refuses_other_lengths_and_letters)
{
    char code[CODE_SIZE(2)];
    cr_assert_not(code_read("", 2, code));
    cr_assert_not(code_read("7F3K-9QX", 2, code));
    cr_assert_not(code_read("7F3K-9QXWA", 2, code));
    cr_assert_not(code_read("7F3K-9QX0", 2, code));
    cr_assert_not(code_read("7F3K-9QX\xc4\x90", 2, code));
}

Test(codes, hashes_a_secret_however_it_is_typed)
{
    char one[CODE_HASH_SIZE];
    char two[CODE_HASH_SIZE];
    code_hash("7F3K-9QXW", one);
    code_hash("7f3k 9qxw", two);
    cr_assert_str_eq(one, two);
    code_hash("7F3K-9QXV", two);
    cr_assert_str_neq(one, two);
    cr_assert_eq(strlen(one), 64);
}

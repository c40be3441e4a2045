#include <criterion/criterion.h>
#include <string.h>

#include "endpoints/fleet/roster.h"

#define CSV                                                                                        \
    "code,name,tier,parent\nTW,Trung ương,central,\n\"TG\",\"A, "                                \
    "B\",province,TW\nMT-09,C,commune,TG\n"

static void expect_refusal(const char *text, size_t first, size_t count, const char *reason)
{
    g_autoptr(GError) error = NULL;
    cr_assert_null(roster_parse_codes(text, "s.csv", first, count, &error));
    cr_assert_not_null(strstr(error->message, reason), "says: %s", error->message);
    cr_assert_not_null(strstr(error->message, "s.csv"));
}

Test(fleet_roster, reads_the_codes_of_a_directory)
{
    g_auto(GStrv) codes = roster_parse_codes(CSV, "s.csv", 0, 0, NULL);
    cr_assert_eq(g_strv_length(codes), 3);
    cr_assert_str_eq(codes[0], "TW");
    cr_assert_str_eq(codes[1], "TG");
    cr_assert_str_eq(codes[2], "MT-09");
}

Test(fleet_roster, reads_a_part_of_it)
{
    g_auto(GStrv) codes = roster_parse_codes(CSV, "s.csv", 1, 1, NULL);
    cr_assert_eq(g_strv_length(codes), 1);
    cr_assert_str_eq(codes[0], "TG");
}

Test(fleet_roster, takes_lines_that_end_as_in_dos)
{
    g_auto(GStrv) codes = roster_parse_codes("code\r\nA\r\nB\r\n", "s.csv", 0, 0, NULL);
    cr_assert_eq(g_strv_length(codes), 2);
    cr_assert_str_eq(codes[1], "B");
}

Test(fleet_roster, refuses_more_sites_than_there_are)
{
    expect_refusal(CSV, 0, 4, "4 sites");
    expect_refusal(CSV, 3, 0, "there are 0");
    expect_refusal("code\n", 0, 0, "there are 0");
}

Test(fleet_roster, refuses_a_code_that_is_no_name_of_a_directory)
{
    expect_refusal("code\n../x,Y\n", 0, 0, "line 2");
    expect_refusal("code\nA\na b\n", 0, 0, "line 3");
    expect_refusal("code\n.\n", 0, 0, "line 2");
    expect_refusal("code\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", 0, 0, "line 2");
}

Test(fleet_roster, reads_tokens)
{
    g_autoptr(GHashTable) tokens = roster_parse_tokens("TW abc\n\nTG  \n", "t", NULL);
    cr_assert_null(tokens, "a code without a token");
    g_autoptr(GHashTable) good = roster_parse_tokens("TW abc\n\nTG def\n", "t", NULL);
    cr_assert_eq(g_hash_table_size(good), 2);
    cr_assert_str_eq(g_hash_table_lookup(good, "TG"), "def");
}

Test(fleet_roster, refuses_lines_that_are_no_tokens)
{
    const char *bad[] = {"TW", "TW a b", "T/W abc"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        cr_assert_null(roster_parse_tokens(bad[i], "t", &error));
        cr_assert_not_null(strstr(error->message, "line 1"));
    }
}

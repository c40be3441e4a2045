#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <glib.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "signalling/sites_csv.h"

#define HEADER "code,name,tier,parent\n"

static GPtrArray *parse(const char *csv, Problem *problem)
{
    return sites_csv_parse(csv, "sites.csv", problem);
}

static void assert_refused(const char *csv, const char *place, const char *words)
{
    Problem problem = {{0}, {0}, {0}};
    g_autoptr(GPtrArray) rows = parse(csv, &problem);
    cr_assert_null(rows, "accepted: %s", csv);
    cr_assert_str_eq(problem.code, "bad_field");
    cr_assert_str_eq(problem.field, "csv");
    g_autofree char *start = g_strdup_printf("sites.csv:%s: ", place);
    cr_assert(g_str_has_prefix(problem.message, start), "%s does not begin with %s",
              problem.message, start);
    cr_assert_not_null(strstr(problem.message, words), "\"%s\" does not say \"%s\"",
                       problem.message, words);
}

static const SiteRow *row_at(GPtrArray *rows, guint index)
{
    cr_assert_lt(index, rows->len);
    return g_ptr_array_index(rows, index);
}

Test(sites_csv, reads_sites_in_the_order_of_the_file)
{
    g_autoptr(GPtrArray) rows =
        parse(HEADER "TG-A,Xã A,commune,TG\nTG,UBND tỉnh Tiền Giang,province,\n", NULL);
    cr_assert_eq(rows->len, 2);
    cr_assert_str_eq(row_at(rows, 0)->code, "TG-A");
    cr_assert_str_eq(row_at(rows, 0)->parent, "TG");
    cr_assert_str_eq(row_at(rows, 1)->name, "UBND tỉnh Tiền Giang");
    cr_assert_str_eq(row_at(rows, 1)->parent, "");
    cr_assert_eq(row_at(rows, 1)->line, 3);
}

Test(sites_csv, reads_what_spreadsheets_write)
{
    g_autoptr(GPtrArray) rows = parse("\xef\xbb\xbf"
                                      "code,name,tier,parent\r\n"
                                      "A,\"Phòng họp \"\"Sông Tiền\"\", tầng 2\",agency,\r\n"
                                      "\r\n"
                                      "B, Xã B ,commune,A",
                                      NULL);
    cr_assert_eq(rows->len, 2);
    cr_assert_str_eq(row_at(rows, 0)->name, "Phòng họp \"Sông Tiền\", tầng 2");
    cr_assert_str_eq(row_at(rows, 1)->name, "Xã B");
    cr_assert_eq(row_at(rows, 1)->line, 4);
}

Test(sites_csv, composes_letters_that_came_in_parts)
{
    g_autoptr(GPtrArray) rows = parse(HEADER "A,Ca\xcc\x81i,commune,\n", NULL);
    cr_assert_str_eq(row_at(rows, 0)->name, "C\xc3\xa1i");
}

Test(sites_csv, refuses_an_empty_file)
{
    assert_refused("", "1:1", "no site");
    assert_refused("\n\n", "3:1", "no site");
    assert_refused(HEADER, "2:1", "no site");
}

Test(sites_csv, refuses_another_header)
{
    assert_refused("code,name,tier\nA,a,commune\n", "1:11", "code,name,tier,parent");
    assert_refused("name,code,tier,parent\n", "1:1", "code,name,tier,parent");
    assert_refused("A,a,commune,\n", "1:1", "code,name,tier,parent");
}

Test(sites_csv, refuses_too_few_and_too_many_values)
{
    assert_refused(HEADER "A,a,commune\n", "2:1", "3 values instead of 4");
    assert_refused(HEADER "A,a,commune,,x\n", "2:13", "more than 4 values");
}

Test(sites_csv, refuses_quotes_that_do_not_close_or_stand_inside)
{
    assert_refused(HEADER "A,\"xã,commune,\nB,b,commune,\n", "2:3", "never closed");
    assert_refused(HEADER "A,x\"ã,commune,\n", "2:4", "quote inside");
    assert_refused(HEADER "A,\"x\"ã,commune,\n", "2:6", "after the closing quote");
}

Test(sites_csv, refuses_a_code_that_stands_twice)
{
    assert_refused(HEADER "A,a,commune,\nB,b,commune,\nA,c,commune,\n", "4:1", "line 2 already");
}

Test(sites_csv, refuses_a_parent_that_is_not_there)
{
    assert_refused(HEADER "A,Cái Bè,commune,NO\n", "2:18", "no site NO");
}

Test(sites_csv, refuses_parents_in_a_circle)
{
    assert_refused(HEADER "A,a,commune,A\n", "2:13", "circle");
    assert_refused(HEADER "A,a,commune,B\nB,b,commune,C\nC,c,commune,A\n", "2:13", "circle");
}

Test(sites_csv, refuses_a_tree_that_is_too_deep)
{
    g_autoptr(GString) csv = g_string_new(HEADER "S0,a,x,\n");
    for (int i = 1; i <= LIMIT_SITE_DEPTH + 1; i++) {
        g_string_append_printf(csv, "S%d,a,x,S%d\n", i, i - 1);
    }
    assert_refused(csv->str, "19:9", "deeper than 16");
}

Test(sites_csv, refuses_empty_and_overlong_values)
{
    g_autofree char *long_code = g_strnfill(32, 'A');
    g_autofree char *code_csv = g_strconcat(HEADER, long_code, ",a,commune,\n", NULL);
    g_autofree char *long_name = g_strnfill(LIMIT_NAME_BYTES + 1, 'n');
    g_autofree char *name_csv = g_strconcat(HEADER "A,", long_name, ",commune,\n", NULL);
    assert_refused(HEADER ",a,commune,\n", "2:1", "the code is empty");
    assert_refused(HEADER "A,,commune,\n", "2:3", "the name is empty");
    assert_refused(HEADER "A,a,,\n", "2:5", "the tier is empty");
    assert_refused(code_csv, "2:1", "longer than 31");
    assert_refused(name_csv, "2:3", "longer than 200");
}

Test(sites_csv, refuses_letters_a_code_may_not_have)
{
    assert_refused(HEADER "A B,a,commune,\n", "2:1", "the code may have");
    assert_refused(HEADER "Đ,a,commune,\n", "2:1", "the code may have");
    assert_refused(HEADER "A,a,xã,\n", "2:5", "the tier may have");
    assert_refused(HEADER "A,a,commune,<b>\n", "2:13", "the parent may have");
}

Test(sites_csv, refuses_letters_that_cannot_be_seen)
{
    assert_refused(HEADER "A,a\x07z,commune,\n", "2:3", "invisible");
    assert_refused(HEADER "A,a\xe2\x80\xaez,commune,\n", "2:3", "invisible");
    assert_refused(HEADER "A,\"a\nz\",commune,\n", "2:3", "invisible");
}

Test(sites_csv, refuses_bytes_that_are_not_utf8)
{
    assert_refused(HEADER "A,x\xe3,commune,\n", "2:4", "UTF-8");
}

Test(sites_csv, refuses_more_sites_than_the_limit)
{
    g_autoptr(GString) csv = g_string_new(HEADER);
    for (int i = 0; i <= LIMIT_SITES; i++) {
        g_string_append_printf(csv, "S%d,a,x,\n", i);
    }
    assert_refused(csv->str, "4098:1", "more than 4096");
}

Test(sites_csv, refuses_a_file_over_the_limit)
{
    g_autofree char *csv = g_strnfill(LIMIT_CSV_BYTES + 1, 'x');
    assert_refused(csv, "1:1", "larger");
}

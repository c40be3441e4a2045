#include <criterion/criterion.h>
#include <glib.h>

#include "signalling/disposition.h"

static void expect(const char *name, const char *value)
{
    g_autofree char *actual = disposition_attachment(name);
    cr_expect_str_eq(actual, value, "%s", actual);
}

Test(disposition, a_vietnamese_name_is_whole_for_one_reader_and_plain_for_the_other)
{
    expect("Họp Đảng ủy.webm",
           "attachment; filename=\"Hop Dang uy.webm\"; "
           "filename*=UTF-8''H%E1%BB%8Dp%20%C4%90%E1%BA%A3ng%20%E1%BB%A7y.webm");
}

Test(disposition, nothing_in_a_name_leaves_the_header_or_the_folder)
{
    expect("a\"b\r\nX: y/..\\c", "attachment; filename=\"a-b--X- y-..-c\"; "
                                 "filename*=UTF-8''a-b--X-%20y-..-c");
    expect("100%'*", "attachment; filename=\"100%'-\"; filename*=UTF-8''100%25%27-");
}

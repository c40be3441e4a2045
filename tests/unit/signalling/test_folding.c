/* Finding Vietnamese text by what people type. */
#include <criterion/criterion.h>
#include <glib.h>

#include "signalling/folding.h"

static void check_fold(const char *text, const char *wanted)
{
    g_autofree char *folded = folding_fold(text);
    cr_assert_str_eq(folded, wanted, "%s", text);
}

Test(folding, drops_case_and_diacritics)
{
    check_fold("Huyện Cái Bè", "huyen cai be");
    check_fold("ĐẢNG ỦY xã Đông Hòa", "dang uy xa dong hoa");
    check_fold("Giao ban tuần 47", "giao ban tuan 47");
    check_fold("", "");
    check_fold("\xff", "");
}

Test(folding, text_composed_and_decomposed_are_the_same)
{
    check_fold("e\xcc\x82\xcc\xa3", "e"); /* ệ in three characters */
    check_fold("\xe1\xbb\x87", "e");      /* and in one */
}

Test(folding, every_word_must_occur_in_any_order)
{
    cr_assert(folding_matches("tuan GIAO", "Giao ban tuần UBND tỉnh"));
    cr_assert(folding_matches("  ", "Giao ban"));
    cr_assert(folding_matches("đột xuất", "Hop dot xuat"));
    cr_assert_not(folding_matches("giao ban quý", "Giao ban tuần"));
}

#include <criterion/criterion.h>
#include <string.h>

#include "bridge/mixer/card.h"
#include "bridge/mixer/label.h"
#include "bridge/mixer/lettering.h"
#include "tests/unit/mixer/clip.h"

#define LONG_NAME "Xã Hậu Mỹ Bắc A – Ủy ban nhân dân"
#define INK_LUMA 150
#define ICONS(muted)                                                                               \
    &(Icons)                                                                                       \
    {                                                                                              \
        .is_muted = (muted)                                                                        \
    }

static const char *const all_letters =
    "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệfghiìỉĩíịjklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvwxyỳỷỹýỵz"
    "AÀẢÃÁẠĂẰẲẴẮẶÂẦẨẪẤẬBCDĐEÈẺẼÉẸÊỀỂỄẾỆFGHIÌỈĨÍỊJKLMNOÒỎÕÓỌÔỒỔỖỐỘƠỜỞỠỚỢPQRSTUÙỦŨÚỤƯỪỬỮỨỰVWXYỲỶỸÝỴZ"
    "0123456789 –—-.,:;()/&'\"…";

static I420 blended(const Label *label, int width, int height)
{
    I420 cell = i420_alloc(width, height);
    i420_fill(&cell, i420_color(0x000000));
    label_blend(label, &cell);
    return cell;
}

/* Nothing bright on the outermost pixels of the bar. */
static bool has_clear_margins(const I420 *cell, LayoutRect bar)
{
    const uint8_t *luma = cell->plane[0];
    for (int x = bar.x; x < bar.x + bar.w; x++) {
        if (luma[bar.y * cell->stride[0] + x] > INK_LUMA ||
            luma[(bar.y + bar.h - 1) * cell->stride[0] + x] > INK_LUMA) {
            return false;
        }
    }
    for (int y = bar.y; y < bar.y + bar.h; y++) {
        if (luma[y * cell->stride[0] + bar.x] > INK_LUMA ||
            luma[y * cell->stride[0] + bar.x + bar.w - 1] > INK_LUMA) {
            return false;
        }
    }
    return true;
}

static int count_ink(const I420 *cell, LayoutRect rect)
{
    int ink = 0;
    for (int y = rect.y; y < rect.y + rect.h; y++) {
        for (int x = rect.x; x < rect.x + rect.w; x++) {
            ink += cell->plane[0][y * cell->stride[0] + x] > INK_LUMA;
        }
    }
    return ink;
}

Test(lettering, finds_a_glyph_for_every_vietnamese_letter)
{
    LetteringBox box = {.width = 10000, .height = 1000, .size = 20, .size_min = 20, .lines_max = 1};
    Lettering *lettering = lettering_new(all_letters, &box);
    cr_expect_eq(lettering_unknown_glyphs(lettering), 0);
    lettering_free(lettering);
    Lettering *tofu = lettering_new("\xF4\x8F\xBF\xBD", &box);
    cr_expect_eq(lettering_unknown_glyphs(tofu), 1, "the count can tell");
    lettering_free(tofu);
}

Test(lettering, shows_markup_as_it_is_written)
{
    LetteringBox box = {.width = 10000, .height = 1000, .size = 20, .size_min = 20, .lines_max = 1};
    Lettering *plain = lettering_new("A", &box);
    Lettering *markup = lettering_new("<b>A</b>&amp;", &box);
    cr_expect_gt(lettering_width(markup), 4 * lettering_width(plain));
    lettering_free(plain);
    lettering_free(markup);
}

Test(lettering, prefers_smaller_letters_to_cutting)
{
    LetteringBox box = {.width = 250, .height = 40, .size = 24, .size_min = 9, .lines_max = 1};
    Lettering *lettering = lettering_new(LONG_NAME, &box);
    cr_expect_not(lettering_is_cut(lettering));
    cr_expect_lt(lettering_size(lettering), 24);
    cr_expect_leq(lettering_width(lettering), 250);
    lettering_free(lettering);
}

Test(lettering, cuts_only_when_even_the_least_size_is_too_large)
{
    LetteringBox box = {.width = 60, .height = 24, .size = 14, .size_min = 9, .lines_max = 2};
    Lettering *lettering = lettering_new(LONG_NAME, &box);
    cr_expect(lettering_is_cut(lettering));
    cr_expect_eq(lettering_size(lettering), 9);
    cr_expect_leq(lettering_width(lettering), 61);
    cr_expect_leq(lettering_height(lettering), 26);
    lettering_free(lettering);
}

Test(label, keeps_all_ink_inside_its_margins_at_every_cell_size)
{
    static const int sizes[][2] = {{124, 74},  {126, 76},  {158, 88},  {212, 118},
                                   {318, 178}, {424, 240}, {960, 540}, {1280, 720}};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        for (int muted = 0; muted < 2; muted++) {
            int w = sizes[i][0];
            int h = sizes[i][1];
            Label *label = label_new(LONG_NAME, ICONS(muted), w, h);
            LayoutRect bar = label_rect(label);
            I420 cell = blended(label, w, h);
            cr_expect_not(label_is_cut(label), "%d×%d", w, h);
            cr_expect(has_clear_margins(&cell, bar), "%d×%d muted %d", w, h, muted);
            cr_expect_gt(count_ink(&cell, bar), 100);
            cr_expect_eq(count_ink(&cell, bar), count_ink(&cell, (LayoutRect){0, 0, w, h}));
            cr_expect(bar.x >= 0 && bar.x + bar.w <= w && bar.y + bar.h <= h);
            cr_expect_geq(bar.y, h / 2);
            i420_release(&cell);
            label_free(label);
        }
    }
}

Test(label, never_clips_stacked_diacritics)
{
    Label *label = label_new("ẪỖỄẬỘỆ ẲỂỔ ỰỴỊ", ICONS(false), 318, 178);
    I420 cell = blended(label, 318, 178);
    cr_expect(has_clear_margins(&cell, label_rect(label)));
    i420_release(&cell);
    label_free(label);
}

Test(label, grows_with_its_name)
{
    Label *brief = label_new("Sở Y tế", ICONS(false), 424, 240);
    Label *longer = label_new("Sở Y tế tỉnh Tiền Giang", ICONS(false), 424, 240);
    Label *muted = label_new("Sở Y tế", ICONS(true), 424, 240);
    cr_expect_gt(label_rect(longer).w, label_rect(brief).w + 40);
    cr_expect_gt(label_rect(muted).w, label_rect(brief).w + 10);
    label_free(brief);
    label_free(longer);
    label_free(muted);
}

Test(label, shows_that_a_site_is_muted_in_red)
{
    Label *label = label_new("A", ICONS(true), 318, 178);
    LayoutRect bar = label_rect(label);
    I420 cell = blended(label, 318, 178);
    int red = 0;
    for (int y = bar.y / 2; y < (bar.y + bar.h) / 2; y++) {
        for (int x = bar.x / 2; x < (bar.x + bar.w / 2) / 2; x++) {
            red += cell.plane[2][y * cell.stride[2] + x] > 160;
        }
    }
    cr_expect_gt(red, 8);
    i420_release(&cell);
    label_free(label);
}

Test(label, survives_names_nobody_should_have)
{
    char endless[201];
    memset(endless, 'W', 200);
    endless[200] = '\0';
    static const int sizes[][2] = {{8, 8}, {20, 12}, {124, 74}};
    const char *names[] = {endless, " ", "\n\n\n", "🙂🙂", "אבג", "a\tb"};
    for (size_t n = 0; n < G_N_ELEMENTS(names); n++) {
        for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
            Label *label = label_new(names[n], ICONS(true), sizes[i][0], sizes[i][1]);
            LayoutRect bar = label_rect(label);
            cr_expect(bar.x >= 0 && bar.y >= 0 && bar.x + bar.w <= sizes[i][0] &&
                      bar.y + bar.h <= sizes[i][1]);
            I420 cell = blended(label, sizes[i][0], sizes[i][1]);
            i420_release(&cell);
            label_free(label);
        }
    }
}

Test(card, centres_the_name_and_the_note)
{
    CardText text = {LONG_NAME, "Chưa kết nối", {0}};
    I420 card = card_draw(&text, 424, 240);
    int left = count_ink(&card, (LayoutRect){0, 0, 212, 240});
    int right = count_ink(&card, (LayoutRect){212, 0, 212, 240});
    cr_expect_gt(left, 100);
    cr_expect_gt(right, 100);
    cr_expect_eq(count_ink(&card, (LayoutRect){0, 0, 424, 60}), 0);
    cr_expect_eq(count_ink(&card, (LayoutRect){0, 180, 424, 60}), 0);
    i420_release(&card);
}

Test(card, fits_the_smallest_cell_of_a_wall)
{
    CardText text = {
        "Sở Nông nghiệp và Phát triển nông thôn", "Không có tín hiệu", {.is_muted = true}};
    I420 card = card_draw(&text, 124, 74);
    cr_expect_eq(count_ink(&card, (LayoutRect){0, 0, 124, 2}), 0);
    cr_expect_eq(count_ink(&card, (LayoutRect){0, 72, 124, 2}), 0);
    cr_expect_eq(count_ink(&card, (LayoutRect){0, 0, 2, 74}), 0);
    cr_expect_eq(count_ink(&card, (LayoutRect){122, 0, 2, 74}), 0);
    i420_release(&card);
}

Test(label, makes_room_for_every_icon)
{
    const Icons icons[] = {
        {0},
        {.has_poor_link = true},
        {.has_poor_link = true, .hand = 1},
        {.has_poor_link = true, .hand = 207},
        {.has_poor_link = true, .hand = 207, .is_muted = true},
    };
    int before = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(icons); i++) {
        Label *label = label_new("Sở Y tế", &icons[i], 424, 240);
        LayoutRect bar = label_rect(label);
        I420 cell = blended(label, 424, 240);
        cr_expect_gt(bar.w, before);
        cr_expect(has_clear_margins(&cell, bar), "icons %zu", i);
        before = bar.w;
        i420_release(&cell);
        label_free(label);
    }
}

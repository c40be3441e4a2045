/* An invitation as it goes out: the addresses it takes, its calendar, its message. */
#include <criterion/criterion.h>
#include <glib.h>
#include <jansson.h>
#include <string.h>

#include "signalling/invitation_letter.h"

#define MONDAY_8H INT64_C(1796000400000)

static json_t *plan;

static void make_plan(void)
{
    plan = json_pack("{s:s, s:[s], s:[s,s]}", "title",
                     "Giao ban tuần UBND tỉnh: phát triển kinh tế – xã hội", "sites", "TG-A",
                     "agenda", "Báo cáo", "Kết luận");
}

static void drop_plan(void)
{
    json_decref(plan);
}

TestSuite(invitation_letter, .init = make_plan, .fini = drop_plan);

static Letter letter_of(int sequence, bool is_cancelled)
{
    return (Letter){.uid = "abc@diemcau",
                    .sequence = sequence,
                    .is_cancelled = is_cancelled,
                    .start_ms = MONDAY_8H,
                    .minutes = 90,
                    .is_weekly = true,
                    .plan = plan,
                    .site_name = "Xã Mỹ \"A\"",
                    .to = "xa.a@tinh.gov.vn",
                    .from = "hop@tinh.gov.vn",
                    .link = "https://may/invitation/1.abc"};
}

Test(invitation_letter, takes_one_plain_address_only)
{
    cr_assert(letter_is_address("xa.a@tinh.gov.vn"));
    cr_assert(letter_is_address("a+b@c"));
    static const char *const wrong[] = {
        "",      "a",    "@b", "a@", "a@b@c", "a b@c", "a@b,c@d", "Tên <a@b>", "a@b\r\nBcc: x@y",
        "a@b\n", "a>@b", "ạ@b"};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        cr_assert_not(letter_is_address(wrong[i]), "%s", wrong[i]);
    }
    g_autofree char *name = g_strnfill(254, 'x');
    g_autofree char *longest = g_strconcat(name, "@b", NULL);
    cr_assert_not(letter_is_address(longest));
}

Test(invitation_letter, a_calendar_knows_the_meeting_again_when_it_changes)
{
    Letter letter = letter_of(0, false);
    g_autofree char *first = letter_write_calendar(&letter);
    letter.sequence = 3;
    letter.start_ms += 3600000;
    g_autofree char *second = letter_write_calendar(&letter);
    cr_assert_not_null(strstr(first, "METHOD:REQUEST\r\n"));
    cr_assert_not_null(strstr(first, "UID:abc@diemcau\r\n"));
    cr_assert_not_null(strstr(first, "SEQUENCE:0\r\n"));
    cr_assert_not_null(strstr(first, "RRULE:FREQ=WEEKLY\r\n"));
    cr_assert_not_null(strstr(second, "UID:abc@diemcau\r\n"));
    cr_assert_not_null(strstr(second, "SEQUENCE:3\r\n"));
}

Test(invitation_letter, a_cancellation_takes_it_out)
{
    Letter letter = letter_of(1, true);
    g_autofree char *calendar = letter_write_calendar(&letter);
    cr_assert_not_null(strstr(calendar, "METHOD:CANCEL\r\n"));
    cr_assert_not_null(strstr(calendar, "STATUS:CANCELLED\r\n"));
    cr_assert_null(strstr(calendar, "https://may/invitation/"), "there is nothing to answer");
}

static char *header_of(const char *message, const char *name)
{
    g_autofree char *start = g_strconcat("\r\n", name, ": ", NULL);
    const char *found = strstr(message, start);
    cr_assert_not_null(found, "%s", name);
    GString *value = g_string_new(found + strlen(start));
    g_string_replace(value, "\r\n ", " ", 0); /* folded */
    value->str[strcspn(value->str, "\r")] = '\0';
    return g_string_free(value, FALSE);
}

/* The text of encoded words (RFC 2047). */
static char *decode(const char *value)
{
    GString *text = g_string_new("");
    g_auto(GStrv) words = g_strsplit(value, " ", -1);
    for (char **word = words; *word != NULL; word++) {
        cr_assert(g_str_has_prefix(*word, "=?UTF-8?B?") && g_str_has_suffix(*word, "?="), "%s",
                  *word);
        cr_assert_leq(strlen(*word), 75, "RFC 2047 section 2");
        (*word)[strlen(*word) - 2] = '\0';
        gsize size = 0;
        g_autofree guchar *bytes = g_base64_decode(*word + strlen("=?UTF-8?B?"), &size);
        cr_assert(g_utf8_validate((const char *)bytes, (gssize)size, NULL), "whole characters");
        g_string_append_len(text, (const char *)bytes, (gssize)size);
    }
    return g_string_free(text, FALSE);
}

Test(invitation_letter, a_long_vietnamese_subject_is_folded_and_comes_back_whole)
{
    Letter letter = letter_of(0, false);
    g_autofree char *message = letter_write(&letter);
    g_autofree char *subject = header_of(message, "Subject");
    g_autofree char *text = decode(subject);
    cr_assert_str_eq(text, "Mời họp: Giao ban tuần UBND tỉnh: phát triển kinh tế – xã hội");
    g_auto(GStrv) lines = g_strsplit(message, "\r\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        cr_assert_leq(strlen(*line), 200, "%s", *line);
        cr_assert_null(strchr(*line, '\n'));
    }
}

Test(invitation_letter, a_title_makes_no_header)
{
    json_object_set_new(plan, "title", json_string("Họp\r\nBcc: x@y\r\n\r\nThân"));
    Letter letter = letter_of(2, false);
    g_autofree char *message = letter_write(&letter);
    cr_assert_null(strstr(message, "\r\nBcc"));
    g_autofree char *subject = header_of(message, "Subject");
    g_autofree char *text = decode(subject);
    cr_assert(g_str_has_prefix(text, "Thay đổi phiên họp: Họp"), "%s", text);
}

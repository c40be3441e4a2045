#include "signalling/invitation_letter.h"

#include <glib.h>
#include <jansson.h>
#include <libical/ical.h>
#include <string.h>

#include "signalling/plan.h"

#define PRODUCT "-//Điểm Cầu//diemcau//VI"
#define ADDRESS_BYTES_MAX 254
/* Base64 in lines that mail allows (RFC 2045 section 6.8), and in an encoded word (RFC 2047). */
#define LINE_BYTES 57
#define WORD_BYTES 45

bool letter_is_address(const char *text)
{
    const char *at = strchr(text, '@');
    if (at == NULL || at == text || at[1] == '\0' || strchr(at + 1, '@') != NULL ||
        strlen(text) > ADDRESS_BYTES_MAX) {
        return false;
    }
    for (const char *c = text; *c != '\0'; c++) {
        if (!g_ascii_isalnum(*c) && strchr("@.!#$%&'*+/=?^_`{|}~-", *c) == NULL) {
            return false;
        }
    }
    return true;
}

char *letter_format_time(int64_t start_ms)
{
    static const char *const days[] = {"thứ Hai", "thứ Ba",  "thứ Tư",  "thứ Năm",
                                       "thứ Sáu", "thứ Bảy", "Chủ Nhật"};
    g_autoptr(GDateTime) start = g_date_time_new_from_unix_local(start_ms / 1000);
    g_autofree char *time = g_date_time_format(start, "%H:%M");
    g_autofree char *date = g_date_time_format(start, "%d/%m/%Y");
    return g_strdup_printf("%s, %s %s", time, days[g_date_time_get_day_of_week(start) - 1], date);
}

/* ---- the words ---- */

static void add_agenda(GString *text, json_t *plan)
{
    json_t *agenda = json_object_get(plan, "agenda");
    size_t index;
    json_t *item;
    if (json_array_size(agenda) > 0) {
        g_string_append(text, "\nChương trình:\n");
    }
    json_array_foreach(agenda, index, item)
    {
        g_string_append_printf(text, "  %zu. %s\n", index + 1, json_string_value(item));
    }
}

static char *write_words(const Letter *letter)
{
    g_autofree char *when = letter_format_time(letter->start_ms);
    GString *text = g_string_new("");
    g_string_append_printf(text, "Kính gửi: %s\n\n", letter->site_name);
    if (letter->is_cancelled) {
        g_string_append_printf(text, "Phiên họp trực tuyến “%s”, %s, đã được hủy.\n",
                               plan_title(letter->plan), when);
    } else {
        g_string_append_printf(text,
                               "Trân trọng kính mời quý đơn vị dự phiên họp trực tuyến “%s”.\n\n"
                               "Thời gian: %s%s, dự kiến %d phút.\n"
                               "Điểm cầu: %s\n",
                               plan_title(letter->plan), when,
                               letter->is_weekly ? ", lặp lại hằng tuần" : "", letter->minutes,
                               letter->site_name);
        add_agenda(text, letter->plan);
        g_string_append_printf(text,
                               "\nĐề nghị xác nhận và ghi tên người dự họp tại:\n%s\n"
                               "\nĐề nghị bật thiết bị trước giờ họp 60 phút để kiểm tra.\n",
                               letter->link);
    }
    g_string_append(text, "\nTrân trọng./.\n");
    return g_string_free(text, FALSE);
}

/* ---- the calendar ---- */

static icaltimetype time_of(int64_t at_ms)
{
    return icaltime_from_timet_with_zone((time_t)(at_ms / 1000), 0,
                                         icaltimezone_get_utc_timezone());
}

static icalproperty *make_attendee(const Letter *letter)
{
    g_autofree char *address = g_strdup_printf("mailto:%s", letter->to);
    /* A parameter cannot hold a quotation mark (RFC 5545 section 3.2). */
    g_autofree char *name = g_strdelimit(g_strdup(letter->site_name), "\"", '\'');
    icalproperty *attendee = icalproperty_new_attendee(address);
    icalproperty_add_parameter(attendee, icalparameter_new_cn(name));
    icalproperty_add_parameter(attendee, icalparameter_new_partstat(ICAL_PARTSTAT_NEEDSACTION));
    icalproperty_add_parameter(attendee, icalparameter_new_rsvp(ICAL_RSVP_FALSE));
    return attendee;
}

static icalproperty *make_organizer(const Letter *letter)
{
    g_autofree char *address = g_strdup_printf("mailto:%s", letter->from);
    icalproperty *organizer = icalproperty_new_organizer(address);
    icalproperty_add_parameter(organizer, icalparameter_new_cn("Điểm Cầu"));
    return organizer;
}

static icalcomponent *make_event(const Letter *letter)
{
    g_autofree char *words = write_words(letter);
    int64_t end_ms = letter->start_ms + (int64_t)letter->minutes * 60000;
    icalcomponent *event = icalcomponent_vanew(
        ICAL_VEVENT_COMPONENT, icalproperty_new_uid(letter->uid),
        icalproperty_new_sequence(letter->sequence),
        icalproperty_new_dtstamp(time_of(g_get_real_time() / 1000)),
        icalproperty_new_dtstart(time_of(letter->start_ms)),
        icalproperty_new_dtend(time_of(end_ms)), icalproperty_new_summary(plan_title(letter->plan)),
        icalproperty_new_description(words), icalproperty_new_location(letter->site_name),
        icalproperty_new_status(letter->is_cancelled ? ICAL_STATUS_CANCELLED
                                                     : ICAL_STATUS_CONFIRMED),
        make_organizer(letter), make_attendee(letter), NULL);
    if (!letter->is_cancelled) {
        icalcomponent_add_property(event, icalproperty_new_url(letter->link));
    }
    if (letter->is_weekly) {
        icalcomponent_add_property(
            event, icalproperty_new_rrule(icalrecurrencetype_from_string("FREQ=WEEKLY")));
    }
    return event;
}

char *letter_write_calendar(const Letter *letter)
{
    icalcomponent *calendar = icalcomponent_vanew(
        ICAL_VCALENDAR_COMPONENT, icalproperty_new_prodid(PRODUCT), icalproperty_new_version("2.0"),
        icalproperty_new_calscale("GREGORIAN"),
        icalproperty_new_method(letter->is_cancelled ? ICAL_METHOD_CANCEL : ICAL_METHOD_REQUEST),
        make_event(letter), NULL);
    char *text = icalcomponent_as_ical_string_r(calendar);
    char *copy = g_strdup(text);
    icalmemory_free_buffer(text);
    icalcomponent_free(calendar);
    return copy;
}

/* ---- the message ---- */

/* Encoded words of whole characters, each on a line of its own. */
static void add_header_text(GString *message, const char *text)
{
    while (*text != '\0') {
        size_t size = 0;
        while (text[size] != '\0') {
            size_t next = (size_t)(g_utf8_next_char(text + size) - text);
            if (next > WORD_BYTES) {
                break;
            }
            size = next;
        }
        g_autofree char *encoded = g_base64_encode((const guchar *)text, size);
        g_string_append_printf(message, "=?UTF-8?B?%s?=", encoded);
        text += size;
        g_string_append(message, *text != '\0' ? "\r\n " : "");
    }
    g_string_append(message, "\r\n");
}

static void add_part(GString *message, const char *boundary, const char *type, const char *content)
{
    g_string_append_printf(message,
                           "--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: base64\r\n\r\n",
                           boundary, type);
    size_t left = strlen(content);
    while (left > 0) {
        size_t take = MIN(left, LINE_BYTES);
        g_autofree char *line = g_base64_encode((const guchar *)content, take);
        g_string_append_printf(message, "%s\r\n", line);
        content += take;
        left -= take;
    }
}

static void add_subject(GString *message, const Letter *letter)
{
    const char *kind = letter->is_cancelled   ? "Hủy phiên họp"
                       : letter->sequence > 0 ? "Thay đổi phiên họp"
                                              : "Mời họp";
    g_autofree char *subject = g_strdup_printf("%s: %s", kind, plan_title(letter->plan));
    g_string_append(message, "Subject: ");
    add_header_text(message, g_strdelimit(subject, "\r\n", ' '));
}

/* RFC 5322 section 3.3, whatever the locale. */
static char *write_date(GDateTime *utc)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return g_strdup_printf(
        "%s, %d %s %d %02d:%02d:%02d +0000", days[g_date_time_get_day_of_week(utc) - 1],
        g_date_time_get_day_of_month(utc), months[g_date_time_get_month(utc) - 1],
        g_date_time_get_year(utc), g_date_time_get_hour(utc), g_date_time_get_minute(utc),
        g_date_time_get_second(utc));
}

char *letter_write(const Letter *letter)
{
    GString *message = g_string_new("");
    g_autofree char *words = write_words(letter);
    g_autofree char *calendar = letter_write_calendar(letter);
    g_autofree char *boundary = g_strdup_printf("diemcau-%08x%08x", g_random_int(), g_random_int());
    g_autofree char *type = g_strdup_printf("text/calendar; charset=UTF-8; method=%s",
                                            letter->is_cancelled ? "CANCEL" : "REQUEST");
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *date = write_date(now);
    g_string_append(message, "From: ");
    g_string_append_printf(message, "=?UTF-8?B?xJBp4buDbSBD4bqndQ==?= <%s>\r\nTo: <%s>\r\n",
                           letter->from, letter->to);
    add_subject(message, letter);
    g_string_append_printf(message,
                           "Date: %s\r\nMessage-ID: <%s@%s>\r\nMIME-Version: 1.0\r\n"
                           "Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n",
                           date, boundary, strchr(letter->from, '@') + 1, boundary);
    add_part(message, boundary, "text/plain; charset=UTF-8", words);
    add_part(message, boundary, type, calendar);
    g_string_append_printf(message, "--%s--\r\n", boundary);
    return g_string_free(message, FALSE);
}

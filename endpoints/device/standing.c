#include "endpoints/device/standing.h"

#include <jansson.h>

#include "bridge/base/clock.h"
#include "bridge/base/fields.h"

#define SECONDS_MAX (INT64_C(1) << 31)

static bool parse_floor(json_t *event, int64_t now_us, Standing *standing, Problem *problem)
{
    json_t *speaking;
    int64_t since_s;
    if (!field_has(event, "speaking")) {
        return true;
    }
    if (!field_object(event, "speaking", &speaking, problem) ||
        !field_bool(speaking, "own", &standing->has_floor, problem) ||
        !field_int(speaking, "since_s", 0, SECONDS_MAX, &since_s, problem) ||
        !field_int_or(speaking, "limit_s", 1, LIMIT_SPEAKING_SECONDS, 0, &standing->limit_s,
                      problem)) {
        return false;
    }
    standing->since_us = now_us - since_s * CLOCK_US_PER_S;
    return true;
}

bool standing_parse(json_t *event, int64_t now_us, Standing *ret_standing, Problem *problem)
{
    Standing standing = {0};
    int64_t place;
    int64_t waiting;
    if (!field_int_or(event, "place", 1, LIMIT_SEATS, 0, &place, problem) ||
        !field_int(event, "waiting", 0, LIMIT_SEATS, &waiting, problem) ||
        !field_bool(event, "called", &standing.is_called, problem) ||
        !parse_floor(event, now_us, &standing, problem)) {
        return false;
    }
    standing.place = (int)place;
    standing.waiting = (int)waiting;
    standing.is_marked = field_has(event, "mark");
    *ret_standing = standing;
    return true;
}

static char *write_floor(const Standing *standing, int64_t now_us, StandingTone *ret_tone)
{
    int64_t used_s = MAX(now_us - standing->since_us, 0) / CLOCK_US_PER_S;
    int64_t left_s = standing->limit_s - used_s;
    if (standing->limit_s == 0) {
        return g_strdup_printf("Mời phát biểu · %d:%02d", (int)used_s / 60, (int)used_s % 60);
    }
    if (left_s <= 0) {
        *ret_tone = STANDING_RED;
        return g_strdup_printf("Đã quá giờ phát biểu %d:%02d", (int)-left_s / 60,
                               (int)-left_s % 60);
    }
    *ret_tone = left_s * 5 <= standing->limit_s ? STANDING_AMBER : STANDING_PLAIN;
    return g_strdup_printf("Mời phát biểu · còn %d:%02d", (int)left_s / 60, (int)left_s % 60);
}

char *standing_write(const Standing *standing, int64_t now_us, StandingTone *ret_tone)
{
    *ret_tone = STANDING_PLAIN;
    if (standing->is_called && !standing->is_marked) {
        return g_strdup("Đang điểm danh: mời trả lời “có mặt”");
    }
    if (standing->has_floor) {
        return write_floor(standing, now_us, ret_tone);
    }
    if (standing->place > 0) {
        return g_strdup_printf("Đã giơ tay, thứ %d trong %d", standing->place, standing->waiting);
    }
    return NULL;
}

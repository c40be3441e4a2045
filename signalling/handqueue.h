/* The speaking queue of a meeting: the seats whose hand is up, in the order in which they will be
 * asked. A plain value owned by its meeting; cleared by handqueue_clear. Main loop only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct json_t json_t;

typedef struct Hand {
    uint32_t source;
    int64_t raised_ms; /* wall clock */
} Hand;

typedef struct HandQueue {
    GArray *hands; /* Hand; NULL before the first */
} HandQueue;

void handqueue_clear(HandQueue *queue);
/* At the end; a hand that is up stays where it is. Returns its place, 1 the first. */
int handqueue_raise(HandQueue *queue, uint32_t source, int64_t now_ms);
/* False when it was not up. */
bool handqueue_lower(HandQueue *queue, uint32_t source);
/* To this place, 1 … as many as there are (more: the last). False when its hand is not up. */
bool handqueue_move(HandQueue *queue, uint32_t source, int place);
/* 0: its hand is not up. */
int handqueue_place(const HandQueue *queue, uint32_t source);
guint handqueue_count(const HandQueue *queue);
const Hand *handqueue_at(const HandQueue *queue, guint index);
/* [{source, raised_ms}]; the caller owns it. */
json_t *handqueue_to_json(const HandQueue *queue);

#include "signalling/handqueue.h"

#include <jansson.h>

void handqueue_clear(HandQueue *queue)
{
    if (queue->hands != NULL) {
        g_array_unref(g_steal_pointer(&queue->hands));
    }
}

guint handqueue_count(const HandQueue *queue)
{
    return queue->hands != NULL ? queue->hands->len : 0;
}

const Hand *handqueue_at(const HandQueue *queue, guint index)
{
    return &g_array_index(queue->hands, Hand, index);
}

int handqueue_place(const HandQueue *queue, uint32_t source)
{
    for (guint i = 0; i < handqueue_count(queue); i++) {
        if (handqueue_at(queue, i)->source == source) {
            return (int)i + 1;
        }
    }
    return 0;
}

int handqueue_raise(HandQueue *queue, uint32_t source, int64_t now_ms)
{
    int place = handqueue_place(queue, source);
    if (place > 0) {
        return place;
    }
    if (queue->hands == NULL) {
        queue->hands = g_array_new(FALSE, FALSE, sizeof(Hand));
    }
    const Hand hand = {.source = source, .raised_ms = now_ms};
    g_array_append_val(queue->hands, hand);
    return (int)queue->hands->len;
}

bool handqueue_lower(HandQueue *queue, uint32_t source)
{
    int place = handqueue_place(queue, source);
    if (place > 0) {
        g_array_remove_index(queue->hands, (guint)place - 1);
    }
    return place > 0;
}

bool handqueue_move(HandQueue *queue, uint32_t source, int place)
{
    int from = handqueue_place(queue, source);
    if (from == 0) {
        return false;
    }
    const Hand hand = *handqueue_at(queue, (guint)from - 1);
    g_array_remove_index(queue->hands, (guint)from - 1);
    g_array_insert_val(queue->hands, MIN((guint)place - 1, queue->hands->len), hand);
    return true;
}

json_t *handqueue_to_json(const HandQueue *queue)
{
    json_t *list = json_array();
    for (guint i = 0; i < handqueue_count(queue); i++) {
        const Hand *hand = handqueue_at(queue, i);
        json_array_append_new(list, json_pack("{s:I, s:I}", "source", (json_int_t)hand->source,
                                              "raised_ms", (json_int_t)hand->raised_ms));
    }
    return list;
}

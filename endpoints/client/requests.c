#include "endpoints/client/requests.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/fields.h"

typedef struct Waiting {
    int64_t id;
    int64_t deadline_us;
    ClientReply reply;
    void *data;
} Waiting;

struct Requests {
    GQueue waiting; /* oldest first */
    int64_t last_id;
};

Requests *requests_new(void)
{
    Requests *requests = g_new0(Requests, 1);
    g_queue_init(&requests->waiting);
    return requests;
}

void requests_free(Requests *requests)
{
    if (requests != NULL) {
        g_queue_clear_full(&requests->waiting, g_free);
        g_free(requests);
    }
}

int64_t requests_add(Requests *requests, ClientReply reply, void *data, int64_t now_us)
{
    if (g_queue_get_length(&requests->waiting) >= REQUESTS_MAX) {
        return 0;
    }
    Waiting *waiting = g_new0(Waiting, 1);
    waiting->id = ++requests->last_id;
    waiting->deadline_us = now_us + REQUESTS_TIMEOUT_US;
    waiting->reply = reply;
    waiting->data = data;
    g_queue_push_tail(&requests->waiting, waiting);
    return waiting->id;
}

static Waiting *take(Requests *requests, int64_t id)
{
    for (GList *link = requests->waiting.head; link != NULL; link = link->next) {
        Waiting *waiting = link->data;
        if (waiting->id == id) {
            g_queue_delete_link(&requests->waiting, link);
            return waiting;
        }
    }
    return NULL;
}

static void read_problem(json_t *message, Problem *ret_problem)
{
    const char *code = json_string_value(json_object_get(message, "code"));
    const char *field = json_string_value(json_object_get(message, "field"));
    const char *text = json_string_value(json_object_get(message, "message"));
    problem_set(ret_problem, code != NULL ? code : "unavailable", field != NULL ? field : "", "%s",
                text != NULL ? text : "");
}

bool requests_answer(Requests *requests, json_t *message)
{
    int64_t id = 0;
    const char *type = "";
    Problem problem = {0};
    if (!field_int(message, "id", 1, INT64_MAX, &id, &problem) ||
        !field_string(message, "type", 1, 16, &type, &problem)) {
        return false;
    }
    g_autofree Waiting *waiting = take(requests, id);
    if (waiting == NULL) {
        return false;
    }
    if (waiting->reply == NULL) {
        return true;
    }
    if (strcmp(type, "ok") == 0) {
        waiting->reply(message, NULL, waiting->data);
    } else {
        read_problem(message, &problem);
        waiting->reply(NULL, &problem, waiting->data);
    }
    return true;
}

static void fail(Waiting *waiting, const char *reason)
{
    g_autofree Waiting *owned = waiting;
    if (owned->reply != NULL) {
        Problem problem = {0};
        problem_set(&problem, "unavailable", "", "%s", reason);
        owned->reply(NULL, &problem, owned->data);
    }
}

void requests_expire(Requests *requests, int64_t now_us)
{
    for (;;) {
        Waiting *oldest = g_queue_peek_head(&requests->waiting);
        if (oldest == NULL || oldest->deadline_us > now_us) {
            return;
        }
        fail(g_queue_pop_head(&requests->waiting), "no answer");
    }
}

void requests_fail_all(Requests *requests, const char *reason)
{
    /* A reply may ask again at once: those new ones are not of this connection. */
    GQueue waiting = requests->waiting;
    g_queue_init(&requests->waiting);
    Waiting *next = NULL;
    while ((next = g_queue_pop_head(&waiting)) != NULL) {
        fail(next, reason);
    }
}

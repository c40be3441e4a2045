#include "signalling/admission.h"

#include <glib.h>
#include <jansson.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/base/loop.h"

struct Admission {
    AdmissionFunc call;
    void *data;
    GQueue waiting;     /* AdmissionTicket * */
    int64_t spacing_us; /* between two */
    int64_t next_us;    /* nobody is let in before */
    LoopWatch *timer;
};

static void ticket_free(gpointer data)
{
    AdmissionTicket *ticket = data;
    json_decref(ticket->media);
    g_free(ticket);
}

/* A second's worth may pass in one go: waiting helps nobody while the house is empty. */
static bool take_turn(Admission *admission, int64_t now_us)
{
    int64_t earliest_us = now_us - CLOCK_US_PER_S;
    admission->next_us = MAX(admission->next_us, earliest_us);
    if (admission->next_us > now_us) {
        return false;
    }
    admission->next_us += admission->spacing_us;
    return true;
}

static void on_timer(void *data)
{
    Admission *admission = data;
    while (!g_queue_is_empty(&admission->waiting) && take_turn(admission, clock_now_us())) {
        AdmissionTicket *ticket = g_queue_pop_head(&admission->waiting);
        admission->call(ticket, admission->data);
        ticket_free(ticket);
    }
    loop_timer_set(admission->timer,
                   g_queue_is_empty(&admission->waiting) ? -1 : admission->next_us);
}

Admission *admission_new(int per_s, AdmissionFunc call, void *data)
{
    Admission *admission = g_new0(Admission, 1);
    admission->call = call;
    admission->data = data;
    admission->spacing_us = CLOCK_US_PER_S / per_s;
    admission->timer = loop_after(0, on_timer, admission);
    loop_timer_set(admission->timer, -1);
    return admission;
}

void admission_free(Admission *admission)
{
    if (admission == NULL) {
        return;
    }
    loop_drop(&admission->timer);
    g_queue_clear_full(&admission->waiting, ticket_free);
    g_free(admission);
}

bool admission_add(Admission *admission, Request request, json_t *media)
{
    if (g_queue_get_length(&admission->waiting) >= LIMIT_ADMISSION_QUEUE) {
        return false;
    }
    AdmissionTicket *ticket = g_new0(AdmissionTicket, 1);
    ticket->request = request;
    ticket->media = json_incref(media);
    g_queue_push_tail(&admission->waiting, ticket);
    on_timer(admission);
    return true;
}

size_t admission_waiting_count(const Admission *admission)
{
    return g_queue_get_length((GQueue *)&admission->waiting);
}

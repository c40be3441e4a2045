#include "bridge/mixer/workshop.h"

#include <glib.h>
#include <stdatomic.h>

struct Workshop {
    GThreadPool *thread; /* one, and only ours */
};

/* Shared by who ordered it and the thread. */
struct WorkshopOrder {
    atomic_int owners;
    ProgramRung shape;
    _Atomic(Encoder *) made;
};

/* What the thread is given: one of the two. */
typedef struct Job {
    WorkshopOrder *order;
    Encoder *scrap;
} Job;

static void release(WorkshopOrder *order)
{
    if (atomic_fetch_sub(&order->owners, 1) == 1) {
        encoder_free(atomic_load(&order->made));
        g_free(order);
    }
}

static void work(gpointer data, gpointer unused)
{
    Job *job = data;
    if (job->order != NULL) {
        bool is_wanted = atomic_load(&job->order->owners) > 1;
        atomic_store(&job->order->made, is_wanted ? encoder_new(&job->order->shape) : NULL);
        release(job->order);
    }
    encoder_free(job->scrap);
    g_free(job);
}

static void give(Workshop *workshop, Job job)
{
    g_thread_pool_push(workshop->thread, g_memdup2(&job, sizeof job), NULL);
}

Workshop *workshop_new(void)
{
    Workshop *workshop = g_new0(Workshop, 1);
    workshop->thread = g_thread_pool_new(work, NULL, 1, TRUE, NULL);
    return workshop;
}

void workshop_free(Workshop *workshop)
{
    if (workshop != NULL) {
        g_thread_pool_free(workshop->thread, FALSE, TRUE);
        g_free(workshop);
    }
}

WorkshopOrder *workshop_order(Workshop *workshop, const ProgramRung *shape)
{
    WorkshopOrder *order = g_new0(WorkshopOrder, 1);
    atomic_init(&order->owners, 2);
    order->shape = *shape;
    give(workshop, (Job){.order = order});
    return order;
}

Encoder *workshop_take(WorkshopOrder *order)
{
    Encoder *made = atomic_exchange(&order->made, NULL);
    if (made != NULL) {
        release(order);
    }
    return made;
}

void workshop_drop(WorkshopOrder *order)
{
    if (order != NULL) {
        release(order);
    }
}

void workshop_scrap(Workshop *workshop, Encoder *encoder)
{
    if (encoder != NULL) {
        give(workshop, (Job){.scrap = encoder});
    }
}

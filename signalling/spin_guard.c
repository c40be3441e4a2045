#include "signalling/spin_guard.h"

#include <glib.h>
#include <stdint.h>

#include "bridge/base/clock.h"
#include "bridge/base/loop.h"

/* A whole province coming back at once stays far below; at this rate spinning costs 5 % of a core.
 */
#define ROUNDS_PER_S_MAX 10000

/* Never ready: it only sees the rounds go by. */
typedef struct RoundCounter {
    GSource source;
    uint64_t rounds;
} RoundCounter;

struct SpinGuard {
    RoundCounter *counter;
    LoopWatch *timer;
    void (*on_spin)(void *data);
    void *data;
};

static gboolean prepare(GSource *source, gint *ret_timeout_ms)
{
    ((RoundCounter *)source)->rounds++;
    *ret_timeout_ms = -1;
    return FALSE;
}

static gboolean check(GSource *source)
{
    return FALSE;
}

static gboolean dispatch(GSource *source, GSourceFunc call, gpointer data)
{
    return G_SOURCE_CONTINUE;
}

static void on_second(void *data)
{
    SpinGuard *guard = data;
    uint64_t rounds = guard->counter->rounds;
    guard->counter->rounds = 0;
    if (rounds > ROUNDS_PER_S_MAX) {
        guard->on_spin(guard->data);
    }
}

SpinGuard *spin_guard_new(void (*on_spin)(void *data), void *data)
{
    static GSourceFuncs functions = {.prepare = prepare, .check = check, .dispatch = dispatch};
    SpinGuard *guard = g_new0(SpinGuard, 1);
    guard->on_spin = on_spin;
    guard->data = data;
    guard->counter = (RoundCounter *)g_source_new(&functions, sizeof(RoundCounter));
    /* Before those that are ready: GLib does not ask the rest. */
    g_source_set_priority(&guard->counter->source, G_PRIORITY_HIGH);
    g_source_attach(&guard->counter->source, NULL);
    guard->timer = loop_every(CLOCK_US_PER_S, on_second, guard);
    return guard;
}

void spin_guard_free(SpinGuard *guard)
{
    if (guard == NULL) {
        return;
    }
    loop_drop(&guard->timer);
    g_source_destroy(&guard->counter->source);
    g_source_unref(&guard->counter->source);
    g_free(guard);
}

/* The few things a process asks of its GLib main loop, on the default context of its main thread:
 * watch a descriptor, call later, call every so often, run until told to stop. The returned handle
 * is owned by the caller and dropped with loop_drop; callbacks run on the loop's thread only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct LoopWatch LoopWatch;

/* `condition` is G_IO_IN, G_IO_OUT or both; errors and hang-ups are always reported. */
typedef void (*LoopFdFunc)(int fd, GIOCondition condition, void *data);
typedef void (*LoopTimerFunc)(void *data);

LoopWatch *loop_watch(int fd, GIOCondition condition, LoopFdFunc call, void *data);
/* Changes what a descriptor watch waits for. */
void loop_watch_set(LoopWatch *watch, GIOCondition condition);

/* Once, after delay_us (>= 0). The handle stays valid until dropped, also from within the call. */
LoopWatch *loop_after(int64_t delay_us, LoopTimerFunc call, void *data);
/* Again and again, on a steady grid that does not drift. */
LoopWatch *loop_every(int64_t period_us, LoopTimerFunc call, void *data);
/* Moves a timer: it fires next at this monotonic time; -1 puts it to sleep. */
void loop_timer_set(LoopWatch *timer, int64_t at_us);

/* Removes the watch and clears the handle; NULL inside is fine. */
void loop_drop(LoopWatch **watch);

/* Runs until loop_stop, SIGTERM or SIGINT. */
void loop_run(void);
void loop_stop(void);

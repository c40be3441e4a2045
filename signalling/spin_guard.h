/* Notices that the main loop goes round without sleeping. libwebsockets keeps it awake while a peer
 * has sent requests ahead and does not take its answer; this tells who may end that. Main loop
 * only. */
#pragma once

typedef struct SpinGuard SpinGuard;

/* `on_spin` is called at most once a second, while it lasts. */
SpinGuard *spin_guard_new(void (*on_spin)(void *data), void *data);
void spin_guard_free(SpinGuard *guard);

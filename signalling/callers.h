/* Who is connected to the web door and has not said who he is: counted by address, so that one
 * address cannot fill the house. Loopback has room for a whole fleet of simulated sites. Main loop
 * only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct Callers Callers;
typedef struct Caller Caller; /* one connection */

Callers *callers_new(void);
void callers_free(Callers *callers);

/* A TCP connection from `address` (numeric); NULL when there are too many from there or together.
 */
Caller *callers_arrive(Callers *callers, const char *address);
/* It asks for a WebSocket without saying who it is; false when there are too many. */
bool caller_open_socket(Caller *caller);
/* It has said who it is and counts no more. */
void caller_identify(Caller *caller);
/* The connection ended. */
void caller_leave(Caller *caller);

const char *caller_address(const Caller *caller);
bool caller_is_loopback(const Caller *caller);
/* For the metrics. */
size_t callers_refused(const Callers *callers);

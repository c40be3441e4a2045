/* Gets one-time enrolment tokens for the sites of a fleet from the server's admin socket
 * (signalling/PROTOCOL.md, token.new). Owned by the fleet; lives on the main loop. */
#pragma once

#include <glib.h>
#include <stddef.h>

typedef struct Enrol Enrol;

/* `token` is NULL when the server refused; then `reason` says why. */
typedef void (*EnrolFunc)(size_t site, const char *token, const char *reason, void *data);

Enrol *enrol_new(const char *socket_path, EnrolFunc call, void *data, GError **error);
void enrol_free(Enrol *enrol);
/* Asks for a token; the answer comes later, with the same index. */
void enrol_ask(Enrol *enrol, size_t site, const char *code);

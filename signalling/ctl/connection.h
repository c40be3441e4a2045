/* A conversation of diemcau-ctl with the server: one request, one answer, over server.sock. */
#pragma once

#include <glib.h>

typedef struct json_t json_t;
typedef struct Connection Connection;

/* NULL and an error that says how to start the server when nobody answers. */
Connection *connection_open(const char *runtime_dir, GError **error);
void connection_close(Connection *connection);

/* Takes over `message` (without id) and waits for the answer, at most 15 s; it has type "ok". NULL
 * and an error in the server's words otherwise. The caller owns it. */
json_t *connection_ask(Connection *connection, const char *type, json_t *message, GError **error);

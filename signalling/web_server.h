/* The one TCP port: TLS, the page, REST and WebSockets (libwebsockets 4.1.6 on the GLib loop;
 * web_server.c, http.c and ws.c are its only door). HTTP/1.1 only: no h2, no h2c, no extensions.
 * Owned by main. Main loop only. */
#pragma once

#include <glib.h>

typedef struct Certificate Certificate;
typedef struct Server Server;
typedef struct WebServer WebServer;

/* Listens. The error says what to do (port in use, no page, unknown address). Borrows both. */
WebServer *web_server_new(Server *server, const Certificate *certificate, GError **error);
/* Says goodbye to every socket (1001), waits a moment for it to be sent, closes. */
void web_server_free(WebServer *web);

/* What web_server.c, http.c and ws.c share. Nobody else includes this. Main loop only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct lws;
typedef struct Callers Callers;
typedef struct Caller Caller;
typedef struct HttpRequest HttpRequest;
typedef struct Rest Rest;
typedef struct Server Server;
typedef struct WebFiles WebFiles;
typedef struct WebServer WebServer;
typedef struct Whip Whip;
typedef struct _GHashTable GHashTable;
typedef struct _GMainLoop GMainLoop;
struct lws_context;
struct lws_protocols;

struct WebServer {
    Server *server;
    Rest *rest;
    Whip *whip;
    WebFiles *files;
    Callers *callers;
    GHashTable *caller_of; /* struct lws * → Caller * */
    Caller *arriving;      /* accepted, its struct lws is being made */
    GMainLoop *loop;
    struct lws_context *context;
    struct lws_protocols *protocols;
    unsigned open_sockets; /* WebSockets */
};

#define WEB_SUBPROTOCOL "diemcau.v1"

/* Of lws: the reason is an enum lws_callback_reasons. */
int http_callback(struct lws *wsi, int reason, void *session, void *bytes, size_t size);
size_t http_session_size(void);
int ws_callback(struct lws *wsi, int reason, void *session, void *bytes, size_t size);
size_t ws_session_size(void);

WebServer *web_of(struct lws *wsi);
Caller *web_caller_of(struct lws *wsi);
/* A header's value, "" when absent or longer than 4096 bytes; free with g_free. */
char *web_header(struct lws *wsi, int token);
/* The value of the __Host-sid cookie, "" when there is none; free with g_free. */
char *web_session_token(struct lws *wsi);
/* 0: the upgrade may go on; otherwise the HTTP status that refuses it. */
int ws_check_upgrade(struct lws *wsi);

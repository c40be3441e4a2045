/* One HTTP request on its way to its answer: what was asked, and where the answer goes. Made by
 * http.c, answered exactly once by whoever handles it, at once or later, also when the asker has
 * gone by then. Main loop only. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bridge/base/problem.h"

typedef struct json_t json_t;
typedef struct Exchange Exchange;
typedef struct FileBody FileBody;

typedef enum HttpMethod {
    HTTP_GET, /* HEAD too: http.c leaves the body out */
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_OTHER,
} HttpMethod;

/* Absent headers are "". Owned by the exchange. */
typedef struct HttpRequest {
    HttpMethod method;
    char *path;          /* decoded, without the query */
    char *host;          /* Host header */
    char *origin;        /* Origin header */
    char *content_type;  /* media type only, lower case */
    char *authorization; /* Authorization header */
    char *session_token; /* the __Host-sid cookie */
    char *etag;          /* If-None-Match header */
    char *range;         /* Range header */
    char *address;       /* of the peer, numeric */
    bool is_loopback;
    bool takes_gzip;
    GByteArray *body;
} HttpRequest;

typedef struct HttpReply {
    int status;
    const char *content_type; /* NULL: none */
    GBytes *body;             /* NULL: none */
    FileBody *file;           /* instead of a body; taken over. NULL: none */
    const char *location;
    const char *set_cookie;
    const char *cache_control; /* NULL: no-store */
    const char *policy;        /* Content-Security-Policy; NULL: the page's */
    const char *etag;
    bool is_gzip;
    int retry_after_s;   /* 0: none */
    const char *headers; /* more of them, each ended by CRLF; NULL: none */
} HttpReply;

/* Borrows the reply for the call. */
typedef void (*ExchangeFunc)(const HttpReply *reply, void *data);

Exchange *exchange_new(ExchangeFunc on_reply, void *data);
/* For http.c to fill in; borrowed. */
HttpRequest *exchange_request(Exchange *exchange);
/* The asker is gone: on_reply will not be called. */
void exchange_abandon(Exchange *exchange);

/* Each of these answers and frees the exchange. */
void exchange_reply(Exchange *exchange, const HttpReply *reply);
/* Takes over `body`; NULL: none. */
void exchange_reply_json(Exchange *exchange, int status, json_t *body);
/* application/problem+json. */
void exchange_reply_problem(Exchange *exchange, int status, const Problem *problem);
/* The same with the reply's status and headers. */
void exchange_reply_problem_as(Exchange *exchange, HttpReply *reply, const Problem *problem);
/* The HTTP status of an error code of PROTOCOL.md. */
int exchange_status_of(const char *code);
/* application/problem+json as an object, for callers that add to it. */
json_t *exchange_problem_to_json(int status, const Problem *problem);

/* The answer to a request on its way to the peer: head, then body piece by piece as the peer takes
 * it, from memory or from a file. Part of an HTTP session of http.c. Main loop only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "signalling/exchange.h"

struct lws;
typedef struct HttpAnswer HttpAnswer;

const char *http_reason(int status);
/* The headers that every answer has; with the policy of the page. */
char *http_common_headers(const char *policy_or_null);
/* One piece, of at most 16 KiB; `kind` is an enum lws_write_protocol. 0 or -1, as lws wants it. */
int http_write(struct lws *wsi, const void *bytes, size_t size, int kind);

/* Borrows the reply for the call, but takes over its file. */
HttpAnswer *http_answer_new(struct lws *wsi, const HttpReply *reply, bool is_head_only);
void http_answer_free(HttpAnswer *answer);
/* The connection takes bytes. *ret_is_done: all of it is written. 0 or -1, as lws wants it. */
int http_answer_write(HttpAnswer *answer, bool *ret_is_done);

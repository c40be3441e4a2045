/* Bearer tokens of encoders and players (WHIP and WHEP): each lets one of them publish into, or
 * some watch, one meeting until it expires or is revoked. Held in memory; the store has a hash of
 * the secret only. Owned by Meetings. Main loop only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "signalling/codes.h"
#include "signalling/directory.h"
#include "signalling/dispatch.h"

typedef struct json_t json_t;

#define STREAM_TOKEN_GROUPS 8
#define STREAM_VIEW_DEFAULT (-1)

typedef struct StreamToken {
    int64_t id;
    char hash[CODE_HASH_SIZE];
    int64_t meeting;
    bool is_publisher;                  /* WHIP; a watcher, WHEP, otherwise */
    char name[LIMIT_NAME_BYTES + 1];    /* of the publisher's seat */
    char site[SITE_CODE_BYTES_MAX + 1]; /* whose name and tier the seat has; "": none */
    int view;                           /* of a watcher; STREAM_VIEW_DEFAULT */
    int64_t expires_ms;                 /* wall clock */
    char made_by[LIMIT_NAME_BYTES + 1];
} StreamToken;

typedef struct StreamTokens StreamTokens;

StreamTokens *stream_tokens_new(Server *server, GError **error);
void stream_tokens_free(StreamTokens *tokens);

/* By the secret as it was shown; NULL when it is unknown, revoked or expired. */
const StreamToken *stream_tokens_find(StreamTokens *tokens, const char *secret);
/* By its number, also expired; NULL when it is revoked. */
const StreamToken *stream_tokens_get(StreamTokens *tokens, int64_t id);
/* Copies `values` without id and hash; answers the request with stream (its number), token,
 * expires_ms and url once it is on disk. "limit" when there are too many. */
void stream_tokens_make(StreamTokens *tokens, const StreamToken *values, Request request);
/* Forgets it; `reply` when the disk has, too. */
void stream_tokens_revoke(StreamTokens *tokens, int64_t id, Request request);
/* Those of a meeting that has closed. */
void stream_tokens_drop(StreamTokens *tokens, int64_t meeting);
/* [{stream,role,name,site,view,expires_ms,made_by}] of the meeting; the caller owns it. */
json_t *stream_tokens_to_json(StreamTokens *tokens, int64_t meeting);

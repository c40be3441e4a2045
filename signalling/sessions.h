/* Login sessions: opaque 256-bit tokens in a cookie, known to the server by their hash only. They
 * end by logging out, after 12 idle hours, or after 7 days. In memory and in the store. Owned by
 * Users. Times are wall-clock milliseconds. Main loop only. */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

#include "signalling/client.h"
#include "signalling/codes.h"

typedef struct Store Store;
typedef struct Sessions Sessions;

#define SESSION_USER_BYTES_MAX 64
/* 256 bits in base64url, and the NUL. */
#define SESSION_TOKEN_SIZE 44
#define SESSION_IDLE_MS (INT64_C(12) * 3600 * 1000)
#define SESSION_MAX_MS (INT64_C(7) * 24 * 3600 * 1000)

typedef struct Session {
    char hash[CODE_HASH_SIZE]; /* its name inside the server */
    char user[SESSION_USER_BYTES_MAX + 1];
    ClientRole role;
    int64_t created_ms;
    int64_t seen_ms;
    int64_t saved_ms; /* the seen_ms of the store */
} Session;

/* Reads them from the store. */
Sessions *sessions_new(Store *store, GError **error);
void sessions_free(Sessions *sessions);

/* A new session; the least recently seen one ends when there are too many. */
const Session *sessions_open(Sessions *sessions, const char *user, ClientRole role, int64_t now_ms,
                             char ret_token[SESSION_TOKEN_SIZE]);
/* The session of a token, which is seen now; NULL when there is none or it has ended. */
const Session *sessions_find(Sessions *sessions, const char *token, int64_t now_ms);
void sessions_close(Sessions *sessions, const char *hash);
/* Removes what has ended; `on_ended` is told each hash. */
void sessions_expire(Sessions *sessions, int64_t now_ms,
                     void (*on_ended)(const char *hash, void *data), void *data);

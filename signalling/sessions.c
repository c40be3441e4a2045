#include "signalling/sessions.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "signalling/store.h"
#include "signalling/users.h"

#define TOKEN_BYTES 32
/* How exact the stored time has to be: the idle time after a restart. */
#define SAVE_EVERY_MS (INT64_C(10) * 60 * 1000)

struct Sessions {
    Store *store;
    GHashTable *by_hash; /* hash inside the session → Session *; owns them */
};

/* Case matters here, unlike in a code that is typed. */
static void hash_token(const char *token, char *ret_hash)
{
    uint8_t hash[32];
    crypto_generichash(hash, sizeof hash, (const uint8_t *)token, strlen(token), NULL, 0);
    sodium_bin2hex(ret_hash, CODE_HASH_SIZE, hash, sizeof hash);
}

static bool has_ended(const Session *session, int64_t now_ms)
{
    return now_ms - session->seen_ms > SESSION_IDLE_MS ||
           now_ms - session->created_ms > SESSION_MAX_MS;
}

static void load(Sessions *sessions, json_t *rows)
{
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        Session *session = g_new0(Session, 1);
        g_strlcpy(session->hash, json_string_value(json_object_get(row, "hash")),
                  sizeof session->hash);
        g_strlcpy(session->user, json_string_value(json_object_get(row, "user")),
                  sizeof session->user);
        session->role = role_from_text(json_string_value(json_object_get(row, "role")));
        session->created_ms = json_integer_value(json_object_get(row, "created_ms"));
        session->seen_ms = json_integer_value(json_object_get(row, "seen_ms"));
        session->saved_ms = session->seen_ms;
        g_hash_table_insert(sessions->by_hash, session->hash, session);
    }
}

Sessions *sessions_new(Store *store, GError **error)
{
    Problem problem;
    json_t *rows = store_query_now(store,
                                   "SELECT hash, user, role, sessions.created_ms, seen_ms "
                                   "FROM sessions JOIN users ON users.name = user",
                                   NULL, &problem);
    if (rows == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "the sessions cannot be read: %s",
                    problem.message);
        return NULL;
    }
    Sessions *sessions = g_new0(Sessions, 1);
    sessions->store = store;
    sessions->by_hash = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    load(sessions, rows);
    json_decref(rows);
    return sessions;
}

void sessions_free(Sessions *sessions)
{
    if (sessions == NULL) {
        return;
    }
    g_hash_table_unref(sessions->by_hash);
    g_free(sessions);
}

static void make_room(Sessions *sessions)
{
    if (g_hash_table_size(sessions->by_hash) < LIMIT_USER_SESSIONS) {
        return;
    }
    const Session *oldest = NULL;
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, sessions->by_hash);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Session *session = value;
        if (oldest == NULL || session->seen_ms < oldest->seen_ms) {
            oldest = session;
        }
    }
    if (oldest != NULL) {
        sessions_close(sessions, oldest->hash);
    }
}

const Session *sessions_open(Sessions *sessions, const char *user, ClientRole role, int64_t now_ms,
                             char ret_token[SESSION_TOKEN_SIZE])
{
    make_room(sessions);
    uint8_t bytes[TOKEN_BYTES];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(ret_token, SESSION_TOKEN_SIZE, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
    Session *session = g_new0(Session, 1);
    hash_token(ret_token, session->hash);
    g_strlcpy(session->user, user, sizeof session->user);
    session->role = role;
    session->created_ms = session->seen_ms = session->saved_ms = now_ms;
    g_hash_table_insert(sessions->by_hash, session->hash, session);
    store_query(sessions->store,
                "INSERT INTO sessions (hash, user, created_ms, seen_ms) VALUES (?, ?, ?, ?)",
                json_pack("[ssII]", session->hash, user, (json_int_t)now_ms, (json_int_t)now_ms),
                NULL, NULL);
    return session;
}

static void see(Sessions *sessions, Session *session, int64_t now_ms)
{
    session->seen_ms = MAX(session->seen_ms, now_ms);
    if (session->seen_ms - session->saved_ms < SAVE_EVERY_MS) {
        return;
    }
    session->saved_ms = session->seen_ms;
    store_query(sessions->store, "UPDATE sessions SET seen_ms = ? WHERE hash = ?",
                json_pack("[Is]", (json_int_t)session->seen_ms, session->hash), NULL, NULL);
}

const Session *sessions_find(Sessions *sessions, const char *token, int64_t now_ms)
{
    char hash[CODE_HASH_SIZE];
    hash_token(token, hash);
    Session *session = g_hash_table_lookup(sessions->by_hash, hash);
    if (session == NULL || has_ended(session, now_ms)) {
        return NULL;
    }
    see(sessions, session, now_ms);
    return session;
}

void sessions_close(Sessions *sessions, const char *hash)
{
    store_query(sessions->store, "DELETE FROM sessions WHERE hash = ?", json_pack("[s]", hash),
                NULL, NULL);
    g_hash_table_remove(sessions->by_hash, hash);
}

void sessions_expire(Sessions *sessions, int64_t now_ms,
                     void (*on_ended)(const char *hash, void *data), void *data)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, sessions->by_hash);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Session *session = value;
        if (!has_ended(session, now_ms)) {
            continue;
        }
        on_ended(session->hash, data);
        store_query(sessions->store, "DELETE FROM sessions WHERE hash = ?",
                    json_pack("[s]", session->hash), NULL, NULL);
        g_hash_table_iter_remove(&iter);
    }
}

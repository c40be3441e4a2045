#include "signalling/stream_tokens.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "signalling/audit.h"
#include "signalling/server.h"
#include "signalling/setup_link.h"
#include "signalling/store.h"

struct StreamTokens {
    Server *server;
    GHashTable *by_hash; /* hash, inside → StreamToken */
    int64_t last_id;
};

static int64_t wall_ms(void)
{
    return g_get_real_time() / 1000;
}

static const char *role_of(const StreamToken *token)
{
    return token->is_publisher ? "publish" : "watch";
}

/* ---- loading ---- */

static void load(StreamTokens *tokens, json_t *row)
{
    StreamToken *token = g_new0(StreamToken, 1);
    token->id = store_integer(row, "id");
    token->meeting = store_integer(row, "meeting");
    token->is_publisher = strcmp(store_text(row, "role"), "publish") == 0;
    token->expires_ms = store_integer(row, "expires_ms");
    json_t *view = json_object_get(row, "view");
    token->view = json_is_integer(view) ? (int)json_integer_value(view) : STREAM_VIEW_DEFAULT;
    g_strlcpy(token->hash, store_text(row, "hash"), sizeof token->hash);
    g_strlcpy(token->name, store_text(row, "name"), sizeof token->name);
    g_strlcpy(token->site, store_text(row, "site"), sizeof token->site);
    g_strlcpy(token->made_by, store_text(row, "made_by"), sizeof token->made_by);
    g_hash_table_replace(tokens->by_hash, token->hash, token);
}

/* Numbers are not used twice: a seat may still name an old one. */
static bool load_last_id(StreamTokens *tokens, Problem *problem)
{
    json_t *rows = store_query_now(tokens->server->store,
                                   "SELECT seq FROM sqlite_sequence WHERE name='stream_tokens'",
                                   NULL, problem);
    tokens->last_id = store_integer(json_array_get(rows, 0), "seq");
    json_decref(rows);
    return rows != NULL;
}

StreamTokens *stream_tokens_new(Server *server, GError **error)
{
    Problem problem = {0};
    StreamTokens *tokens = g_new0(StreamTokens, 1);
    tokens->server = server;
    tokens->by_hash = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    json_t *rows = store_query_now(
        server->store,
        "SELECT id, hash, meeting, role, name, site, view, expires_ms, made_by FROM stream_tokens",
        NULL, &problem);
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        load(tokens, row);
    }
    json_decref(rows);
    if (rows == NULL || !load_last_id(tokens, &problem)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "reading the stream tokens: %s",
                    problem.message);
        stream_tokens_free(tokens);
        return NULL;
    }
    return tokens;
}

void stream_tokens_free(StreamTokens *tokens)
{
    if (tokens == NULL) {
        return;
    }
    g_hash_table_unref(tokens->by_hash);
    g_free(tokens);
}

/* ---- asking ---- */

const StreamToken *stream_tokens_find(StreamTokens *tokens, const char *secret)
{
    char code[CODE_SIZE(STREAM_TOKEN_GROUPS)];
    char hash[CODE_HASH_SIZE];
    if (!code_read(secret, STREAM_TOKEN_GROUPS, code)) {
        return NULL;
    }
    code_hash(code, hash);
    const StreamToken *token = g_hash_table_lookup(tokens->by_hash, hash);
    return token != NULL && token->expires_ms > wall_ms() ? token : NULL;
}

static StreamToken *find_id(StreamTokens *tokens, int64_t id)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, tokens->by_hash);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        if (((StreamToken *)value)->id == id) {
            return value;
        }
    }
    return NULL;
}

const StreamToken *stream_tokens_get(StreamTokens *tokens, int64_t id)
{
    return find_id(tokens, id);
}

static int compare_ids(const void *a, const void *b)
{
    const StreamToken *first = *(StreamToken *const *)a;
    const StreamToken *second = *(StreamToken *const *)b;
    return (first->id > second->id) - (first->id < second->id);
}

static json_t *token_to_json(const StreamToken *token)
{
    return json_pack("{s:I, s:s, s:s, s:s?, s:o, s:I, s:s}", "stream", (json_int_t)token->id,
                     "role", role_of(token), "name", token->name, "site",
                     token->site[0] != '\0' ? token->site : NULL, "view",
                     token->view >= 0 ? json_integer(token->view) : json_null(), "expires_ms",
                     (json_int_t)token->expires_ms, "made_by", token->made_by);
}

json_t *stream_tokens_to_json(StreamTokens *tokens, int64_t meeting)
{
    json_t *list = json_array();
    guint count = 0;
    g_autofree gpointer *hashes = g_hash_table_get_keys_as_array(tokens->by_hash, &count);
    for (guint i = 0; i < count; i++) {
        hashes[i] = g_hash_table_lookup(tokens->by_hash, hashes[i]);
    }
    qsort(hashes, count, sizeof *hashes, compare_ids);
    for (guint i = 0; i < count; i++) {
        const StreamToken *token = hashes[i];
        if (token->meeting == meeting) {
            json_array_append_new(list, token_to_json(token));
        }
    }
    return list;
}

/* ---- making and revoking ---- */

typedef struct Asked {
    StreamTokens *tokens;
    Request request;
    StreamToken token;
    char secret[CODE_SIZE(STREAM_TOKEN_GROUPS)];
} Asked;

static void on_stored(json_t *rows, const Problem *problem, void *data)
{
    Asked *asked = data;
    const StreamToken *token = &asked->token;
    Server *server = asked->tokens->server;
    if (problem != NULL) {
        request_fail(server, asked->request, problem);
    } else {
        g_auto(GStrv) urls = setup_link_urls(server->config);
        StreamToken *kept = g_memdup2(token, sizeof *token);
        g_hash_table_replace(asked->tokens->by_hash, kept->hash, kept);
        request_ok(server, asked->request,
                   json_pack("{s:I, s:s, s:I, s:o}", "stream", (json_int_t)token->id, "token",
                             asked->secret, "expires_ms", (json_int_t)token->expires_ms, "url",
                             json_sprintf("%s/%s/%" G_GINT64_FORMAT, urls[0],
                                          token->is_publisher ? "whip" : "whep", token->meeting)));
    }
    sodium_memzero(asked, sizeof *asked);
    g_free(asked);
}

static json_t *insert_statement(const StreamToken *token)
{
    return json_pack(
        "[s, [I, s, I, s, s, s?, o, I, s]]",
        "INSERT INTO stream_tokens(id, hash, meeting, role, name, site, view, expires_ms, made_by) "
        "VALUES(?,?,?,?,?,?,?,?,?)",
        (json_int_t)token->id, token->hash, (json_int_t)token->meeting, role_of(token), token->name,
        token->site[0] != '\0' ? token->site : NULL,
        token->view >= 0 ? json_integer(token->view) : json_null(), (json_int_t)token->expires_ms,
        token->made_by);
}

static gboolean is_expired(gpointer hash, gpointer token, gpointer now_ms)
{
    return ((StreamToken *)token)->expires_ms <= *(int64_t *)now_ms;
}

void stream_tokens_make(StreamTokens *tokens, const StreamToken *values, Request request)
{
    Problem problem;
    int64_t now_ms = wall_ms();
    g_hash_table_foreach_remove(tokens->by_hash, is_expired, &now_ms);
    if (g_hash_table_size(tokens->by_hash) >= LIMIT_STREAM_TOKENS) {
        problem_set(&problem, "limit", "", "there are %d tokens; revoke some", LIMIT_STREAM_TOKENS);
        request_fail(tokens->server, request, &problem);
        return;
    }
    Asked *asked = g_new0(Asked, 1);
    *asked = (Asked){.tokens = tokens, .request = request, .token = *values};
    asked->token.id = ++tokens->last_id;
    code_make(STREAM_TOKEN_GROUPS, asked->secret);
    code_hash(asked->secret, asked->token.hash);
    audit(tokens->server, values->made_by, "stream.token", role_of(values), "ok");
    json_t *statements =
        json_pack("[[s, [I]], o]", "DELETE FROM stream_tokens WHERE expires_ms <= ?",
                  (json_int_t)now_ms, insert_statement(&asked->token));
    store_transaction(tokens->server->store, statements, on_stored, asked);
}

typedef struct Revoking {
    Server *server;
    Request request;
} Revoking;

static void on_revoked(json_t *rows, const Problem *problem, void *data)
{
    g_autofree Revoking *revoking = data;
    if (problem != NULL) {
        request_fail(revoking->server, revoking->request, problem);
    } else {
        request_ok(revoking->server, revoking->request, NULL);
    }
}

void stream_tokens_revoke(StreamTokens *tokens, int64_t id, Request request)
{
    StreamToken *token = find_id(tokens, id);
    if (token != NULL) {
        g_hash_table_remove(tokens->by_hash, token->hash);
    }
    Revoking *revoking = g_new(Revoking, 1);
    *revoking = (Revoking){.server = tokens->server, .request = request};
    store_query(tokens->server->store, "DELETE FROM stream_tokens WHERE id=?",
                json_pack("[I]", (json_int_t)id), on_revoked, revoking);
}

static gboolean is_of_meeting(gpointer hash, gpointer token, gpointer meeting)
{
    return ((StreamToken *)token)->meeting == *(int64_t *)meeting;
}

void stream_tokens_drop(StreamTokens *tokens, int64_t meeting)
{
    g_hash_table_foreach_remove(tokens->by_hash, is_of_meeting, &meeting);
    store_query(tokens->server->store, "DELETE FROM stream_tokens WHERE meeting=?",
                json_pack("[I]", (json_int_t)meeting), NULL, NULL);
}

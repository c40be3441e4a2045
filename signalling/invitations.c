#include "signalling/invitations.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "signalling/config.h"
#include "signalling/directory.h"
#include "signalling/invitation_letter.h"
#include "signalling/mailer.h"
#include "signalling/plan.h"
#include "signalling/setup_link.h"

/* 128 bits of a keyed hash: nobody guesses one. */
#define SIGNATURE_BYTES 16
#define UID_BYTES 12

struct Invitations {
    Server *server;
    Mailer *mailer;
    uint8_t key[crypto_generichash_KEYBYTES];
};

static const char *const select_due =
    "SELECT i.id, i.site, i.email, i.state, v.uid, v.sequence FROM invitations i JOIN invited v ON "
    "v.booking=i.booking WHERE i.booking=? AND i.state IN ('queued', 'cancelling') ORDER BY i.id";

/* ---- links ---- */

static void sign(const Invitations *invitations, int64_t id, char *ret_hex)
{
    uint8_t hash[crypto_generichash_BYTES];
    crypto_generichash(hash, sizeof hash, (const uint8_t *)&id, sizeof id, invitations->key,
                       sizeof invitations->key);
    sodium_bin2hex(ret_hex, SIGNATURE_BYTES * 2 + 1, hash, SIGNATURE_BYTES);
}

static void make_token(const Invitations *invitations, int64_t id,
                       char ret_token[INVITATION_TOKEN_SIZE])
{
    char hex[SIGNATURE_BYTES * 2 + 1];
    sign(invitations, id, hex);
    g_snprintf(ret_token, INVITATION_TOKEN_SIZE, "%" G_GINT64_FORMAT ".%s", id, hex);
}

int64_t invitations_read_token(const Invitations *invitations, const char *token)
{
    char right[INVITATION_TOKEN_SIZE];
    int64_t id = g_ascii_strtoll(token, NULL, 10);
    make_token(invitations, id, right);
    size_t size = strlen(right);
    bool is_ours = id > 0 && strlen(token) == size && sodium_memcmp(token, right, size) == 0;
    return is_ours ? id : 0;
}

static char *make_link(const Invitations *invitations, int64_t id)
{
    char token[INVITATION_TOKEN_SIZE];
    const Config *config = invitations->server->config;
    make_token(invitations, id, token);
    g_auto(GStrv) urls = setup_link_urls(config);
    const char *base = config->mail_link[0] != '\0' ? config->mail_link : urls[0];
    bool has_slash = g_str_has_suffix(base, "/");
    return g_strdup_printf("%s%sinvitation/%s", base, has_slash ? "" : "/", token);
}

/* ---- letters ---- */

static void announce(Invitations *invitations, int64_t booking)
{
    clients_broadcast(invitations->server->clients, json_pack("{s:s, s:I}", "type", "invitation",
                                                              "schedule", (json_int_t)booking));
}

static void on_noted(json_t *rows, const Problem *problem, void *data)
{
    if (json_array_size(rows) > 0) {
        announce(data, store_integer(json_array_get(rows, 0), "booking"));
    }
}

static void on_report(int64_t id, MailResult result, const char *reason, void *data)
{
    static const char *const sql[] = {
        [MAIL_SENT] = "UPDATE invitations SET state=CASE state WHEN 'cancelling' THEN 'cancelled' "
                      "ELSE 'sent' END, detail=?, sent_ms=? WHERE id=? RETURNING booking",
        [MAIL_DELAYED] = "UPDATE invitations SET detail=?, sent_ms=? WHERE id=? RETURNING booking",
        [MAIL_FAILED] = "UPDATE invitations SET state='failed', detail=?, sent_ms=? WHERE id=? "
                        "RETURNING booking",
    };
    Invitations *invitations = data;
    bool is_sent = result == MAIL_SENT;
    store_query(invitations->server->store, sql[result],
                json_pack("[o, o, I]", is_sent ? json_null() : json_string(reason),
                          is_sent ? json_integer(g_get_real_time() / 1000) : json_null(),
                          (json_int_t)id),
                on_noted, invitations);
}

/* One booking on its way to its letters. */
typedef struct Sending {
    Invitations *invitations;
    Booking booking; /* a copy with a reference to the plan */
    Request request;
    bool is_asked; /* somebody waits for the answer */
} Sending;

static Sending *sending_new(Invitations *invitations, const Booking *booking)
{
    Sending *sending = g_new0(Sending, 1);
    sending->invitations = invitations;
    sending->booking = *booking;
    json_incref(sending->booking.plan);
    return sending;
}

static void sending_free(Sending *sending)
{
    json_decref(sending->booking.plan);
    g_free(sending);
}

static void post_letter(const Sending *sending, json_t *row)
{
    Invitations *invitations = sending->invitations;
    const Booking *booking = &sending->booking;
    const char *code = store_text(row, "site");
    const Site *site = directory_find(invitations->server->directory, code);
    int64_t id = store_integer(row, "id");
    g_autofree char *link = make_link(invitations, id);
    Letter letter = {.uid = store_text(row, "uid"),
                     .sequence = (int)store_integer(row, "sequence"),
                     .is_cancelled = strcmp(store_text(row, "state"), "cancelling") == 0,
                     .start_ms = booking->start_ms,
                     .minutes = booking->minutes,
                     .is_weekly = booking->is_weekly,
                     .plan = booking->plan,
                     .site_name = site != NULL ? site->name : code,
                     .to = store_text(row, "email"),
                     .from = invitations->server->config->mail_from,
                     .link = link};
    Problem problem;
    g_autofree char *message = letter_write(&letter);
    if (!mailer_post(invitations->mailer, id, letter.to, message, &problem)) {
        on_report(id, MAIL_FAILED, problem.message, invitations);
    }
}

static void on_due(json_t *rows, const Problem *problem, void *data)
{
    Sending *sending = data;
    Server *server = sending->invitations->server;
    size_t queued = 0;
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        post_letter(sending, row);
        queued += strcmp(store_text(row, "state"), "queued") == 0;
    }
    if (sending->is_asked && problem != NULL) {
        request_fail(server, sending->request, problem);
    } else if (sending->is_asked) {
        size_t all = json_array_size(plan_sites(sending->booking.plan));
        request_ok(server, sending->request,
                   json_pack("{s:i, s:i}", "queued", (int)queued, "without", (int)(all - queued)));
    }
    if (problem == NULL) {
        log_info("invitations.posted", "schedule=%" G_GINT64_FORMAT " letters=%zu",
                 sending->booking.id, json_array_size(rows));
        announce(sending->invitations, sending->booking.id);
    }
    sending_free(sending);
}

/* Takes over `sending`. */
static void send_all(Sending *sending)
{
    uint8_t random[UID_BYTES];
    char uid[UID_BYTES * 2 + 1];
    json_int_t id = (json_int_t)sending->booking.id;
    char *sites = json_dumps(plan_sites(sending->booking.plan), JSON_COMPACT);
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(uid, sizeof uid, random, sizeof random);
    g_autofree char *whole_uid = g_strdup_printf("%s@diemcau", uid);
    json_t *statements = json_pack(
        "[[s, [I, s]], [s, [I, s]], [s, [I, s]], [s, [I]]]",
        "INSERT INTO invited(booking, uid, sequence) VALUES(?,?,0) ON CONFLICT(booking) DO UPDATE "
        "SET sequence=sequence+1",
        id, whole_uid,
        "INSERT INTO invitations(booking, site, email, state) SELECT ?, site, email, 'queued' FROM "
        "contacts WHERE site IN (SELECT value FROM json_each(?)) ON CONFLICT(booking, site) DO "
        "UPDATE SET email=excluded.email, state='queued', detail=NULL",
        id, sites,
        "UPDATE invitations SET state='cancelling' WHERE booking=? AND state<>'cancelled' AND "
        "site NOT IN (SELECT value FROM json_each(?))",
        id, sites, select_due, id);
    free(sites);
    store_transaction(sending->invitations->server->store, statements, on_due, sending);
}

void invitations_send(Invitations *invitations, const Booking *booking, Request request)
{
    Problem problem;
    if (!mailer_is_possible(invitations->mailer)) {
        problem_set(&problem, "unavailable", "", "there is no mail server: set mail.url");
        request_fail(invitations->server, request, &problem);
        return;
    }
    Sending *sending = sending_new(invitations, booking);
    sending->request = request;
    sending->is_asked = true;
    send_all(sending);
}

static void on_invited(json_t *rows, const Problem *problem, void *data)
{
    Sending *sending = data;
    if (json_array_size(rows) > 0) {
        send_all(sending);
    } else {
        sending_free(sending);
    }
}

void invitations_on_changed(Invitations *invitations, const Booking *booking)
{
    store_query(invitations->server->store, "SELECT booking FROM invited WHERE booking=?",
                json_pack("[I]", (json_int_t)booking->id), on_invited,
                sending_new(invitations, booking));
}

void invitations_on_removed(Invitations *invitations, const Booking *booking)
{
    json_int_t id = (json_int_t)booking->id;
    json_t *statements = json_pack(
        "[[s, [I]], [s, [I]], [s, [I]]]", "UPDATE invited SET sequence=sequence+1 WHERE booking=?",
        id, "UPDATE invitations SET state='cancelling' WHERE booking=? AND state<>'cancelled'", id,
        select_due, id);
    store_transaction(invitations->server->store, statements, on_due,
                      sending_new(invitations, booking));
}

/* ---- what is known of them ---- */

typedef struct Asking {
    Server *server;
    Request request;
} Asking;

static void on_list(json_t *rows, const Problem *problem, void *data)
{
    g_autofree Asking *asking = data;
    if (problem != NULL) {
        request_fail(asking->server, asking->request, problem);
    } else {
        request_ok(asking->server, asking->request, json_pack("{s:O}", "invitations", rows));
    }
}

void invitations_list(Invitations *invitations, int64_t booking, Request request)
{
    Asking *asking = g_new(Asking, 1);
    *asking = (Asking){invitations->server, request};
    store_query(invitations->server->store,
                "SELECT site, email, state, detail, sent_ms, answer, names, answered_ms FROM "
                "invitations WHERE booking=? ORDER BY id",
                json_pack("[I]", (json_int_t)booking), on_list, asking);
}

void invitations_find(Invitations *invitations, int64_t id, StoreReply reply, void *data)
{
    store_query(invitations->server->store,
                "SELECT booking, site, state, answer, names FROM invitations WHERE id=?",
                json_pack("[I]", (json_int_t)id), reply, data);
}

void invitations_answer(Invitations *invitations, int64_t id, bool is_accepted, const char *names,
                        StoreReply reply, void *data)
{
    store_query(invitations->server->store,
                "UPDATE invitations SET answer=?, names=?, answered_ms=? WHERE id=? RETURNING "
                "booking",
                json_pack("[s, s, I, I]", is_accepted ? "accepted" : "declined", names,
                          (json_int_t)(g_get_real_time() / 1000), (json_int_t)id),
                on_noted, invitations);
    invitations_find(invitations, id, reply, data);
}

/* ---- opening and closing ---- */

static bool load_key(Invitations *invitations, Problem *problem)
{
    char hex[sizeof invitations->key * 2 + 1];
    json_t *rows = store_query_now(invitations->server->store, "SELECT key FROM invitation_key",
                                   NULL, problem);
    const char *kept = store_text(json_array_get(rows, 0), "key");
    bool is_kept = sodium_hex2bin(invitations->key, sizeof invitations->key, kept, strlen(kept),
                                  NULL, NULL, NULL) == 0 &&
                   strlen(kept) == sizeof hex - 1;
    bool is_read = rows != NULL;
    json_decref(rows);
    if (!is_read || is_kept) {
        return is_read;
    }
    randombytes_buf(invitations->key, sizeof invitations->key);
    sodium_bin2hex(hex, sizeof hex, invitations->key, sizeof invitations->key);
    rows = store_query_now(invitations->server->store, "INSERT INTO invitation_key(key) VALUES(?)",
                           json_pack("[s]", hex), problem);
    json_decref(rows);
    return rows != NULL;
}

/* Letters that waited when the server ended are gone: that is to be seen. */
static void note_lost(Invitations *invitations)
{
    store_query(invitations->server->store,
                "UPDATE invitations SET state='failed', detail='the server was restarted' WHERE "
                "state IN ('queued', 'cancelling')",
                NULL, NULL, NULL);
}

Invitations *invitations_new(Server *server, GError **error)
{
    Problem problem = {0};
    Invitations *invitations = g_new0(Invitations, 1);
    invitations->server = server;
    if (!load_key(invitations, &problem)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "reading the invitations: %s",
                    problem.message);
        invitations_free(invitations);
        return NULL;
    }
    note_lost(invitations);
    invitations->mailer = mailer_new(server->config, on_report, invitations);
    return invitations;
}

void invitations_free(Invitations *invitations)
{
    if (invitations != NULL) {
        mailer_free(invitations->mailer);
        sodium_memzero(invitations->key, sizeof invitations->key);
        g_free(invitations);
    }
}

/* Two associations in one process over a pair of queues, on a fake clock: monotonic time through
 * the linker's --wrap, the wall clock that OpenSSL reads by defining gettimeofday here. */
#include "bridge/rtc/dtls.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/time.h>

#include "bridge/base/clock.h"

static int64_t fake_us = 1000000000;

int64_t __wrap_clock_now_us(void);
int64_t __wrap_clock_now_us(void)
{
    return fake_us;
}

int gettimeofday(struct timeval *restrict ret_time, void *restrict zone)
{
    ret_time->tv_sec = fake_us / 1000000;
    ret_time->tv_usec = fake_us % 1000000;
    return 0;
}

enum { QUEUE_DATAGRAMS = 64 };

typedef struct Datagram {
    size_t size;
    uint8_t bytes[DTLS_MTU];
} Datagram;

typedef struct Queue {
    size_t count;
    size_t sent;        /* since the beginning */
    uint32_t lost_mask; /* bit n: the nth datagram sent is lost */
    bool doubled;
    bool reversed;
    Datagram datagrams[QUEUE_DATAGRAMS];
} Queue;

static void queue_put(const uint8_t *bytes, size_t size, void *data)
{
    Queue *queue = data;
    cr_assert_leq(size, DTLS_MTU);
    bool lost = queue->sent < 32 && (queue->lost_mask >> queue->sent & 1) != 0;
    queue->sent++;
    for (int i = 0; !lost && i < (queue->doubled ? 2 : 1); i++) {
        cr_assert_lt(queue->count, QUEUE_DATAGRAMS);
        queue->datagrams[queue->count].size = size;
        memcpy(queue->datagrams[queue->count++].bytes, bytes, size);
    }
}

static void queue_deliver(Queue *queue, Dtls *to)
{
    Queue taken = *queue;
    queue->count = 0;
    for (size_t i = 0; i < taken.count; i++) {
        size_t at = taken.reversed ? taken.count - 1 - i : i;
        dtls_receive(to, taken.datagrams[at].bytes, taken.datagrams[at].size);
    }
}

typedef struct Stage {
    DtlsIdentity *server_identity, *client_identity;
    Dtls *server, *client;
    Queue to_server, to_client;
} Stage;

typedef struct Cast {
    const char *fingerprint_of_client; /* NULL: the true one */
    const char *fingerprint_of_server;
} Cast;

static Dtls *open_association(DtlsIdentity *identity, DtlsRole role, const char *fingerprint,
                              Queue *out)
{
    g_autoptr(GError) error = NULL;
    DtlsOptions options = {.role = role,
                           .fingerprint_hash = "sha-256",
                           .fingerprint = fingerprint,
                           .send = queue_put,
                           .data = out};
    Dtls *dtls = dtls_new(identity, &options, &error);
    cr_assert_not_null(dtls);
    return dtls;
}

static Stage *stage_new(Cast cast)
{
    Stage *stage = g_new0(Stage, 1);
    stage->server_identity = dtls_identity_new(NULL);
    stage->client_identity = dtls_identity_new(NULL);
    const char *of_client = cast.fingerprint_of_client;
    const char *of_server = cast.fingerprint_of_server;
    stage->server = open_association(
        stage->server_identity, DTLS_PASSIVE,
        of_client == NULL ? dtls_identity_fingerprint(stage->client_identity) : of_client,
        &stage->to_client);
    stage->client = open_association(
        stage->client_identity, DTLS_ACTIVE,
        of_server == NULL ? dtls_identity_fingerprint(stage->server_identity) : of_server,
        &stage->to_server);
    return stage;
}

static void stage_free(Stage *stage)
{
    dtls_free(stage->server);
    dtls_free(stage->client);
    dtls_identity_free(stage->server_identity);
    dtls_identity_free(stage->client_identity);
    g_free(stage);
}

static void exchange(Stage *stage)
{
    while (stage->to_server.count + stage->to_client.count > 0) {
        queue_deliver(&stage->to_server, stage->server);
        queue_deliver(&stage->to_client, stage->client);
    }
}

/* Moves time to the next timer; false when there is none. */
static bool pass_time(Stage *stage)
{
    int64_t server_us = dtls_deadline_us(stage->server);
    int64_t client_us = dtls_deadline_us(stage->client);
    if (server_us < 0 && client_us < 0) {
        return false;
    }
    fake_us = server_us < 0 || (client_us >= 0 && client_us < server_us) ? client_us : server_us;
    if (client_us == fake_us) {
        dtls_on_timer(stage->client);
    }
    if (server_us == fake_us) {
        dtls_on_timer(stage->server);
    }
    return true;
}

static void run(Stage *stage)
{
    dtls_start(stage->client);
    do {
        exchange(stage);
    } while (pass_time(stage));
}

static void assert_connected(Stage *stage)
{
    cr_assert_eq(dtls_state(stage->server), DTLS_STATE_CONNECTED, "%s",
                 dtls_failure(stage->server));
    cr_assert_eq(dtls_state(stage->client), DTLS_STATE_CONNECTED, "%s",
                 dtls_failure(stage->client));
    SrtpKeys server, client;
    cr_assert(dtls_get_keys(stage->server, &server));
    cr_assert(dtls_get_keys(stage->client, &client));
    cr_assert_eq(server.profile, SRTP_PROFILE_AEAD_AES_128_GCM);
    cr_assert_eq(server.size, 28);
    cr_assert_eq(memcmp(server.local, client.remote, 28), 0);
    cr_assert_eq(memcmp(server.remote, client.local, 28), 0);
    cr_assert_neq(memcmp(server.local, server.remote, 28), 0);
}

Test(dtls, connects_and_gives_both_sides_the_same_keys)
{
    Stage *stage = stage_new((Cast){0});
    int64_t began_us = fake_us;
    run(stage);
    assert_connected(stage);
    cr_assert_eq(fake_us, began_us, "nothing was retransmitted");
    cr_assert_eq(dtls_deadline_us(stage->server), -1);
    cr_assert_eq(dtls_deadline_us(stage->client), -1);
    cr_assert_str_empty(dtls_failure(stage->server));
    stage_free(stage);
}

Test(dtls, its_keys_carry_media)
{
    Stage *stage = stage_new((Cast){0});
    run(stage);
    SrtpKeys server, client;
    dtls_get_keys(stage->server, &server);
    dtls_get_keys(stage->client, &client);
    SrtpContext *here = srtp_context_new(&server, NULL);
    SrtpContext *there = srtp_context_new(&client, NULL);
    uint8_t packet[256] = {0x80, 96, 0, 1};
    size_t size = 20;
    cr_assert_eq(srtp_context_protect(here, packet, &size, sizeof packet), SRTP_VERDICT_OK);
    cr_assert_eq(srtp_context_unprotect(there, packet, &size), SRTP_VERDICT_OK);
    srtp_context_free(here);
    srtp_context_free(there);
    stage_free(stage);
}

/* Every loss of one or two of the first datagrams, in each direction. */
Test(dtls, survives_the_loss_of_any_early_datagrams)
{
    for (uint32_t lost = 1; lost < 64; lost++) {
        Stage *stage = stage_new((Cast){0});
        stage->to_server.lost_mask = lost & 7;
        stage->to_client.lost_mask = lost >> 3;
        int64_t began_us = fake_us;
        run(stage);
        assert_connected(stage);
        cr_assert_leq(fake_us - began_us, 6000000, "losses %u", lost);
        stage_free(stage);
    }
}

Test(dtls, retransmits_first_after_100_ms)
{
    Stage *stage = stage_new((Cast){0});
    int64_t began_us = fake_us;
    dtls_start(stage->client);
    cr_assert_eq(dtls_deadline_us(stage->client), began_us + 100000);
    stage->to_server.count = 0;
    fake_us += 100000;
    dtls_on_timer(stage->client);
    cr_assert_eq(stage->to_server.count, 1);
    cr_assert_eq(dtls_deadline_us(stage->client), began_us + 300000);
    stage_free(stage);
}

Test(dtls, survives_duplication)
{
    Stage *stage = stage_new((Cast){0});
    stage->to_server.doubled = stage->to_client.doubled = true;
    run(stage);
    assert_connected(stage);
    stage_free(stage);
}

Test(dtls, survives_reordering)
{
    Stage *stage = stage_new((Cast){0});
    stage->to_server.reversed = stage->to_client.reversed = true;
    stage->to_server.doubled = stage->to_client.doubled = true;
    run(stage);
    assert_connected(stage);
    stage_free(stage);
}

Test(dtls, gives_up_after_15_s)
{
    Stage *stage = stage_new((Cast){0});
    stage->to_server.lost_mask = UINT32_MAX;
    int64_t began_us = fake_us;
    run(stage);
    cr_assert_eq(dtls_state(stage->client), DTLS_STATE_FAILED);
    cr_assert_str_not_empty(dtls_failure(stage->client));
    cr_assert_leq(fake_us - began_us, 15000000);
    cr_assert_geq(fake_us - began_us, 14000000);
    cr_assert_eq(dtls_deadline_us(stage->client), -1);
    stage_free(stage);
}

Test(dtls, gives_up_on_a_peer_that_stops_half_way)
{
    Stage *stage = stage_new((Cast){0});
    dtls_start(stage->client);
    queue_deliver(&stage->to_server, stage->server);
    int64_t began_us = fake_us;
    while (dtls_deadline_us(stage->server) >= 0) {
        fake_us = dtls_deadline_us(stage->server);
        dtls_on_timer(stage->server);
        stage->to_client.count = 0;
    }
    cr_assert_eq(dtls_state(stage->server), DTLS_STATE_FAILED);
    cr_assert_leq(fake_us - began_us, 15000000);
    stage_free(stage);
}

Test(dtls, the_passive_side_waits_without_a_timer)
{
    Stage *stage = stage_new((Cast){0});
    dtls_start(stage->server);
    cr_assert_eq(dtls_deadline_us(stage->server), -1);
    cr_assert_eq(stage->to_client.sent, 0);
    stage_free(stage);
}

#define WRONG                                                                                      \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:"   \
    "EE:FF"

Test(dtls, the_passive_side_refuses_another_certificate)
{
    Stage *stage = stage_new((Cast){.fingerprint_of_client = WRONG});
    run(stage);
    SrtpKeys keys;
    cr_assert_eq(dtls_state(stage->server), DTLS_STATE_FAILED);
    cr_assert_str_eq(dtls_failure(stage->server), "the certificate does not match the fingerprint");
    cr_assert_not(dtls_get_keys(stage->server, &keys));
    cr_assert_eq(dtls_state(stage->client), DTLS_STATE_CLOSED, "and says so");
    stage_free(stage);
}

Test(dtls, the_active_side_refuses_another_certificate)
{
    Stage *stage = stage_new((Cast){.fingerprint_of_server = WRONG});
    run(stage);
    SrtpKeys keys;
    cr_assert_eq(dtls_state(stage->client), DTLS_STATE_FAILED);
    cr_assert_str_eq(dtls_failure(stage->client), "the certificate does not match the fingerprint");
    cr_assert_not(dtls_get_keys(stage->client, &keys));
    cr_assert_eq(dtls_state(stage->server), DTLS_STATE_CLOSED, "and says so");
    stage_free(stage);
}

Test(dtls, a_refused_peer_stays_refused)
{
    Stage *stage = stage_new((Cast){.fingerprint_of_client = WRONG});
    run(stage);
    Dtls *again =
        open_association(stage->client_identity, DTLS_ACTIVE,
                         dtls_identity_fingerprint(stage->server_identity), &stage->to_server);
    dtls_start(again);
    queue_deliver(&stage->to_server, stage->server);
    cr_assert_eq(dtls_state(stage->server), DTLS_STATE_FAILED);
    dtls_free(again);
    stage_free(stage);
}

Test(dtls, gives_no_keys_before_it_is_connected)
{
    Stage *stage = stage_new((Cast){0});
    SrtpKeys keys;
    dtls_start(stage->client);
    cr_assert_not(dtls_get_keys(stage->client, &keys));
    queue_deliver(&stage->to_server, stage->server);
    cr_assert_not(dtls_get_keys(stage->server, &keys));
    stage_free(stage);
}

static void assert_unharmed(Stage *stage, const SrtpKeys *before)
{
    SrtpKeys after;
    cr_assert_eq(dtls_state(stage->server), DTLS_STATE_CONNECTED);
    cr_assert(dtls_get_keys(stage->server, &after));
    cr_assert_eq(memcmp(before->local, after.local, after.size), 0);
    cr_assert_eq(memcmp(before->remote, after.remote, after.size), 0);
}

Test(dtls, an_established_association_survives_garbage)
{
    Stage *stage = stage_new((Cast){0});
    run(stage);
    SrtpKeys keys;
    dtls_get_keys(stage->server, &keys);
    GRand *random = g_rand_new_with_seed(1);
    for (int i = 0; i < 5000; i++) {
        uint8_t bytes[200];
        for (size_t at = 0; at < sizeof bytes; at++) {
            bytes[at] = (uint8_t)g_rand_int(random);
        }
        bytes[0] = (uint8_t)g_rand_int_range(random, 20, 64);
        if (i % 2 == 0) {
            /* A plausible header: version, epoch 0 or 1, and the right length. */
            memcpy(bytes + 1, (const uint8_t[]){0xfe, 0xfd, 0, (uint8_t)(i / 2 % 2)}, 4);
            bytes[11] = 0;
            bytes[12] = sizeof bytes - 13;
        }
        dtls_receive(stage->server, bytes, (size_t)g_rand_int_range(random, 0, sizeof bytes + 1));
        assert_unharmed(stage, &keys);
    }
    g_rand_free(random);
    dtls_close(stage->client);
    exchange(stage);
    cr_assert_eq(dtls_state(stage->server), DTLS_STATE_CLOSED, "it still hears its true peer");
    stage_free(stage);
}

Test(dtls, an_established_association_survives_a_stray_client_hello)
{
    Stage *stage = stage_new((Cast){0});
    run(stage);
    SrtpKeys keys;
    dtls_get_keys(stage->server, &keys);
    DtlsIdentity *stranger = dtls_identity_new(NULL);
    Dtls *attacker =
        open_association(stranger, DTLS_ACTIVE, dtls_identity_fingerprint(stage->server_identity),
                         &stage->to_server);
    dtls_start(attacker);
    cr_assert_gt(stage->to_server.count, 0);
    queue_deliver(&stage->to_server, stage->server);
    assert_unharmed(stage, &keys);
    dtls_free(attacker);
    dtls_identity_free(stranger);
    stage_free(stage);
}

Test(dtls, an_established_association_survives_alerts_that_do_not_authenticate)
{
    Stage *stage = stage_new((Cast){0});
    run(stage);
    SrtpKeys keys;
    dtls_get_keys(stage->server, &keys);
    for (int epoch = 0; epoch < 3; epoch++) {
        for (int description = 0; description < 120; description++) {
            uint8_t alert[] = {21,
                               0xfe,
                               0xfd,
                               0,
                               (uint8_t)epoch,
                               0,
                               0,
                               0,
                               0,
                               0,
                               99,
                               0,
                               2,
                               (uint8_t)(1 + description % 2),
                               (uint8_t)description};
            dtls_receive(stage->server, alert, sizeof alert);
            assert_unharmed(stage, &keys);
        }
    }
    stage_free(stage);
}

Test(dtls, ignores_what_is_no_record_or_no_datagram)
{
    Stage *stage = stage_new((Cast){0});
    uint8_t bytes[2000] = {22, 0xfe, 0xfd};
    dtls_receive(stage->server, bytes, 12);
    dtls_receive(stage->server, bytes, sizeof bytes);
    dtls_receive(stage->server, bytes, 0);
    bytes[0] = 64;
    dtls_receive(stage->server, bytes, 100);
    cr_assert_eq(dtls_deadline_us(stage->server), -1, "nothing has begun");
    run(stage);
    assert_connected(stage);
    stage_free(stage);
}

Test(dtls, half_a_record_does_not_spoil_the_next_datagram)
{
    Stage *stage = stage_new((Cast){0});
    dtls_start(stage->client);
    Datagram *hello = &stage->to_server.datagrams[0];
    dtls_receive(stage->server, hello->bytes, hello->size / 2);
    cr_assert_eq(dtls_state(stage->server), DTLS_STATE_HANDSHAKING);
    exchange(stage);
    run(stage);
    assert_connected(stage);
    stage_free(stage);
}

Test(dtls, the_client_repeats_its_last_flight_when_the_answer_was_lost)
{
    Stage *stage = stage_new((Cast){0});
    dtls_start(stage->client);
    queue_deliver(&stage->to_server, stage->server);
    queue_deliver(&stage->to_client, stage->client);
    queue_deliver(&stage->to_server, stage->server);
    cr_assert_eq(dtls_state(stage->server), DTLS_STATE_CONNECTED);
    stage->to_client.count = 0; /* the server's Finished is lost */
    run(stage);
    assert_connected(stage);
    stage_free(stage);
}

Test(dtls, close_notify_closes_both_sides)
{
    Stage *stage = stage_new((Cast){0});
    run(stage);
    dtls_close(stage->server);
    cr_assert_eq(dtls_state(stage->server), DTLS_STATE_CLOSED);
    exchange(stage);
    cr_assert_eq(dtls_state(stage->client), DTLS_STATE_CLOSED);
    SrtpKeys keys;
    cr_assert_not(dtls_get_keys(stage->client, &keys));
    dtls_close(stage->client);
    stage_free(stage);
}

Test(dtls, refuses_a_fingerprint_it_cannot_use)
{
    DtlsIdentity *identity = dtls_identity_new(NULL);
    static const struct {
        const char *hash, *fingerprint;
    } cases[] = {
        {"sha-1", WRONG},       {"", WRONG},
        {"md5", WRONG},         {"sha-256", ""},
        {"sha-256", "00:11"},   {"sha-256", WRONG ":00"},
        {"sha-512", WRONG},     {"sha-256", WRONG " "},
        {"sha-256", ":" WRONG}, {"sha-256", "0g" WRONG},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        DtlsOptions options = {.role = DTLS_PASSIVE,
                               .fingerprint_hash = cases[i].hash,
                               .fingerprint = cases[i].fingerprint,
                               .send = queue_put};
        cr_assert_null(dtls_new(identity, &options, &error), "%zu", i);
        cr_assert_not_null(error);
    }
    dtls_identity_free(identity);
}

Test(dtls, has_a_fingerprint_of_its_own)
{
    DtlsIdentity *one = dtls_identity_new(NULL);
    DtlsIdentity *other = dtls_identity_new(NULL);
    cr_assert_eq(strlen(dtls_identity_fingerprint(one)), DTLS_FINGERPRINT_CHARS);
    cr_assert_str_neq(dtls_identity_fingerprint(one), dtls_identity_fingerprint(other));
    dtls_identity_free(one);
    dtls_identity_free(other);
    dtls_identity_free(NULL);
    dtls_free(NULL);
}

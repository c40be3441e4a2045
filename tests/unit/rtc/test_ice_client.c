#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <glib.h>
#include <netinet/in.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/rtc/ice_client.h"
#include "bridge/rtc/stun.h"

#define START (1000 * CLOCK_US_PER_S)
#define REPLIES_MAX 64

/* A lite peer with several addresses: answers checks with the product's own stun_answer, on those
 * addresses that are reachable. */
typedef struct Lite {
    char ufrag[STUN_UFRAG_CHARS + 1];
    char password[STUN_PASSWORD_CHARS + 1];
    bool is_reachable[4];
    unsigned checks[4];
    unsigned nominations[4];
    size_t reply_count;
    struct {
        size_t size;
        uint8_t bytes[STUN_REPLY_BYTES_MAX];
    } replies[REPLIES_MAX];
} Lite;

static const char *give_password(const char *ufrag, void *data)
{
    const Lite *lite = data;
    return strcmp(ufrag, lite->ufrag) == 0 ? lite->password : NULL;
}

static void on_check(const SdpCandidate *candidate, const uint8_t *bytes, size_t size, void *data)
{
    Lite *lite = data;
    size_t index = candidate->port - 1000U;
    const struct sockaddr_in from = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    StunCheck check;
    lite->checks[index]++;
    StunVerdict verdict =
        stun_answer(bytes, size, (const struct sockaddr *)&from, give_password, lite, &check);
    if (verdict == STUN_VERDICT_CHECK) {
        lite->nominations[index] += check.use_candidate;
    }
    bool is_answered = verdict == STUN_VERDICT_CHECK || verdict == STUN_VERDICT_REPLY;
    if (is_answered && lite->is_reachable[index] && lite->reply_count < REPLIES_MAX) {
        lite->replies[lite->reply_count].size = check.reply_size;
        memcpy(lite->replies[lite->reply_count].bytes, check.reply, check.reply_size);
        lite->reply_count++;
    }
}

static IceClient *connect_to(Lite *lite, size_t candidates, const char *password)
{
    SdpCandidate list[4] = {0};
    for (size_t i = 0; i < candidates; i++) {
        list[i] = (SdpCandidate){.address = "127.0.0.1", .port = (uint16_t)(1000 + i)};
    }
    if (lite->ufrag[0] == '\0') {
        stun_make_credentials(lite->ufrag, lite->password);
    }
    const IceClientOptions options = {
        .local_ufrag = "clientuf",
        .remote_ufrag = lite->ufrag,
        .remote_password = password != NULL ? password : lite->password,
        .candidates = list,
        .candidate_count = candidates,
        .send = on_check,
        .data = lite,
    };
    return ice_client_new(&options, START);
}

/* Hands over what the peer has answered so far. */
static void deliver(IceClient *client, Lite *lite, int64_t now_us)
{
    for (size_t i = 0; i < lite->reply_count; i++) {
        ice_client_receive(client, lite->replies[i].bytes, lite->replies[i].size, now_us);
    }
    lite->reply_count = 0;
}

static int64_t run_until(IceClient *client, Lite *lite, int64_t until_us)
{
    int64_t now_us = START;
    while (now_us < until_us && ice_client_state(client) == ICE_CLIENT_CHECKING) {
        now_us = MAX(now_us, ice_client_deadline_us(client));
        ice_client_on_timer(client, now_us);
        deliver(client, lite, now_us);
    }
    return now_us;
}

Test(ice_client, connects_with_the_first_check_when_there_is_one_candidate)
{
    Lite lite = {.is_reachable = {true}};
    IceClient *client = connect_to(&lite, 1, NULL);
    cr_assert_eq(lite.checks[0], 0, "nothing is sent before the first timer");
    ice_client_on_timer(client, START);
    cr_assert_eq(ice_client_state(client), ICE_CLIENT_CHECKING);
    deliver(client, &lite, START);
    cr_assert_eq(ice_client_state(client), ICE_CLIENT_CONNECTED);
    cr_assert_eq(lite.nominations[0], 1);
    cr_assert_eq(ice_client_selected(client)->port, 1000);
    ice_client_free(client);
}

Test(ice_client, nominates_the_one_that_answers)
{
    Lite lite = {.is_reachable = {false, false, true}};
    IceClient *client = connect_to(&lite, 3, NULL);
    int64_t took_us = run_until(client, &lite, START + CLOCK_US_PER_S) - START;
    cr_assert_eq(ice_client_state(client), ICE_CLIENT_CONNECTED);
    cr_assert_eq(ice_client_selected(client)->port, 1002);
    cr_assert_eq(lite.nominations[0] + lite.nominations[1], 0);
    cr_assert_eq(lite.nominations[2], 1);
    cr_assert_leq(took_us, 200 * CLOCK_US_PER_MS);
    ice_client_free(client);
}

Test(ice_client, paces_its_checks)
{
    Lite lite = {0};
    IceClient *client = connect_to(&lite, 2, NULL);
    ice_client_on_timer(client, START);
    ice_client_on_timer(client, START + 10 * CLOCK_US_PER_MS);
    cr_assert_eq(lite.checks[0] + lite.checks[1], 1, "not before it is due");
    run_until(client, &lite, START + 10 * CLOCK_US_PER_S);
    cr_assert_leq(lite.checks[0] + lite.checks[1], 40);
    cr_assert_geq(lite.checks[1], 8);
    ice_client_free(client);
}

Test(ice_client, connects_when_early_answers_are_lost)
{
    Lite lite = {0};
    IceClient *client = connect_to(&lite, 1, NULL);
    int64_t now_us = run_until(client, &lite, START + 2 * CLOCK_US_PER_S);
    cr_assert_eq(ice_client_state(client), ICE_CLIENT_CHECKING);
    lite.is_reachable[0] = true;
    now_us = ice_client_deadline_us(client);
    ice_client_on_timer(client, now_us);
    deliver(client, &lite, now_us);
    cr_assert_eq(ice_client_state(client), ICE_CLIENT_CONNECTED);
    ice_client_free(client);
}

Test(ice_client, gives_up_when_nobody_answers)
{
    Lite lite = {0};
    IceClient *client = connect_to(&lite, 2, NULL);
    int64_t end_us = run_until(client, &lite, START + 60 * CLOCK_US_PER_S);
    cr_assert_eq(ice_client_state(client), ICE_CLIENT_FAILED);
    cr_assert_leq(end_us - START, 16 * CLOCK_US_PER_S);
    cr_assert_eq(ice_client_deadline_us(client), -1);
    cr_assert_null(ice_client_selected(client));
    ice_client_free(client);
}

Test(ice_client, renews_consent_and_keeps_it)
{
    Lite lite = {.is_reachable = {true}};
    IceClient *client = connect_to(&lite, 1, NULL);
    run_until(client, &lite, START + CLOCK_US_PER_S);
    int64_t now_us = START;
    while (now_us < START + 600 * CLOCK_US_PER_S) {
        now_us = ice_client_deadline_us(client);
        ice_client_on_timer(client, now_us);
        deliver(client, &lite, now_us);
    }
    cr_assert_eq(ice_client_state(client), ICE_CLIENT_CONNECTED);
    cr_assert(lite.checks[0] >= 100 && lite.checks[0] <= 152, "%u checks", lite.checks[0]);
    ice_client_free(client);
}

Test(ice_client, fails_when_consent_is_withdrawn)
{
    Lite lite = {.is_reachable = {true}};
    IceClient *client = connect_to(&lite, 1, NULL);
    run_until(client, &lite, START + CLOCK_US_PER_S);
    lite.is_reachable[0] = false;
    int64_t now_us = START;
    while (ice_client_state(client) == ICE_CLIENT_CONNECTED) {
        now_us = ice_client_deadline_us(client);
        ice_client_on_timer(client, now_us);
    }
    cr_assert_eq(ice_client_state(client), ICE_CLIENT_FAILED);
    cr_assert(now_us - START >= 30 * CLOCK_US_PER_S && now_us - START <= 37 * CLOCK_US_PER_S);
    ice_client_free(client);
}

Test(ice_client, asks_for_ever_without_running_out_of_transactions)
{
    Lite lite = {.is_reachable = {true}};
    IceClient *client = connect_to(&lite, 1, NULL);
    run_until(client, &lite, START + CLOCK_US_PER_S);
    int64_t now_us = START;
    for (unsigned i = 0; i < 2000; i++) {
        /* Every second answer is lost. */
        lite.is_reachable[0] = i % 2 == 0;
        now_us = ice_client_deadline_us(client);
        ice_client_on_timer(client, now_us);
        deliver(client, &lite, now_us);
    }
    cr_assert_eq(ice_client_state(client), ICE_CLIENT_CONNECTED);
    ice_client_free(client);
}

Test(ice_client, is_refused_with_a_wrong_password)
{
    Lite lite = {.is_reachable = {true}};
    IceClient *client = connect_to(&lite, 1, "not-the-password-0123456");
    run_until(client, &lite, START + CLOCK_US_PER_S);
    cr_assert_eq(ice_client_state(client), ICE_CLIENT_CHECKING);
    ice_client_free(client);
}

Test(ice_client, ignores_an_answer_that_was_changed)
{
    Lite lite = {.is_reachable = {true}};
    IceClient *client = connect_to(&lite, 1, NULL);
    ice_client_on_timer(client, START);
    cr_assert_eq(lite.reply_count, 1);
    for (size_t i = 0; i < lite.replies[0].size; i++) {
        uint8_t bytes[STUN_REPLY_BYTES_MAX];
        memcpy(bytes, lite.replies[0].bytes, lite.replies[0].size);
        bytes[i] ^= 0x20;
        ice_client_receive(client, bytes, lite.replies[0].size, START);
        cr_assert_eq(ice_client_state(client), ICE_CLIENT_CHECKING, "byte %zu", i);
    }
    deliver(client, &lite, START);
    cr_assert_eq(ice_client_state(client), ICE_CLIENT_CONNECTED, "the real one still counts");
    ice_client_free(client);
}

Test(ice_client, ignores_an_answer_that_was_cut)
{
    Lite lite = {.is_reachable = {true}};
    IceClient *client = connect_to(&lite, 1, NULL);
    ice_client_on_timer(client, START);
    for (size_t size = 0; size < lite.replies[0].size; size++) {
        ice_client_receive(client, lite.replies[0].bytes, size, START);
        cr_assert_eq(ice_client_state(client), ICE_CLIENT_CHECKING);
    }
    ice_client_free(client);
}

Test(ice_client, ignores_an_answer_to_somebody_else)
{
    Lite lite = {.is_reachable = {true}};
    IceClient *other = connect_to(&lite, 1, NULL);
    IceClient *client = connect_to(&lite, 1, NULL);
    ice_client_on_timer(other, START);
    deliver(client, &lite, START);
    cr_assert_eq(ice_client_state(client), ICE_CLIENT_CHECKING);
    ice_client_free(client);
    ice_client_free(other);
}

Test(ice_client, ignores_a_request_that_pretends_to_be_the_peer)
{
    Lite lite = {.is_reachable = {true}};
    IceClient *client = connect_to(&lite, 1, NULL);
    const uint8_t request[20] = {0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42};
    ice_client_on_timer(client, START);
    ice_client_receive(client, request, sizeof request, START);
    cr_assert_eq(ice_client_state(client), ICE_CLIENT_CHECKING);
    ice_client_free(client);
}

Test(ice_client, needs_a_candidate)
{
    Lite lite = {0};
    cr_assert_null(connect_to(&lite, 0, NULL));
}

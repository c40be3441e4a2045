#include "bridge/rtc/stun.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <glib.h>
#include <string.h>
#include <stun/stunagent.h>
#include <stun/usages/ice.h>

#define UFRAG "Abcd0123"
#define PASSWORD "thePasswordOfThisPeer123"

static const char *find_password(const char *ufrag, void *data)
{
    if (data != NULL) {
        ++*(int *)data;
    }
    return strcmp(ufrag, UFRAG) == 0 ? PASSWORD : NULL;
}

static struct sockaddr_in client_address(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(40000)};
    inet_pton(AF_INET, "192.0.2.7", &address.sin_addr);
    return address;
}

static StunVerdict answer(const uint8_t *bytes, size_t size, StunCheck *check)
{
    struct sockaddr_in from = client_address();
    /* An exact copy on the heap, so that a read past the end is seen by the address sanitizer. */
    uint8_t *copy = g_memdup2(bytes, size);
    StunVerdict verdict =
        stun_answer(copy, size, (struct sockaddr *)&from, find_password, NULL, check);
    g_free(copy);
    return verdict;
}

typedef struct Request {
    const char *username;
    const char *password;
    bool controlled;
    bool use_candidate;
} Request;

typedef struct Client {
    StunAgent agent;
    StunMessage message;
    uint8_t bytes[600];
    size_t size;
} Client;

static void client_init(Client *client)
{
    stun_agent_init(&client->agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                    STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT);
}

static void client_ask(Client *client, const Request *request)
{
    client_init(client);
    client->size = stun_usage_ice_conncheck_create(
        &client->agent, &client->message, client->bytes, sizeof client->bytes,
        (const uint8_t *)request->username, strlen(request->username),
        (const uint8_t *)request->password, strlen(request->password), request->use_candidate,
        !request->controlled, 0x6e0001ff, 0x1122334455667788, NULL,
        STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
    cr_assert_gt(client->size, 0);
}

static const Request honest = {.username = UFRAG ":peer", .password = PASSWORD};

/* Begins a binding request by hand; client_seal ends it. */
static void client_begin(Client *client)
{
    client_init(client);
    stun_agent_init_request(&client->agent, &client->message, client->bytes, sizeof client->bytes,
                            STUN_BINDING);
}

static void client_seal(Client *client, const char *password)
{
    client->size =
        stun_agent_finish_message(&client->agent, &client->message, (const uint8_t *)password,
                                  password == NULL ? 0 : strlen(password));
    cr_assert_gt(client->size, 0);
}

static int error_code(const StunCheck *check)
{
    StunAgent agent;
    stun_agent_init(&agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                    STUN_AGENT_USAGE_IGNORE_CREDENTIALS);
    StunMessage message = {
        .agent = &agent, .buffer = (uint8_t *)check->reply, .buffer_len = check->reply_size};
    int code = 0;
    cr_assert_eq(stun_message_get_class(&message), STUN_ERROR);
    cr_assert_eq(stun_message_find_error(&message, &code), STUN_MESSAGE_RETURN_SUCCESS);
    return code;
}

Test(stun, answers_an_honest_check_with_the_address_it_came_from)
{
    Client client;
    client_ask(&client, &(Request){UFRAG ":peer", PASSWORD, false, true});
    StunCheck check;
    cr_assert_eq(answer(client.bytes, client.size, &check), STUN_VERDICT_CHECK);
    cr_assert_str_eq(check.local_ufrag, UFRAG);
    cr_assert(check.use_candidate);

    StunMessage reply;
    cr_assert_eq(
        stun_agent_validate(&client.agent, &reply, check.reply, check.reply_size, NULL, NULL),
        STUN_VALIDATION_SUCCESS);
    struct sockaddr_storage mapped;
    socklen_t size = sizeof mapped;
    cr_assert_eq(stun_usage_ice_conncheck_process(&reply, &mapped, &size,
                                                  STUN_USAGE_ICE_COMPATIBILITY_RFC5245),
                 STUN_USAGE_ICE_RETURN_SUCCESS);
    struct sockaddr_in expected = client_address();
    cr_assert_eq(memcmp(&mapped, &expected, 8), 0);
    cr_assert_not(stun_message_has_attribute(&reply, STUN_ATTRIBUTE_USERNAME));
}

Test(stun, answers_over_ipv6)
{
    Client client;
    client_ask(&client, &honest);
    struct sockaddr_in6 from = {.sin6_family = AF_INET6, .sin6_port = htons(5)};
    inet_pton(AF_INET6, "2001:db8::7", &from.sin6_addr);
    StunCheck check;
    cr_assert_eq(stun_answer(client.bytes, client.size, (struct sockaddr *)&from, find_password,
                             NULL, &check),
                 STUN_VERDICT_CHECK);
    StunMessage reply;
    cr_assert_eq(
        stun_agent_validate(&client.agent, &reply, check.reply, check.reply_size, NULL, NULL),
        STUN_VALIDATION_SUCCESS);
    struct sockaddr_storage mapped;
    socklen_t size = sizeof mapped;
    stun_message_find_xor_addr(&reply, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, &mapped, &size);
    cr_assert_eq(memcmp(&((struct sockaddr_in6 *)&mapped)->sin6_addr, &from.sin6_addr, 16), 0);
}

Test(stun, does_not_nominate_without_use_candidate)
{
    Client client;
    client_ask(&client, &honest);
    StunCheck check;
    cr_assert_eq(answer(client.bytes, client.size, &check), STUN_VERDICT_CHECK);
    cr_assert_not(check.use_candidate);
}

Test(stun, refuses_a_wrong_password_with_401_and_no_integrity)
{
    Client client;
    client_ask(&client,
               &(Request){.username = UFRAG ":peer", .password = "anotherPasswordAltogether"});
    StunCheck check;
    cr_assert_eq(answer(client.bytes, client.size, &check), STUN_VERDICT_REPLY);
    cr_assert_eq(error_code(&check), 401);
}

Test(stun, never_believes_a_message_with_a_flipped_byte)
{
    Client client;
    client_ask(&client, &honest);
    for (size_t i = 0; i < client.size; i++) {
        StunCheck check;
        client.bytes[i] ^= 1;
        cr_assert_neq(answer(client.bytes, client.size, &check), STUN_VERDICT_CHECK, "byte %zu", i);
        client.bytes[i] ^= 1;
    }
}

Test(stun, drops_every_truncation)
{
    Client client;
    client_ask(&client, &honest);
    StunCheck check;
    char ufrag[STUN_UFRAG_CHARS + 1];
    for (size_t size = 0; size < client.size; size++) {
        cr_assert_eq(answer(client.bytes, size, &check), STUN_VERDICT_BAD);
        cr_assert_not(stun_peek_ufrag(client.bytes, size, ufrag));
    }
}

Test(stun, drops_bytes_after_the_message)
{
    Client client;
    client_ask(&client, &honest);
    memset(client.bytes + client.size, 0, 4);
    StunCheck check;
    cr_assert_eq(answer(client.bytes, client.size + 4, &check), STUN_VERDICT_BAD);
}

Test(stun, gives_an_unknown_user_no_answer)
{
    static const char *const names[] = {
        "Abcd0124:peer", "Abcd012:peer", "Abcd01234:peer", "Abcd0123peer", ":", "x"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        Client client;
        client_ask(&client, &(Request){.username = names[i], .password = PASSWORD});
        StunCheck check;
        cr_assert_eq(answer(client.bytes, client.size, &check), STUN_VERDICT_BAD, "%s", names[i]);
        cr_assert_eq(check.reply_size, 0);
    }
}

Test(stun, answers_487_to_a_peer_that_claims_to_be_controlled)
{
    Client client;
    client_ask(&client, &(Request){UFRAG ":peer", PASSWORD, true, false});
    StunCheck check;
    cr_assert_eq(answer(client.bytes, client.size, &check), STUN_VERDICT_REPLY);
    cr_assert_eq(error_code(&check), 487);
    StunMessage reply;
    cr_assert_eq(
        stun_agent_validate(&client.agent, &reply, check.reply, check.reply_size, NULL, NULL),
        STUN_VALIDATION_SUCCESS, "a role conflict is answered with integrity");
}

Test(stun, checks_integrity_before_it_judges_the_role)
{
    Client client;
    client_ask(&client, &(Request){UFRAG ":peer", "wrong", true, false});
    StunCheck check;
    cr_assert_eq(answer(client.bytes, client.size, &check), STUN_VERDICT_REPLY);
    cr_assert_eq(error_code(&check), 401);
}

Test(stun, answers_400_to_a_request_without_credentials)
{
    Client client;
    client_begin(&client);
    client_seal(&client, NULL);
    StunCheck check;
    cr_assert_eq(answer(client.bytes, client.size, &check), STUN_VERDICT_REPLY);
    cr_assert_eq(error_code(&check), 400);
}

Test(stun, answers_400_to_a_user_without_integrity)
{
    Client client;
    client_begin(&client);
    stun_message_append_string(&client.message, STUN_ATTRIBUTE_USERNAME, UFRAG ":peer");
    client_seal(&client, NULL);
    StunCheck check;
    cr_assert_eq(answer(client.bytes, client.size, &check), STUN_VERDICT_REPLY);
    cr_assert_eq(error_code(&check), 400);
}

Test(stun, answers_420_to_an_unknown_attribute_it_must_understand)
{
    Client client;
    client_begin(&client);
    stun_message_append_string(&client.message, STUN_ATTRIBUTE_USERNAME, UFRAG ":peer");
    stun_message_append32(&client.message, (StunAttribute)0x7abc, 1);
    client_seal(&client, PASSWORD);
    StunCheck check;
    cr_assert_eq(answer(client.bytes, client.size, &check), STUN_VERDICT_REPLY);
    cr_assert_eq(error_code(&check), 420);
}

/* Chrome adds GOOG-NETWORK-INFO, GOOG-DELTA and, in a trial, DTLS in STUN of up to a kilobyte. */
Test(stun, passes_over_attributes_it_need_not_understand)
{
    Client client;
    client_begin(&client);
    uint8_t dtls[400];
    memset(dtls, 0x16, sizeof dtls);
    stun_message_append_string(&client.message, STUN_ATTRIBUTE_USERNAME, UFRAG ":a+b/");
    stun_message_append32(&client.message, (StunAttribute)0xc057, 0x00010032);
    stun_message_append64(&client.message, STUN_ATTRIBUTE_ICE_CONTROLLING, 99);
    stun_message_append_flag(&client.message, STUN_ATTRIBUTE_USE_CANDIDATE);
    stun_message_append32(&client.message, STUN_ATTRIBUTE_PRIORITY, 0x6e7f1eff);
    stun_message_append_bytes(&client.message, (StunAttribute)0xc070, dtls, sizeof dtls);
    client_seal(&client, PASSWORD);
    StunCheck check;
    cr_assert_eq(answer(client.bytes, client.size, &check), STUN_VERDICT_CHECK);
    cr_assert(check.use_candidate);
}

/* Firefox nominates at once, and its user names carry eight hex digits. */
Test(stun, answers_a_check_as_firefox_sends_it)
{
    Client client;
    client_begin(&client);
    stun_message_append_string(&client.message, STUN_ATTRIBUTE_USERNAME, UFRAG ":3f0a1b2c");
    stun_message_append32(&client.message, STUN_ATTRIBUTE_PRIORITY, 0x6effffff);
    stun_message_append_flag(&client.message, STUN_ATTRIBUTE_USE_CANDIDATE);
    stun_message_append64(&client.message, STUN_ATTRIBUTE_ICE_CONTROLLING, UINT64_MAX);
    client_seal(&client, PASSWORD);
    StunCheck check;
    cr_assert_eq(answer(client.bytes, client.size, &check), STUN_VERDICT_CHECK);
    cr_assert(check.use_candidate);
}

Test(stun, answers_the_longest_user_name_within_its_reply)
{
    char name[STUN_UFRAG_CHARS + 1 + 256 + 1];
    memset(name, 'x', sizeof name - 1);
    memcpy(name, UFRAG ":", STUN_UFRAG_CHARS + 1);
    name[sizeof name - 1] = '\0';
    Client client;
    client_ask(&client, &(Request){.username = name, .password = PASSWORD});
    StunCheck check;
    cr_assert_eq(answer(client.bytes, client.size, &check), STUN_VERDICT_CHECK);
}

Test(stun, believes_no_nomination_that_follows_the_integrity)
{
    Client client;
    client_ask(&client, &honest);
    size_t at = client.size - 8; /* before FINGERPRINT */
    memmove(client.bytes + at + 4, client.bytes + at, 8);
    memcpy(client.bytes + at, (const uint8_t[]){0x00, 0x25, 0x00, 0x00}, 4);
    client.size += 4;
    client.bytes[3] = (uint8_t)(client.size - 20);
    StunCheck check;
    StunVerdict verdict = answer(client.bytes, client.size, &check);
    cr_assert(verdict != STUN_VERDICT_CHECK || !check.use_candidate);
}

Test(stun, drops_an_integrity_of_a_wrong_length)
{
    static const uint8_t sum[24];
    static const size_t sizes[] = {0, 4, 16, 19, 21, 24};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        Client client;
        client_begin(&client);
        stun_message_append_string(&client.message, STUN_ATTRIBUTE_USERNAME, UFRAG ":peer");
        stun_message_append_bytes(&client.message, STUN_ATTRIBUTE_MESSAGE_INTEGRITY, sum, sizes[i]);
        client_seal(&client, NULL);
        StunCheck check;
        cr_assert_eq(answer(client.bytes, client.size, &check), STUN_VERDICT_BAD, "%zu bytes",
                     sizes[i]);
    }
}

Test(stun, drops_a_check_without_a_fingerprint)
{
    Client client;
    client_ask(&client, &honest);
    client.size -= 8;
    client.bytes[3] = (uint8_t)(client.size - 20);
    StunCheck check;
    cr_assert_eq(answer(client.bytes, client.size, &check), STUN_VERDICT_BAD);
}

Test(stun, ignores_indications_and_responses)
{
    Client client;
    client_ask(&client, &honest);
    StunCheck check;
    const uint8_t types[][2] = {{0x00, 0x11}, {0x01, 0x01}, {0x01, 0x11}};
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        memcpy(client.bytes, types[i], 2);
        cr_assert_eq(answer(client.bytes, client.size, &check), STUN_VERDICT_IGNORE);
        cr_assert_eq(check.reply_size, 0);
    }
}

Test(stun, drops_other_methods_and_other_cookies)
{
    Client client;
    client_ask(&client, &honest);
    StunCheck check;
    client.bytes[1] = 0x03;
    cr_assert_eq(answer(client.bytes, client.size, &check), STUN_VERDICT_BAD);
    client.bytes[1] = 0x01;
    client.bytes[4] ^= 1;
    cr_assert_eq(answer(client.bytes, client.size, &check), STUN_VERDICT_BAD);
}

Test(stun, peeks_at_the_ufrag_without_a_password)
{
    Client client;
    client_ask(&client, &(Request){.username = "zzzzzzzz:peer", .password = "unknown"});
    char ufrag[STUN_UFRAG_CHARS + 1];
    cr_assert(stun_peek_ufrag(client.bytes, client.size, ufrag));
    cr_assert_str_eq(ufrag, "zzzzzzzz");
    client.bytes[0] = 0x01;
    cr_assert_not(stun_peek_ufrag(client.bytes, client.size, ufrag), "a response");
}

Test(stun, peeks_at_no_user_name_with_a_zero_inside)
{
    Client client;
    client_begin(&client);
    stun_message_append_bytes(&client.message, STUN_ATTRIBUTE_USERNAME,
                              "Abcd\0"
                              "123:peer",
                              13);
    client_seal(&client, PASSWORD);
    char ufrag[STUN_UFRAG_CHARS + 1];
    cr_assert_not(stun_peek_ufrag(client.bytes, client.size, ufrag));
}

Test(stun, tells_stun_by_its_first_byte)
{
    uint8_t bytes[20] = {3};
    cr_assert(stun_is_message(bytes, 20));
    cr_assert_not(stun_is_message(bytes, 19));
    bytes[0] = 4;
    cr_assert_not(stun_is_message(bytes, 20));
}

/* RFC 5769 section 2.1, whose user name is not of our shape: read, and nobody's. */
static const uint8_t rfc5769_request[] = {
    0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
    0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73,
    0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff,
    0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09,
    0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14,
    0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49,
    0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf};

Test(stun, reads_the_rfc_5769_request_and_finds_no_such_user)
{
    StunCheck check;
    char ufrag[STUN_UFRAG_CHARS + 1];
    cr_assert_not(stun_peek_ufrag(rfc5769_request, sizeof rfc5769_request, ufrag));
    cr_assert_eq(answer(rfc5769_request, sizeof rfc5769_request, &check), STUN_VERDICT_BAD);
}

/* The same request under a ufrag of our length: "evtjevtj:h6vY", integrity and fingerprint made
 * anew over RFC 5769's transaction id, with its password. */
static const char *rfc5769_password(const char *ufrag, void *data)
{
    return strcmp(ufrag, "evtjevtj") == 0 ? "VOkJxbRl1RmTxUk/WvJxBt" : NULL;
}

Test(stun, verifies_a_request_with_the_rfc_5769_password)
{
    Client client;
    client_begin(&client);
    memcpy(client.bytes + 8, rfc5769_request + 8, 12);
    stun_message_append_string(&client.message, STUN_ATTRIBUTE_SOFTWARE, "STUN test client");
    stun_message_append32(&client.message, STUN_ATTRIBUTE_PRIORITY, 0x6e0001ff);
    stun_message_append64(&client.message, STUN_ATTRIBUTE_ICE_CONTROLLING, 0x932ff9b151263b36);
    stun_message_append_string(&client.message, STUN_ATTRIBUTE_USERNAME, "evtjevtj:h6vY");
    client_seal(&client, "VOkJxbRl1RmTxUk/WvJxBt");
    struct sockaddr_in from = client_address();
    StunCheck check;
    cr_assert_eq(stun_answer(client.bytes, client.size, (struct sockaddr *)&from, rfc5769_password,
                             NULL, &check),
                 STUN_VERDICT_CHECK);
    cr_assert_eq(memcmp(check.reply + 8, rfc5769_request + 8, 12), 0);
}

Test(stun, makes_credentials_of_letters_and_digits)
{
    char ufrag[STUN_UFRAG_CHARS + 1], password[STUN_PASSWORD_CHARS + 1];
    char again[STUN_UFRAG_CHARS + 1];
    stun_make_credentials(ufrag, password);
    cr_assert_eq(strlen(ufrag), STUN_UFRAG_CHARS);
    cr_assert_eq(strlen(password), STUN_PASSWORD_CHARS);
    for (const char *c = password; *c != '\0'; c++) {
        cr_assert(g_ascii_isalnum(*c));
    }
    stun_make_credentials(again, password);
    cr_assert_str_neq(ufrag, again);
}

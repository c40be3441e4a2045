#include "bridge/rtc/ice_client.h"

#include <glib.h>
#include <netinet/in.h>
#include <string.h>
#include <stun/stunagent.h>
#include <stun/usages/ice.h>

#include "bridge/base/clock.h"

/* RFC 8445 section 14.2 paces checks by 50 ms; one that is lost is sent anew, as a new check. */
#define PACE_US (50 * CLOCK_US_PER_MS)
#define REPEAT_US (100 * CLOCK_US_PER_MS)
#define REPEAT_MAX_US (800 * CLOCK_US_PER_MS)
#define GIVE_UP_US (15 * CLOCK_US_PER_S)
/* RFC 7675 section 5.1: every 5 s, plus or minus a fifth, so that 207 do not ask in step. */
#define CONSENT_MIN_US (4 * CLOCK_US_PER_S)
#define CONSENT_MAX_US (6 * CLOCK_US_PER_S)
#define CONSENT_LOST_US (30 * CLOCK_US_PER_S)
/* RFC 8445 section 5.1.2.1: peer-reflexive, component 1. */
#define CHECK_PRIORITY 1862270975U
#define CHECK_BYTES_MAX 512
#define CHECKS_IN_FLIGHT 8
#define CANDIDATES_MAX G_N_ELEMENTS(((SdpSession *)0)->candidates)

typedef struct Check {
    bool is_used;
    bool is_nominating;
    size_t candidate;
    StunTransactionId id;
} Check;

struct IceClient {
    IceClientState state;
    StunAgent agent;
    char username[514];
    char password[257];
    SdpCandidate candidates[CANDIDATES_MAX];
    size_t candidate_count;
    void (*send)(const SdpCandidate *candidate, const uint8_t *bytes, size_t size, void *data);
    void *data;
    uint64_t tie_breaker;
    size_t turn;     /* which candidate is checked next */
    bool is_settled; /* `turn` answered; only it is checked from then on */
    size_t check_turn;
    Check checks[CHECKS_IN_FLIGHT];
    int64_t repeat_us;
    int64_t deadline_us;
    int64_t give_up_us;
};

IceClient *ice_client_new(const IceClientOptions *options, int64_t now_us)
{
    if (options->candidate_count == 0) {
        return NULL;
    }
    IceClient *client = g_new0(IceClient, 1);
    client->candidate_count = MIN(options->candidate_count, CANDIDATES_MAX);
    memcpy(client->candidates, options->candidates,
           client->candidate_count * sizeof client->candidates[0]);
    g_snprintf(client->username, sizeof client->username, "%s:%s", options->remote_ufrag,
               options->local_ufrag);
    g_strlcpy(client->password, options->remote_password, sizeof client->password);
    client->send = options->send;
    client->data = options->data;
    client->tie_breaker = (uint64_t)g_random_int() << 32 | g_random_int();
    /* With one candidate there is nothing to choose: the first check nominates it. */
    client->is_settled = client->candidate_count == 1;
    client->repeat_us = REPEAT_US;
    client->deadline_us = now_us;
    client->give_up_us = now_us + GIVE_UP_US;
    stun_agent_init(&client->agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                    STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT);
    return client;
}

void ice_client_free(IceClient *client)
{
    g_free(client);
}

IceClientState ice_client_state(const IceClient *client)
{
    return client->state;
}

const SdpCandidate *ice_client_selected(const IceClient *client)
{
    return client->state == ICE_CLIENT_CONNECTED ? &client->candidates[client->turn] : NULL;
}

int64_t ice_client_deadline_us(const IceClient *client)
{
    return client->state == ICE_CLIENT_FAILED ? -1 : client->deadline_us;
}

static void forget(IceClient *client, Check *check)
{
    if (check->is_used) {
        stun_agent_forget_transaction(&client->agent, check->id);
        check->is_used = false;
    }
}

static void send_check(IceClient *client, size_t candidate, bool is_nominating)
{
    uint8_t bytes[CHECK_BYTES_MAX];
    StunMessage message;
    Check *check = &client->checks[client->check_turn++ % CHECKS_IN_FLIGHT];
    forget(client, check);
    size_t size = stun_usage_ice_conncheck_create(
        &client->agent, &message, bytes, sizeof bytes, (const uint8_t *)client->username,
        strlen(client->username), (const uint8_t *)client->password, strlen(client->password),
        is_nominating, true, CHECK_PRIORITY, client->tie_breaker, NULL,
        STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
    if (size == 0) {
        return;
    }
    check->is_used = true;
    check->is_nominating = is_nominating;
    check->candidate = candidate;
    stun_message_id(&message, check->id);
    client->send(&client->candidates[candidate], bytes, size, client->data);
}

static void ask_in_turn(IceClient *client, int64_t now_us)
{
    size_t candidate = client->turn;
    send_check(client, candidate, client->is_settled);
    if (!client->is_settled && ++client->turn < client->candidate_count) {
        client->deadline_us = now_us + PACE_US;
        return;
    }
    client->turn = client->is_settled ? candidate : 0;
    client->deadline_us = now_us + client->repeat_us;
    client->repeat_us = MIN(client->repeat_us * 2, REPEAT_MAX_US);
}

static void ask_for_consent(IceClient *client, int64_t now_us)
{
    send_check(client, client->turn, true);
    client->deadline_us = now_us + (int64_t)g_random_double_range(CONSENT_MIN_US, CONSENT_MAX_US);
}

IceClientState ice_client_on_timer(IceClient *client, int64_t now_us)
{
    if (client->state == ICE_CLIENT_FAILED || now_us < client->deadline_us) {
        return client->state;
    }
    if (now_us >= client->give_up_us) {
        client->state = ICE_CLIENT_FAILED;
    } else if (client->state == ICE_CLIENT_CHECKING) {
        ask_in_turn(client, now_us);
    } else {
        ask_for_consent(client, now_us);
    }
    return client->state;
}

static Check *find_check(IceClient *client, const StunMessage *message)
{
    StunTransactionId id;
    stun_message_id(message, id);
    for (size_t i = 0; i < CHECKS_IN_FLIGHT; i++) {
        Check *check = &client->checks[i];
        if (check->is_used && memcmp(check->id, id, sizeof id) == 0) {
            return check;
        }
    }
    return NULL;
}

static void on_answer(IceClient *client, const Check *check, int64_t now_us)
{
    if (check->is_nominating) {
        client->turn = check->candidate;
        client->give_up_us = now_us + CONSENT_LOST_US;
        if (client->state == ICE_CLIENT_CHECKING) {
            client->state = ICE_CLIENT_CONNECTED;
            client->deadline_us = now_us + CONSENT_MIN_US;
        }
    } else if (!client->is_settled) {
        client->is_settled = true;
        client->turn = check->candidate;
        client->repeat_us = REPEAT_US;
        ask_in_turn(client, now_us);
    }
}

IceClientState ice_client_receive(IceClient *client, const uint8_t *bytes, size_t size,
                                  int64_t now_us)
{
    StunMessage message;
    if (client->state == ICE_CLIENT_FAILED ||
        stun_message_validate_buffer_length(bytes, size, true) != (int)size ||
        stun_agent_validate(&client->agent, &message, bytes, size, NULL, NULL) !=
            STUN_VALIDATION_SUCCESS) {
        return client->state;
    }
    struct sockaddr_storage mapped;
    socklen_t mapped_size = sizeof mapped;
    Check *check = find_check(client, &message);
    if (check != NULL && stun_usage_ice_conncheck_process(&message, &mapped, &mapped_size,
                                                          STUN_USAGE_ICE_COMPATIBILITY_RFC5245) ==
                             STUN_USAGE_ICE_RETURN_SUCCESS) {
        check->is_used = false; /* The library has forgotten it too. */
        on_answer(client, check, now_us);
    }
    return client->state;
}

#include "tests/bench/responder.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <stun/stunagent.h>
#include <stun/usages/ice.h>

/* The first two bytes of a binding request (RFC 8489 section 5). */
#define BINDING_REQUEST 0x0001
#define TIE_BREAKER UINT64_C(0x0123456789abcdef)

bool responder_is_check(const uint8_t *bytes, size_t size)
{
    return size >= 2 && (bytes[0] << 8 | bytes[1]) == BINDING_REQUEST;
}

static bool give_password(StunAgent *agent, StunMessage *message, uint8_t *username,
                          uint16_t username_size, uint8_t **ret_password, size_t *ret_size,
                          void *data)
{
    *ret_password = data;
    *ret_size = strlen(data);
    return true;
}

size_t responder_answer(const uint8_t *bytes, size_t size, const SdpCandidate *from,
                        const char *password, uint8_t ret_reply[RESPONDER_REPLY_BYTES])
{
    StunAgent agent;
    StunMessage request;
    StunMessage reply;
    struct sockaddr_storage name = {0};
    struct sockaddr_in *name4 = (struct sockaddr_in *)&name;
    size_t reply_size = RESPONDER_REPLY_BYTES;
    bool is_controlling = true;
    *name4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(from->port)};
    stun_agent_init(&agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                    STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT);
    if (inet_pton(AF_INET, from->address, &name4->sin_addr) != 1 ||
        stun_agent_validate(&agent, &request, bytes, size, give_password, (void *)password) !=
            STUN_VALIDATION_SUCCESS ||
        stun_usage_ice_conncheck_create_reply(
            &agent, &request, &reply, ret_reply, &reply_size, &name, sizeof *name4, &is_controlling,
            TIE_BREAKER, STUN_USAGE_ICE_COMPATIBILITY_RFC5245) != STUN_USAGE_ICE_RETURN_SUCCESS) {
        return 0;
    }
    return reply_size;
}

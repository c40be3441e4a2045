#include "bridge/rtc/stun.h"

#include <glib.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <stun/stunagent.h>
#include <stun/usages/ice.h>
#include <sys/random.h>

#include "bridge/base/bytes.h"
#include "bridge/base/limits.h"

enum {
    HEADER_BYTES = 20,
    INTEGRITY_BYTES = 20,
    FIRST_BYTE_MAX = 3,
    CLASS_MASK = 0x0110,
    TYPE_BINDING = 0x0001,
};

#define MAGIC_COOKIE UINT32_C(0x2112a442)

/* Attributes we must understand when a check carries them (RFC 8489 section 14, RFC 8445 16.1);
 * any other in the comprehension-required range is answered 420. */
static const uint16_t known_attributes[] = {
    STUN_ATTRIBUTE_MAPPED_ADDRESS,
    STUN_ATTRIBUTE_USERNAME,
    STUN_ATTRIBUTE_MESSAGE_INTEGRITY,
    STUN_ATTRIBUTE_ERROR_CODE,
    STUN_ATTRIBUTE_UNKNOWN_ATTRIBUTES,
    STUN_ATTRIBUTE_REALM,
    STUN_ATTRIBUTE_NONCE,
    STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS,
    STUN_ATTRIBUTE_PRIORITY,
    STUN_ATTRIBUTE_USE_CANDIDATE,
    0,
};

/* What a first look at a message finds, before the library sees it. */
typedef struct Outline {
    uint16_t type;
    bool has_username;
    char local_ufrag[STUN_UFRAG_CHARS + 1]; /* "" when the user name cannot be one of ours */
} Outline;

bool stun_is_message(const uint8_t *bytes, size_t size)
{
    return size >= HEADER_BYTES && bytes[0] <= FIRST_BYTE_MAX;
}

/* RFC 8445 section 7.2.2: USERNAME is "ours:theirs". */
static void take_local_ufrag(const uint8_t *name, size_t size, Outline *outline)
{
    if (size > STUN_UFRAG_CHARS && name[STUN_UFRAG_CHARS] == ':' &&
        memchr(name, 0, STUN_UFRAG_CHARS) == NULL) {
        memcpy(outline->local_ufrag, name, STUN_UFRAG_CHARS);
        outline->local_ufrag[STUN_UFRAG_CHARS] = '\0';
    }
}

/* One attribute; false when it is not well formed. */
static bool note_attribute(uint16_t type, ByteReader value, Outline *outline)
{
    size_t size = byte_reader_left(&value);
    if (type == STUN_ATTRIBUTE_MESSAGE_INTEGRITY) {
        /* The library compares 20 bytes whatever the attribute's length says. */
        return size == INTEGRITY_BYTES;
    }
    if (type == STUN_ATTRIBUTE_USERNAME && !outline->has_username) {
        outline->has_username = true;
        take_local_ufrag(value.at, size, outline);
    }
    return true;
}

/* Walks the whole message. False unless header, lengths and padding are right to the last byte. */
static bool outline_message(const uint8_t *bytes, size_t size, Outline *ret_outline)
{
    *ret_outline = (Outline){0};
    ByteReader reader = byte_reader(bytes, size);
    ret_outline->type = read_u16(&reader);
    uint16_t length = read_u16(&reader);
    uint32_t cookie = read_u32(&reader);
    read_bytes(&reader, STUN_MESSAGE_TRANS_ID_LEN - 4);
    if (reader.failed || ret_outline->type > 0x3fff || cookie != MAGIC_COOKIE || length % 4 != 0 ||
        byte_reader_left(&reader) != length) {
        return false;
    }
    while (byte_reader_left(&reader) > 0) {
        uint16_t type = read_u16(&reader);
        uint16_t value_size = read_u16(&reader);
        ByteReader value = read_sub(&reader, value_size);
        read_bytes(&reader, (4 - value_size % 4) % 4);
        if (reader.failed || !note_attribute(type, value, ret_outline)) {
            return false;
        }
    }
    return true;
}

bool stun_peek_ufrag(const uint8_t *bytes, size_t size, char ret_ufrag[STUN_UFRAG_CHARS + 1])
{
    Outline outline;
    if (!outline_message(bytes, size, &outline) || outline.type != TYPE_BINDING ||
        outline.local_ufrag[0] == '\0') {
        return false;
    }
    memcpy(ret_ufrag, outline.local_ufrag, sizeof outline.local_ufrag);
    return true;
}

/* Everything one answer needs; lives on the stack. */
typedef struct Answer {
    StunAgent agent;
    StunMessage request;
    StunMessage reply;
    const char *password;
    StunCheck *check;
} Answer;

static bool give_password(StunAgent *agent, StunMessage *message, uint8_t *username,
                          uint16_t username_size, uint8_t **ret_password, size_t *ret_size,
                          void *data)
{
    Answer *answer = data;
    if (answer->password == NULL) {
        return false;
    }
    *ret_password = (uint8_t *)answer->password;
    *ret_size = strlen(answer->password);
    return true;
}

static StunVerdict finish(Answer *answer, StunVerdict verdict)
{
    answer->check->reply_size = stun_agent_finish_message(&answer->agent, &answer->reply, NULL, 0);
    return answer->check->reply_size > 0 ? verdict : STUN_VERDICT_BAD;
}

static StunVerdict refuse(Answer *answer, StunError code)
{
    StunCheck *check = answer->check;
    if (!stun_agent_init_error(&answer->agent, &answer->reply, check->reply, sizeof check->reply,
                               &answer->request, code)) {
        return STUN_VERDICT_BAD;
    }
    return finish(answer, STUN_VERDICT_REPLY);
}

static StunVerdict refuse_unknown_attributes(Answer *answer)
{
    StunCheck *check = answer->check;
    check->reply_size = stun_agent_build_unknown_attributes_error(
        &answer->agent, &answer->reply, check->reply, sizeof check->reply, &answer->request);
    return check->reply_size > 0 ? STUN_VERDICT_REPLY : STUN_VERDICT_BAD;
}

static socklen_t address_size(const struct sockaddr *address)
{
    switch (address->sa_family) {
    case AF_INET:
        return sizeof(struct sockaddr_in);
    case AF_INET6:
        return sizeof(struct sockaddr_in6);
    }
    return 0;
}

/* The library's own reply repeats the USERNAME, which RFC 8489 section 9.1.4 forbids and which
 * would let the asker choose the reply's size. */
static StunVerdict accept_check(Answer *answer, const struct sockaddr *from)
{
    StunCheck *check = answer->check;
    struct sockaddr_storage address = {0};
    socklen_t size = address_size(from);
    memcpy(&address, from, size);
    if (size == 0 ||
        !stun_agent_init_response(&answer->agent, &answer->reply, check->reply, sizeof check->reply,
                                  &answer->request) ||
        stun_message_append_xor_addr(&answer->reply, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, &address,
                                     size) != STUN_MESSAGE_RETURN_SUCCESS) {
        return STUN_VERDICT_BAD;
    }
    return finish(answer, STUN_VERDICT_CHECK);
}

static StunVerdict judge_check(Answer *answer, const struct sockaddr *from)
{
    if (stun_message_has_attribute(&answer->request, STUN_ATTRIBUTE_ICE_CONTROLLED)) {
        /* A lite agent never changes its role: no comparison of tie breakers. */
        return refuse(answer, STUN_ERROR_ROLE_CONFLICT);
    }
    answer->check->use_candidate = stun_usage_ice_conncheck_use_candidate(&answer->request);
    return accept_check(answer, from);
}

static StunVerdict judge_request(Answer *answer, const uint8_t *bytes, size_t size,
                                 const struct sockaddr *from)
{
    stun_agent_init(&answer->agent, known_attributes, STUN_COMPATIBILITY_RFC5389,
                    STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT);
    switch (
        stun_agent_validate(&answer->agent, &answer->request, bytes, size, give_password, answer)) {
    case STUN_VALIDATION_SUCCESS:
        return judge_check(answer, from);
    case STUN_VALIDATION_UNAUTHORIZED_BAD_REQUEST:
        return refuse(answer, STUN_ERROR_BAD_REQUEST);
    case STUN_VALIDATION_UNAUTHORIZED:
        return refuse(answer, STUN_ERROR_UNAUTHORIZED);
    case STUN_VALIDATION_UNKNOWN_REQUEST_ATTRIBUTE:
        return refuse_unknown_attributes(answer);
    default:
        return STUN_VERDICT_BAD;
    }
}

StunVerdict stun_answer(const uint8_t *bytes, size_t size, const struct sockaddr *from,
                        StunPasswordFunc password, void *data, StunCheck *ret_check)
{
    ret_check->local_ufrag[0] = '\0';
    ret_check->use_candidate = false;
    ret_check->reply_size = 0;
    Outline outline;
    if (size > LIMIT_DATAGRAM_BYTES || !outline_message(bytes, size, &outline) ||
        (outline.type & ~CLASS_MASK) != TYPE_BINDING) {
        return STUN_VERDICT_BAD;
    }
    if (outline.type != TYPE_BINDING) {
        return STUN_VERDICT_IGNORE;
    }
    Answer answer;
    answer.check = ret_check;
    answer.password = outline.local_ufrag[0] == '\0' ? NULL : password(outline.local_ufrag, data);
    if (outline.has_username && answer.password == NULL) {
        return STUN_VERDICT_BAD;
    }
    memcpy(ret_check->local_ufrag, outline.local_ufrag, sizeof outline.local_ufrag);
    return judge_request(&answer, bytes, size, from);
}

static void write_random_chars(char *ret_text, size_t count)
{
    /* 62 characters: bytes of 248 and more are thrown away, so that all are equally likely. */
    static const char chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    for (size_t i = 0; i < count;) {
        uint8_t byte;
        if (getrandom(&byte, 1, 0) != 1) {
            continue;
        }
        if (byte < 248) {
            ret_text[i++] = chars[byte % 62];
        }
    }
    ret_text[count] = '\0';
}

void stun_make_credentials(char ret_ufrag[STUN_UFRAG_CHARS + 1],
                           char ret_password[STUN_PASSWORD_CHARS + 1])
{
    write_random_chars(ret_ufrag, STUN_UFRAG_CHARS);
    write_random_chars(ret_password, STUN_PASSWORD_CHARS);
}

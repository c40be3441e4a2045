/* ICE-lite connectivity checks (RFC 8445 section 2.5, RFC 8489) over libnice's exported STUN codec.
 * The relay answers; it never asks. No allocation, no state: one thread at a time per call. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

#define STUN_REPLY_BYTES_MAX 256
/* ice-ufrag and ice-pwd as we make them: letters and digits. */
#define STUN_UFRAG_CHARS 8
#define STUN_PASSWORD_CHARS 24

typedef enum StunVerdict {
    STUN_VERDICT_CHECK,  /* MESSAGE-INTEGRITY is right: learn the address, send the reply. */
    STUN_VERDICT_REPLY,  /* Not to be trusted, but an error reply is due (401, 400, 487, 420). */
    STUN_VERDICT_IGNORE, /* An indication or a response: counted, no answer. */
    STUN_VERDICT_BAD,    /* Not well formed, no such user: dropped. */
} StunVerdict;

/* The password of a local ufrag, or NULL when there is none such. */
typedef const char *(*StunPasswordFunc)(const char *local_ufrag, void *data);

typedef struct StunCheck {
    char local_ufrag[STUN_UFRAG_CHARS + 1];
    bool use_candidate;
    uint8_t reply[STUN_REPLY_BYTES_MAX];
    size_t reply_size;
} StunCheck;

/* RFC 7983: the first byte of a STUN message is 0 to 3. */
bool stun_is_message(const uint8_t *bytes, size_t size);

/* The local ufrag a binding request is addressed to, read before anything is verified, to find the
 * peer; false when it is not a well-formed binding request with a USERNAME. */
bool stun_peek_ufrag(const uint8_t *bytes, size_t size, char ret_ufrag[STUN_UFRAG_CHARS + 1]);

/* Judges a datagram and makes the reply. We are the controlled, lite side (`tie breaker` is fixed):
 * a request that claims ICE-CONTROLLED is answered 487. */
StunVerdict stun_answer(const uint8_t *bytes, size_t size, const struct sockaddr *from,
                        StunPasswordFunc password, void *data, StunCheck *ret_check);

/* Random credentials for one session; terminated strings. */
void stun_make_credentials(char ret_ufrag[STUN_UFRAG_CHARS + 1],
                           char ret_password[STUN_PASSWORD_CHARS + 1]);

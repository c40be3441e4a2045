/* Answers connectivity checks (RFC 8445 section 7.3): a relay that is a lite agent makes none, but
 * libnice makes some even when it is told to be lite. We are the controlling side. No state; one
 * thread at a time per call. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/rtc/sdp.h"

#define RESPONDER_REPLY_BYTES 256

/* A STUN message that wants an answer? */
bool responder_is_check(const uint8_t *bytes, size_t size);
/* `from`: where it came from, IPv4; `password`: ours. The size of the reply, 0: there is none. */
size_t responder_answer(const uint8_t *bytes, size_t size, const SdpCandidate *from,
                        const char *password, uint8_t ret_reply[RESPONDER_REPLY_BYTES]);

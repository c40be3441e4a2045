/* The site's picture: takes frames of any size from a camera or film, drops what is not demanded,
 * crops and scales what is, encodes it as VP8 and posts it to the main loop, cut into payloads
 * (RFC 7741). Lives as long as the device, so that a new media session goes on with the same
 * picture. encoder_wants and encoder_push belong to the streaming thread of the source, everything
 * else to the main loop. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bridge/base/mailbox.h"
#include "endpoints/device/demand.h"

typedef struct _GstSample GstSample;
typedef struct Encoder Encoder;

/* Posts Outgoing messages; the mailbox must outlive the encoder. */
Encoder *encoder_new(Mailbox *outbox, GError **error);
void encoder_free(Encoder *encoder);

/* In force from the next frame on. */
void encoder_set_demand(Encoder *encoder, const Demand *demand);
/* The network's limit (REMB); 0: none. */
void encoder_set_cap(Encoder *encoder, int kbps);
/* What is encoded now: the demand under the cap. */
Demand encoder_current(const Encoder *encoder);
/* Governed: at most one key frame in 300 ms, a request in between is kept. */
void encoder_request_keyframe(Encoder *encoder);

/* Is the frame of this time wanted? Ask once for each frame, as early as possible; every yes is
 * followed by encoder_push. */
bool encoder_wants(Encoder *encoder, int64_t captured_us);
/* Raw video; borrowed. */
void encoder_push(Encoder *encoder, GstSample *sample, int64_t captured_us);

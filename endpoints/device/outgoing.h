/* A piece of encoded media on its way from an encoder's thread to the main loop, which gives it its
 * RTP header, protects and sends it. A plain value that travels through a Mailbox. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* With RTP header, extensions and the two bytes of RTX it stays below LIMIT_RTP_BYTES. */
#define OUTGOING_PAYLOAD_BYTES 1140
#define OUTGOING_AUDIO_HZ 48000
#define OUTGOING_VIDEO_HZ 90000

typedef enum OutgoingKind {
    OUTGOING_AUDIO,
    OUTGOING_VIDEO,
    OUTGOING_KINDS,
} OutgoingKind;

typedef struct Outgoing {
    OutgoingKind kind;
    bool marker;
    uint8_t level;          /* of audio, in -dBov */
    uint32_t rtp_timestamp; /* relative: the stream adds its own offset */
    int64_t captured_us;    /* the monotonic time that rtp_timestamp stands for */
    uint16_t size;
    uint8_t payload[OUTGOING_PAYLOAD_BYTES];
} Outgoing;

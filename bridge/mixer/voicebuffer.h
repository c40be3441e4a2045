/* The packets of one voice that wait to be played, in order of their sequence number: reorders,
 * refuses duplicates, holds at most LIMIT_VOICE_PACKETS. Copies what it is given. Belongs to its
 * voice, on the sound thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bridge/base/limits.h"
#include "bridge/base/medialink.h"

/* Sequence number and timestamp are unwrapped: they never go round. */
typedef struct VoiceFrame {
    int64_t seq;
    int64_t rtp_ts;
    int samples; /* 48 kHz; 0 marks an empty slot */
    size_t size;
    uint8_t bytes[MEDIALINK_BODY_BYTES_MAX];
} VoiceFrame;

typedef struct VoiceBuffer {
    int64_t next_seq; /* The lowest that is still taken. */
    int64_t end_seq;  /* One past the highest that has come. */
    size_t count;
    VoiceFrame frames[LIMIT_VOICE_PACKETS];
} VoiceBuffer;

typedef enum VoiceBufferVerdict {
    VOICE_BUFFER_TAKEN,
    VOICE_BUFFER_DUPLICATE,
    VOICE_BUFFER_LATE,     /* Before the last one that was dropped. */
    VOICE_BUFFER_OVERFLOW, /* Taken, and the oldest thrown away for it. */
} VoiceBufferVerdict;

typedef struct VoiceFrameHeader {
    int64_t seq;
    int64_t rtp_ts;
    int samples;
} VoiceFrameHeader;

/* Empties the buffer; `seq` is the first that it takes. */
void voice_buffer_reset(VoiceBuffer *buffer, int64_t seq);
/* `size` is at most MEDIALINK_BODY_BYTES_MAX. */
VoiceBufferVerdict voice_buffer_put(VoiceBuffer *buffer, const VoiceFrameHeader *header,
                                    const uint8_t *bytes, size_t size);
/* The frame with the lowest sequence number, until the next call; NULL when empty. */
const VoiceFrame *voice_buffer_first(const VoiceBuffer *buffer);
/* Drops the first frame; nothing up to it is taken any more. */
void voice_buffer_drop_first(VoiceBuffer *buffer);

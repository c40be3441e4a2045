#include "bridge/mixer/voicebuffer.h"

#include <string.h>

static VoiceFrame *slot(VoiceBuffer *buffer, int64_t seq)
{
    return &buffer->frames[(uint64_t)seq % LIMIT_VOICE_PACKETS];
}

void voice_buffer_reset(VoiceBuffer *buffer, int64_t seq)
{
    for (size_t i = 0; i < LIMIT_VOICE_PACKETS; i++) {
        buffer->frames[i].samples = 0;
    }
    buffer->next_seq = seq;
    buffer->end_seq = seq;
    buffer->count = 0;
}

/* Makes room for `seq` at the far end; true when frames had to go. */
static bool advance_to(VoiceBuffer *buffer, int64_t seq)
{
    bool threw_away = false;
    int64_t least = seq - LIMIT_VOICE_PACKETS + 1;
    while (buffer->count > 0 && voice_buffer_first(buffer)->seq < least) {
        voice_buffer_drop_first(buffer);
        threw_away = true;
    }
    if (buffer->next_seq < least) {
        buffer->next_seq = least;
    }
    return threw_away;
}

VoiceBufferVerdict voice_buffer_put(VoiceBuffer *buffer, const VoiceFrameHeader *header,
                                    const uint8_t *bytes, size_t size)
{
    if (header->seq < buffer->next_seq) {
        return VOICE_BUFFER_LATE;
    }
    bool threw_away = advance_to(buffer, header->seq);
    VoiceFrame *frame = slot(buffer, header->seq);
    if (frame->samples > 0) {
        return VOICE_BUFFER_DUPLICATE;
    }
    frame->seq = header->seq;
    frame->rtp_ts = header->rtp_ts;
    frame->samples = header->samples;
    frame->size = size;
    memcpy(frame->bytes, bytes, size);
    buffer->count++;
    if (header->seq >= buffer->end_seq) {
        buffer->end_seq = header->seq + 1;
    }
    return threw_away ? VOICE_BUFFER_OVERFLOW : VOICE_BUFFER_TAKEN;
}

const VoiceFrame *voice_buffer_first(const VoiceBuffer *buffer)
{
    if (buffer->count == 0) {
        return NULL;
    }
    int64_t seq = buffer->next_seq;
    while (buffer->frames[(uint64_t)seq % LIMIT_VOICE_PACKETS].samples == 0) {
        seq++;
    }
    return &buffer->frames[(uint64_t)seq % LIMIT_VOICE_PACKETS];
}

void voice_buffer_drop_first(VoiceBuffer *buffer)
{
    const VoiceFrame *first = voice_buffer_first(buffer);
    if (first == NULL) {
        return;
    }
    buffer->next_seq = first->seq + 1;
    slot(buffer, first->seq)->samples = 0;
    buffer->count--;
}

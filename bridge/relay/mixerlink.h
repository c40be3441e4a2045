/* One mixer's connection on the media socket (bridge/PROTOCOL.md, "Media"). Neither end ever waits:
 * what does not fit is dropped and counted. The mixer decodes what strangers send and may be taken
 * over by it, so nothing it says is believed unchecked. Owned by the relay, on the main loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/medialink.h"
#include "bridge/relay/counters.h"

typedef struct MixerLink MixerLink;

typedef struct MixerLinkHandlers {
    /* Its first message names its meeting. False: not welcome, the link closes. */
    bool (*on_hello)(MixerLink *link, uint64_t meeting, void *data);
    void (*on_message)(MixerLink *link, const MedialinkHeader *header, const uint8_t *body,
                       size_t size, void *data);
    /* All that waited was read: send what came of it. */
    void (*on_drained)(MixerLink *link, void *data);
    /* The last call: the link is freed by the owner, now or later. */
    void (*on_closed)(MixerLink *link, void *data);
} MixerLinkHandlers;

/* Takes over the connected descriptor. The handlers stay valid; the link must not be freed within
 * on_hello, on_message or on_drained. */
MixerLink *mixerlink_new(int fd, const MixerLinkHandlers *handlers, Counters *counters, void *data);
void mixerlink_free(MixerLink *link);

/* The meeting it said hello for; 0 before that. */
uint64_t mixerlink_meeting(const MixerLink *link);

/* A body in two parts, either may be empty. */
typedef struct MixerLinkBody {
    const uint8_t *head;
    size_t head_size;
    const uint8_t *payload;
    size_t payload_size;
} MixerLinkBody;

/* False: dropped. */
bool mixerlink_send(MixerLink *link, const MedialinkHeader *header, MixerLinkBody body);

/* The media socket: listens for mixers and keeps those that have not said hello; from then on a
 * link belongs to its meeting. Owned by the relay, on the main loop. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/relay/mixerlink.h"

typedef struct Mixers Mixers;

typedef struct MixersOptions {
    const char *path;
    Counters *counters;
    /* Takes over the link of a meeting's mixer; false when there is no such meeting. */
    bool (*attach)(MixerLink *link, uint64_t meeting, void *data);
    /* One message of an attached mixer, and the end of a batch of them. */
    void (*on_message)(MixerLink *link, const MedialinkHeader *header, const uint8_t *body,
                       size_t size, void *data);
    void (*on_drained)(MixerLink *link, void *data);
    /* An attached mixer's connection ended: free the link. */
    void (*detach)(MixerLink *link, void *data);
    void *data;
} MixersOptions;

/* NULL and an error naming the path. */
Mixers *mixers_listen(const MixersOptions *options, GError **error);
/* Also removes the socket file. Attached links are the owner's. */
void mixers_free(Mixers *mixers);

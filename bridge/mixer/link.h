/* The media link to the relay (bridge/PROTOCOL.md, "Media"): connects to the relay's socket, says
 * hello, and tries again every LINK_RETRY_US for ever while the relay is away. Made, freed and
 * called back on the main loop; link_send may be called on any thread. Nobody waits: what the
 * socket cannot take is dropped and counted. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bridge/base/medialink.h"

#define LINK_RETRY_US INT64_C(200000)

typedef struct Link Link;

typedef enum LinkVerdict {
    LINK_SENT,
    LINK_FULL, /* Dropped. */
    LINK_AWAY, /* Nobody is there to miss it. */
    LINK_VERDICTS,
} LinkVerdict;

typedef struct LinkHandlers {
    /* The hello has been sent; nothing else before it. */
    void (*on_attached)(void *data);
    /* The body is borrowed for the call. */
    void (*on_message)(const MedialinkHeader *header, const uint8_t *body, size_t size, void *data);
} LinkHandlers;

typedef struct LinkOptions {
    const char *path;
    uint64_t meeting;
    const LinkHandlers *handlers; /* Must outlive the link. */
    void *data;
} LinkOptions;

/* Does not call back before it returns. */
Link *link_new(const LinkOptions *options);
void link_free(Link *link);

/* `size` is at most MEDIALINK_BODY_BYTES_MAX. */
LinkVerdict link_send(Link *link, const MedialinkHeader *header, const void *body, size_t size);
uint64_t link_count(const Link *link, LinkVerdict verdict);
/* Messages from the relay that were not of the protocol. */
uint64_t link_bad_messages(const Link *link);

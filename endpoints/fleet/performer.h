/* What a simulated site sends: its voice while it has the floor and silence otherwise, and its film
 * as it is demanded. Knows RTP, but neither keys nor sockets. Owned by a media session; lives on
 * the main loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/bytes.h"
#include "bridge/rtc/sdp.h"
#include "endpoints/device/demand.h"
#include "endpoints/fleet/camera.h"
#include "endpoints/fleet/studio.h"

typedef struct Performer Performer;

typedef struct PerformerOptions {
    const Studio *studio;
    size_t site; /* index: which voice, which film, and where in them it begins */
    const char *cname;
    uint32_t audio_ssrc;
    uint32_t video_ssrc;
    uint32_t rtx_ssrc;
    Camera *camera; /* takes the place of the film; NULL: none; outlives the performer */
    /* One plain RTP packet with room behind it for SRTP; called from performer_tick and
     * performer_on_nack. */
    void (*emit)(uint8_t *bytes, size_t size, size_t capacity, void *data);
    void *data;
} PerformerOptions;

Performer *performer_new(const PerformerOptions *options, int64_t now_us);
void performer_free(Performer *performer);

/* What the relay takes, from its answer; NULL: nothing of that kind. */
void performer_accept(Performer *performer, const SdpMedia *audio, const SdpMedia *video);
void performer_set_demand(Performer *performer, const Demand *demand);
void performer_set_talking(Performer *performer, bool is_talking);
void performer_set_muted(Performer *performer, bool is_muted);

/* Emits what is due. */
void performer_tick(Performer *performer, int64_t now_us);
void performer_on_nack(Performer *performer, uint32_t ssrc, uint16_t seq, int64_t now_us);
/* PLI or FIR: the film jumps to its next key frame. */
void performer_on_keyframe_request(Performer *performer, int64_t now_us);
/* Appends sender reports. */
void performer_report(Performer *performer, int64_t now_us, ByteWriter *writer);

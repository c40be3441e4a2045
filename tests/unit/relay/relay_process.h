/* Starts the real relay, speaks to its control socket as the server does and to its media socket as
 * a mixer does; waits where it says so. One thread; the caller stops it. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/medialink.h"
#include "bridge/rtc/rtp.h"
#include "tests/support/rtc_client.h"

typedef struct json_t json_t;
typedef struct RelayProcess RelayProcess;

RelayProcess *relay_process_start(void);
void relay_process_stop(RelayProcess *process);
uint16_t relay_process_port(RelayProcess *process);
/* Runs another relay on this port until it ends by itself; its exit status, and what it said, to
 * g_free. */
int relay_process_run_second(uint16_t port, char **ret_said);
/* Drops the control connection and makes a new one, as a restarted server does. */
void relay_process_reclaim(RelayProcess *process);

/* Takes over `request`. The "ok" object, or NULL for an error, whose code is then in
 * relay_process_error. To json_decref. */
json_t *relay_process_call(RelayProcess *process, const char *op, json_t *request);
const char *relay_process_error(const RelayProcess *process);
/* The next event of this name whose `field` (if not NULL) is the string `value`; NULL when none
 * comes in time. To json_decref. */
json_t *relay_process_wait(RelayProcess *process, const char *event, const char *field,
                           const char *value);
/* A counter out of the next stats event. */
int64_t relay_process_counter(RelayProcess *process, const char *name);

/* peer.add with the client's offer, and the answer given to the client. */
bool relay_process_add_peer(RelayProcess *process, RtcClient *client, int peer, int source,
                            bool is_muted);
/* As above, and connected; the meeting is 1. Ends the test, saying why, when it fails. */
RtcClient *relay_process_join(RelayProcess *process, int peer, int source);

/* A mixer's connection, after its hello. */
int relay_process_mixer(RelayProcess *process, uint64_t meeting);

typedef struct MixerMessage {
    MedialinkHeader header;
    size_t size;
    uint8_t body[MEDIALINK_BODY_BYTES_MAX];
} MixerMessage;

/* The next message of this type; false when none comes in time. */
bool mixer_receive(int fd, MedialinkType type, MixerMessage *ret_message, int64_t timeout_us);

typedef struct MixerPacket {
    uint16_t rung; /* of a picture */
    bool is_h264;  /* or else VP8 */
    uint32_t source;
    uint16_t seq;
    uint32_t timestamp;
    bool ends_frame;
    const void *payload;
    size_t size;
} MixerPacket;

bool mixer_send_sound(int fd, const MixerPacket *packet);
bool mixer_send_picture(int fd, const MixerPacket *packet);

/* For the tests of the real program: one mixer between a relay's end of the media socket and a
 * server's end of the control socket, and three sources of one colour each. One to a process. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "bridge/base/medialink.h"
#include "tests/unit/mixer/clip.h"

#define WORLD_SOURCES 3
#define WORLD_RUNGS 2
#define WORLD_TIMEOUT_US INT64_C(15000000)

/* What came back on one rung. */
typedef struct Received {
    ClipDecoder *decoder;
    bool is_started;
    bool is_first_key;
    uint16_t seq;
    int seq_gaps;
    int keyframes;
    int frames;
    size_t packet_size; /* Of the running frame. */
    int odd_sizes;
} Received;

typedef struct World {
    char *dir;
    pid_t pid;
    int listen_fd;
    int media_fd;
    int control_fd;
    GString *line;
    GPtrArray *lines; /* json_t */
    ClipEncoder *encoders[WORLD_SOURCES];
    uint32_t keyframes_asked[WORLD_SOURCES + 1];
    Received rungs[WORLD_RUNGS];
    int sound_packets;
    bool is_quiet[WORLD_SOURCES]; /* Sends nothing. */
    void (*on_picture)(int rung); /* A whole frame has been decoded; may be NULL. */
} World;

extern World world;
/* Of source 1, 2, 3. */
extern const uint32_t world_colors[WORLD_SOURCES];

void world_open(void);
/* The mixer has to end well. */
void world_close(void);
/* Waits for the mixer's next connection to the media socket. */
void world_accept_mixer(void);

/* The header's time is filled in. */
void world_send_media(MedialinkHeader header, const void *body, size_t size);
/* One frame of every source that is not quiet; when `is_sent` is false it is encoded and lost. */
void world_send_frames(bool is_sent);
/* The numbers of the rungs that are received, two bytes each. */
void world_tell_rungs(const uint8_t *body, size_t size);
/* Plays until `is_done` says so: a frame of every source each 40 ms, everything that comes taken.
 */
bool world_play_until(bool (*is_done)(void), int64_t timeout_us);

/* Sends one request and waits for its answer; the caller's. */
json_t *world_call(const char *text);
/* Has the mixer told that the source is "live", or "none"? */
bool world_has_event(uint32_t source, const char *video);

/* The site's test of itself before a meeting ("Kiểm tra trước họp"): camera, microphone and, where
 * it plays sound, loudspeaker, for some seconds, and the way to the server. It answers one `check`
 * of the server with one device.checked. It opens camera and microphone itself, so it stops at once
 * when a meeting begins; during one it only looks at what is there. Owned by the device; lives on
 * the main loop, feeds run on streaming threads. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "endpoints/client/client.h"
#include "endpoints/device/source.h"

typedef struct json_t json_t;
typedef struct SelfTest SelfTest;

typedef struct SelfTestOptions {
    Client *client; /* outlives it, but for selftest_free */
    Source video;
    Source audio;
    bool has_speaker; /* sound that comes in is played */
    const char *state_dir;
} SelfTestOptions;

/* What can be told while a meeting goes on. */
typedef struct SelfTestMeeting {
    bool sends_picture;
    int level; /* of the microphone, −dBov */
} SelfTestMeeting;

SelfTest *selftest_new(const SelfTestOptions *options, GError **error);
/* After the client is freed. */
void selftest_free(SelfTest *test);

/* The event `check`. `meeting` is NULL when there is none. A new one replaces one that runs. */
void selftest_on_check(SelfTest *test, json_t *event, const SelfTestMeeting *meeting);
/* A meeting begins: camera and microphone are given back before this returns. */
void selftest_yield(SelfTest *test);

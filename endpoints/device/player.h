/* What becomes of the picture and sound that arrive: shown and heard, written to a file, decoded
 * and measured, or only counted. Lives as long as the device: a new media session plays on in the
 * same window. The pushes come from one streaming thread each for video and audio, everything else
 * from the main loop. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "endpoints/device/meter.h"
#include "endpoints/device/standing.h"

typedef struct Player Player;

typedef enum PlayerSink {
    PLAYER_NONE,
    PLAYER_WINDOW,
    PLAYER_DECODE,
    PLAYER_FILE,
} PlayerSink;

typedef struct PlayerOptions {
    PlayerSink sink;
    const char *path; /* of PLAYER_FILE; made anew with the first key frame of a meeting */
} PlayerOptions;

/* A whole VP8 frame, or one Opus packet; bytes are borrowed. */
typedef struct PlayerFrame {
    const uint8_t *bytes;
    size_t size;
    int64_t due_us;    /* monotonic time, before any playout delay */
    bool is_key;       /* of video */
    int width, height; /* of a key frame */
} PlayerFrame;

/* An error names the element or the file. */
Player *player_new(const PlayerOptions *options, GError **error);
/* A file is finished properly first. */
void player_free(Player *player);

/* A meeting begins or ends: windows open and close, files are finished. */
void player_open(Player *player);
void player_close(Player *player);
/* Words over the picture of a window, plain text; NULL: none. */
void player_set_notice(Player *player, const char *text, StandingTone tone);

/* False: it was of no use, a key frame is needed. */
bool player_push_video(Player *player, const PlayerFrame *frame);
void player_push_audio(Player *player, const PlayerFrame *packet);

/* Of what is shown or, where nothing is decoded, of what arrives. */
MeterReading player_read_video(Player *player, int64_t now_us);
MeterReading player_read_audio(Player *player, int64_t now_us);
/* Of the sound that was decoded last, in dBFS; false when sound is not decoded or none came. */
bool player_get_level(const Player *player, double *ret_dbfs);

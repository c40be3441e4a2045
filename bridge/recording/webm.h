/* The WebM (Matroska, RFC 9559) of our recordings: one VP8 track and one Opus track, whole
 * milliseconds. A fragment is a head and clusters, each written in one piece, so that whatever
 * lies before a cut plays. The head leaves room for what only a finished file knows. Bytes in,
 * bytes out. Any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEBM_VIDEO 1
#define WEBM_AUDIO 2
/* One packet of our sound, and what fills a hole in it: players add sound up instead of looking at
 * its times, and would play all that follows too early. */
#define WEBM_AUDIO_MS 20

typedef struct WebmBlock {
    int track;         /* WEBM_VIDEO or WEBM_AUDIO */
    int64_t time_ms;   /* 0 and up, since the recording began */
    bool is_keyframe;  /* sound: always */
    size_t size_bytes; /* of `bytes` */
    const uint8_t *bytes;
} WebmBlock;

/* One cue of a finished file: a cluster that begins with a key frame. */
typedef struct WebmCue {
    int64_t time_ms;
    uint64_t position; /* of the cluster, in the file */
} WebmCue;

/* All heads have the same size. */
size_t webm_head_size(void);
void webm_write_head(GByteArray *bytes, int width, int height);
/* The same, of a finished file of `file_size` bytes with its cues at this position. */
void webm_write_finished_head(GByteArray *bytes, int width, int height, int64_t duration_ms,
                              uint64_t cues_at, uint64_t file_size);
/* One cluster, its blocks in order of time (sorted here), within 30 s. Nothing when there is none.
 */
void webm_write_cluster(GByteArray *bytes, WebmBlock *blocks, size_t count);
void webm_write_cues(GByteArray *bytes, const WebmCue *cues, size_t count);
/* 20 ms of silence in Opus. */
WebmBlock webm_silence(int64_t time_ms);

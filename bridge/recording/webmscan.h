/* Reads what webm.h has written, cluster by cluster, up to where a crash has cut it. Borrows the
 * bytes. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/bytes.h"

typedef struct WebmScan {
    int width, height;
    size_t head_bytes; /* the first cluster begins behind it */
    ByteReader rest;
} WebmScan;

#define WEBM_NO_TIME INT64_MIN

typedef struct WebmCluster {
    const uint8_t *bytes;
    size_t size_bytes;
    int64_t first_ms, last_ms; /* times of its earliest and latest block */
    int64_t first_audio_ms;    /* of its sound; WEBM_NO_TIME: it has none */
    int64_t last_audio_ms;
    int64_t keyframe_ms; /* WEBM_NO_TIME: its picture does not begin with a key frame */
} WebmCluster;

/* False: not even the head is there. */
bool webm_scan_open(WebmScan *ret_scan, const uint8_t *bytes, size_t size);
/* The next whole cluster; false behind the last one. */
bool webm_scan_next(WebmScan *scan, WebmCluster *ret_cluster);

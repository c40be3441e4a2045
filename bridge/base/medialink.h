/* The 16-byte header of the messages between relay and mixer (bridge/PROTOCOL.md, "Media"). Plain
 * values. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEDIALINK_HEADER_BYTES 16
#define MEDIALINK_BODY_BYTES_MAX 1500
#define MEDIALINK_OPUS_PAYLOAD_TYPE 111
#define MEDIALINK_VP8_PAYLOAD_TYPE 96
#define MEDIALINK_H264_PAYLOAD_TYPE 97

typedef enum MedialinkType {
    MEDIALINK_HELLO = 1,
    MEDIALINK_AUDIO_IN = 2,
    MEDIALINK_VIDEO_IN = 3,
    MEDIALINK_PICTURE = 4,
    MEDIALINK_SOUND = 5,
    MEDIALINK_SOURCE_KEYFRAME = 6,
    MEDIALINK_RUNG_KEYFRAME = 7,
    MEDIALINK_SOURCE_GONE = 8,
    MEDIALINK_RUNGS = 9,
} MedialinkType;

#define MEDIALINK_FLAG_FRAME_END 1
#define MEDIALINK_FLAG_KEYFRAME 2

typedef struct MedialinkHeader {
    uint8_t type;
    uint8_t flags;
    uint16_t rung;
    uint32_t source;
    int64_t time_us;
} MedialinkHeader;

void medialink_write(const MedialinkHeader *header, uint8_t bytes[MEDIALINK_HEADER_BYTES]);
/* False when the message is too short or its type unknown. */
bool medialink_read(const uint8_t *bytes, size_t size, MedialinkHeader *ret_header);

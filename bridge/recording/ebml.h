/* Elements of EBML (RFC 8794) as a Matroska file is made of them: an id, a size, a body. Sizes are
 * written in eight bytes and numbers in eight, so that they can be changed in place. Any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/bytes.h"

enum {
    EBML_HEADER = 0x1a45dfa3,
    EBML_VERSION = 0x4286,
    EBML_READ_VERSION = 0x42f7,
    EBML_MAX_ID_LENGTH = 0x42f2,
    EBML_MAX_SIZE_LENGTH = 0x42f3,
    EBML_DOC_TYPE = 0x4282,
    EBML_DOC_TYPE_VERSION = 0x4287,
    EBML_DOC_TYPE_READ_VERSION = 0x4285,
    EBML_VOID = 0xec,
    EBML_SEGMENT = 0x18538067,
    EBML_SEEK_HEAD = 0x114d9b74,
    EBML_SEEK = 0x4dbb,
    EBML_SEEK_ID = 0x53ab,
    EBML_SEEK_POSITION = 0x53ac,
    EBML_INFO = 0x1549a966,
    EBML_TIMESTAMP_SCALE = 0x2ad7b1,
    EBML_DURATION = 0x4489,
    EBML_MUXING_APP = 0x4d80,
    EBML_WRITING_APP = 0x5741,
    EBML_TRACKS = 0x1654ae6b,
    EBML_TRACK_ENTRY = 0xae,
    EBML_TRACK_NUMBER = 0xd7,
    EBML_TRACK_UID = 0x73c5,
    EBML_TRACK_TYPE = 0x83,
    EBML_CODEC_ID = 0x86,
    EBML_CODEC_PRIVATE = 0x63a2,
    EBML_SEEK_PREROLL = 0x56bb,
    EBML_VIDEO = 0xe0,
    EBML_PIXEL_WIDTH = 0xb0,
    EBML_PIXEL_HEIGHT = 0xba,
    EBML_AUDIO = 0xe1,
    EBML_SAMPLING_FREQUENCY = 0xb5,
    EBML_CHANNELS = 0x9f,
    EBML_CLUSTER = 0x1f43b675,
    EBML_TIMESTAMP = 0xe7,
    EBML_SIMPLE_BLOCK = 0xa3,
    EBML_CUES = 0x1c53bb6b,
    EBML_CUE_POINT = 0xbb,
    EBML_CUE_TIME = 0xb3,
    EBML_CUE_TRACK_POSITIONS = 0xb7,
    EBML_CUE_TRACK = 0xf7,
    EBML_CUE_CLUSTER_POSITION = 0xf1,
};

/* Begins an element; its body is what is appended until ebml_close with the value returned. */
size_t ebml_open(GByteArray *bytes, uint32_t id);
void ebml_close(GByteArray *bytes, size_t element);
/* Begins one that goes on to the end of the file, unless ebml_set_size says otherwise later. */
size_t ebml_open_unknown(GByteArray *bytes, uint32_t id);
void ebml_set_size(GByteArray *bytes, size_t element, uint64_t size);

void ebml_write_uint(GByteArray *bytes, uint32_t id, uint64_t value);
void ebml_write_double(GByteArray *bytes, uint32_t id, double value);
void ebml_write_bytes(GByteArray *bytes, uint32_t id, const void *data, size_t size);
/* Makes what was appended since `start` one element that means nothing: room for later. At least 9
 * bytes. */
void ebml_blank(GByteArray *bytes, size_t start);

typedef struct EbmlElement {
    uint32_t id;
    ByteReader body;    /* of what is there */
    bool is_whole;      /* false: it goes on behind the end, or its size is unknown */
    const uint8_t *end; /* behind the element; of one that is not whole the end of the input */
} EbmlElement;

/* The next element; the reader moves behind it. False at the end, and when the bytes are none. */
bool ebml_read(ByteReader *reader, EbmlElement *ret_element);
/* A number of one to eight bytes. */
uint64_t ebml_uint(const EbmlElement *element);

#include "bridge/recording/webm.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/recording/ebml.h"

#define NS_PER_MS 1000000
#define CODEC_HZ 48000
#define FLAG_KEYFRAME 0x80
/* Time an Opus decoder needs to settle after a jump (RFC 7845 section 4.2). */
#define SEEK_PREROLL_NS 80000000

/* What the room in the head is for. */
typedef struct Finish {
    int64_t duration_ms; /* 0: not finished */
    uint64_t cues_at;
    uint64_t file_size;
} Finish;

static void write_ebml(GByteArray *bytes)
{
    size_t ebml = ebml_open(bytes, EBML_HEADER);
    ebml_write_uint(bytes, EBML_VERSION, 1);
    ebml_write_uint(bytes, EBML_READ_VERSION, 1);
    ebml_write_uint(bytes, EBML_MAX_ID_LENGTH, 4);
    ebml_write_uint(bytes, EBML_MAX_SIZE_LENGTH, 8);
    ebml_write_bytes(bytes, EBML_DOC_TYPE, "webm", 4);
    ebml_write_uint(bytes, EBML_DOC_TYPE_VERSION, 4);
    ebml_write_uint(bytes, EBML_DOC_TYPE_READ_VERSION, 2);
    ebml_close(bytes, ebml);
}

static void write_seek(GByteArray *bytes, uint64_t cues_at)
{
    static const uint8_t cues_id[] = {0x1c, 0x53, 0xbb, 0x6b};
    size_t head = ebml_open(bytes, EBML_SEEK_HEAD);
    size_t seek = ebml_open(bytes, EBML_SEEK);
    ebml_write_bytes(bytes, EBML_SEEK_ID, cues_id, sizeof cues_id);
    ebml_write_uint(bytes, EBML_SEEK_POSITION, cues_at);
    ebml_close(bytes, seek);
    ebml_close(bytes, head);
}

static void write_info(GByteArray *bytes, const Finish *finish)
{
    size_t info = ebml_open(bytes, EBML_INFO);
    ebml_write_uint(bytes, EBML_TIMESTAMP_SCALE, NS_PER_MS);
    ebml_write_bytes(bytes, EBML_MUXING_APP, "diemcau", 7);
    ebml_write_bytes(bytes, EBML_WRITING_APP, "diemcau", 7);
    size_t before = bytes->len;
    ebml_write_double(bytes, EBML_DURATION, (double)finish->duration_ms);
    if (finish->duration_ms == 0) {
        ebml_blank(bytes, before);
    }
    ebml_close(bytes, info);
}

static void write_video(GByteArray *bytes, int width, int height)
{
    size_t entry = ebml_open(bytes, EBML_TRACK_ENTRY);
    ebml_write_uint(bytes, EBML_TRACK_NUMBER, WEBM_VIDEO);
    ebml_write_uint(bytes, EBML_TRACK_UID, WEBM_VIDEO);
    ebml_write_uint(bytes, EBML_TRACK_TYPE, 1);
    ebml_write_bytes(bytes, EBML_CODEC_ID, "V_VP8", 5);
    size_t video = ebml_open(bytes, EBML_VIDEO);
    ebml_write_uint(bytes, EBML_PIXEL_WIDTH, (uint64_t)width);
    ebml_write_uint(bytes, EBML_PIXEL_HEIGHT, (uint64_t)height);
    ebml_close(bytes, video);
    ebml_close(bytes, entry);
}

/* RFC 7845 section 5.1: version 1, one channel, no pre-skip, 48 kHz, no gain. */
static void write_audio(GByteArray *bytes)
{
    static const uint8_t opus_head[] = {'O', 'p', 'u',  's',  'H', 'e', 'a', 'd', 1, 1,
                                        0,   0,   0x80, 0xbb, 0,   0,   0,   0,   0};
    size_t entry = ebml_open(bytes, EBML_TRACK_ENTRY);
    ebml_write_uint(bytes, EBML_TRACK_NUMBER, WEBM_AUDIO);
    ebml_write_uint(bytes, EBML_TRACK_UID, WEBM_AUDIO);
    ebml_write_uint(bytes, EBML_TRACK_TYPE, 2);
    ebml_write_bytes(bytes, EBML_CODEC_ID, "A_OPUS", 6);
    ebml_write_bytes(bytes, EBML_CODEC_PRIVATE, opus_head, sizeof opus_head);
    ebml_write_uint(bytes, EBML_SEEK_PREROLL, SEEK_PREROLL_NS);
    size_t audio = ebml_open(bytes, EBML_AUDIO);
    ebml_write_double(bytes, EBML_SAMPLING_FREQUENCY, CODEC_HZ);
    ebml_write_uint(bytes, EBML_CHANNELS, 1);
    ebml_close(bytes, audio);
    ebml_close(bytes, entry);
}

static void write_head(GByteArray *bytes, int width, int height, const Finish *finish)
{
    size_t start = bytes->len;
    write_ebml(bytes);
    size_t segment = ebml_open_unknown(bytes, EBML_SEGMENT);
    size_t body = bytes->len - start;
    size_t seek = bytes->len;
    write_seek(bytes, finish->cues_at - MIN(finish->cues_at, body));
    if (finish->duration_ms == 0) {
        ebml_blank(bytes, seek);
    }
    write_info(bytes, finish);
    size_t tracks = ebml_open(bytes, EBML_TRACKS);
    write_video(bytes, width, height);
    write_audio(bytes);
    ebml_close(bytes, tracks);
    if (finish->duration_ms > 0) {
        ebml_set_size(bytes, segment, finish->file_size - body);
    }
}

size_t webm_head_size(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    webm_write_head(bytes, 2, 2);
    return bytes->len;
}

void webm_write_head(GByteArray *bytes, int width, int height)
{
    write_head(bytes, width, height, &(Finish){0});
}

void webm_write_finished_head(GByteArray *bytes, int width, int height, int64_t duration_ms,
                              uint64_t cues_at, uint64_t file_size)
{
    write_head(bytes, width, height,
               &(Finish){.duration_ms = duration_ms, .cues_at = cues_at, .file_size = file_size});
}

static int by_time(const void *a, const void *b)
{
    const WebmBlock *left = a;
    const WebmBlock *right = b;
    if (left->time_ms != right->time_ms) {
        return left->time_ms < right->time_ms ? -1 : 1;
    }
    return left->track - right->track; /* picture first: a cluster that can begin with one does */
}

static void write_block(GByteArray *bytes, const WebmBlock *block, int64_t cluster_ms)
{
    uint16_t offset = (uint16_t)(int16_t)(block->time_ms - cluster_ms);
    const uint8_t lead[] = {(uint8_t)(0x80 | block->track), (uint8_t)(offset >> 8), (uint8_t)offset,
                            block->is_keyframe ? FLAG_KEYFRAME : 0};
    size_t simple = ebml_open(bytes, EBML_SIMPLE_BLOCK);
    g_byte_array_append(bytes, lead, sizeof lead);
    g_byte_array_append(bytes, block->bytes, (guint)block->size_bytes);
    ebml_close(bytes, simple);
}

void webm_write_cluster(GByteArray *bytes, WebmBlock *blocks, size_t count)
{
    if (count == 0) {
        return;
    }
    qsort(blocks, count, sizeof *blocks, by_time);
    size_t cluster = ebml_open(bytes, EBML_CLUSTER);
    ebml_write_uint(bytes, EBML_TIMESTAMP, (uint64_t)blocks[0].time_ms);
    for (size_t i = 0; i < count; i++) {
        write_block(bytes, &blocks[i], blocks[0].time_ms);
    }
    ebml_close(bytes, cluster);
}

void webm_write_cues(GByteArray *bytes, const WebmCue *cues, size_t count)
{
    /* Positions count from the segment's first byte. */
    g_autoptr(GByteArray) head = g_byte_array_new();
    write_ebml(head);
    ebml_open_unknown(head, EBML_SEGMENT);
    size_t all = ebml_open(bytes, EBML_CUES);
    for (size_t i = 0; i < count; i++) {
        size_t point = ebml_open(bytes, EBML_CUE_POINT);
        ebml_write_uint(bytes, EBML_CUE_TIME, (uint64_t)cues[i].time_ms);
        size_t place = ebml_open(bytes, EBML_CUE_TRACK_POSITIONS);
        ebml_write_uint(bytes, EBML_CUE_TRACK, WEBM_VIDEO);
        ebml_write_uint(bytes, EBML_CUE_CLUSTER_POSITION, cues[i].position - head->len);
        ebml_close(bytes, place);
        ebml_close(bytes, point);
    }
    ebml_close(bytes, all);
}

WebmBlock webm_silence(int64_t time_ms)
{
    /* RFC 6716 section 3.1: CELT, full band, 20 ms, one channel, one frame, and silence in it. */
    static const uint8_t silence[] = {0xf8, 0xff, 0xfe};
    return (WebmBlock){.track = WEBM_AUDIO,
                       .time_ms = time_ms,
                       .is_keyframe = true,
                       .size_bytes = sizeof silence,
                       .bytes = silence};
}

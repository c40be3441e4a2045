#include "bridge/recording/webmscan.h"

#include "bridge/recording/ebml.h"
#include "bridge/recording/webm.h"

#define TRACK_MARK 0x80
#define FLAG_KEYFRAME 0x80

static bool find(ByteReader reader, uint32_t id, EbmlElement *ret_element)
{
    while (ebml_read(&reader, ret_element)) {
        if (ret_element->id == id) {
            return true;
        }
    }
    return false;
}

/* The size of the picture stands in the first track. */
static bool read_size(const EbmlElement *tracks, WebmScan *scan)
{
    EbmlElement entry;
    EbmlElement video;
    EbmlElement width;
    EbmlElement height;
    if (!find(tracks->body, EBML_TRACK_ENTRY, &entry) || !find(entry.body, EBML_VIDEO, &video) ||
        !find(video.body, EBML_PIXEL_WIDTH, &width) ||
        !find(video.body, EBML_PIXEL_HEIGHT, &height)) {
        return false;
    }
    scan->width = (int)ebml_uint(&width);
    scan->height = (int)ebml_uint(&height);
    return true;
}

bool webm_scan_open(WebmScan *ret_scan, const uint8_t *bytes, size_t size)
{
    ByteReader reader = byte_reader(bytes, size);
    EbmlElement element;
    *ret_scan = (WebmScan){0};
    if (!ebml_read(&reader, &element) || element.id != EBML_HEADER ||
        !ebml_read(&reader, &element) || element.id != EBML_SEGMENT) {
        return false;
    }
    ByteReader inside = element.body;
    while (ebml_read(&inside, &element) && element.is_whole) {
        if (element.id == EBML_TRACKS) {
            ret_scan->head_bytes = (size_t)(element.end - bytes);
            ret_scan->rest = byte_reader(element.end, size - ret_scan->head_bytes);
            return read_size(&element, ret_scan);
        }
    }
    return false;
}

static void note_block(WebmCluster *cluster, ByteReader body, bool *is_picture_seen)
{
    uint8_t track = read_u8(&body);
    int64_t time_ms = cluster->first_ms + (int16_t)read_u16(&body);
    bool is_keyframe = (read_u8(&body) & FLAG_KEYFRAME) != 0;
    cluster->last_ms = MAX(cluster->last_ms, time_ms);
    if (track == (TRACK_MARK | WEBM_AUDIO)) {
        if (cluster->first_audio_ms == WEBM_NO_TIME) {
            cluster->first_audio_ms = time_ms;
        }
        cluster->last_audio_ms = time_ms;
    } else if (!*is_picture_seen) {
        *is_picture_seen = true;
        cluster->keyframe_ms = is_keyframe ? time_ms : WEBM_NO_TIME;
    }
}

bool webm_scan_next(WebmScan *scan, WebmCluster *ret_cluster)
{
    EbmlElement element;
    const uint8_t *start = scan->rest.at;
    if (!ebml_read(&scan->rest, &element) || element.id != EBML_CLUSTER || !element.is_whole) {
        return false;
    }
    *ret_cluster = (WebmCluster){.bytes = start,
                                 .size_bytes = (size_t)(element.end - start),
                                 .first_audio_ms = WEBM_NO_TIME,
                                 .last_audio_ms = WEBM_NO_TIME,
                                 .keyframe_ms = WEBM_NO_TIME};
    EbmlElement part;
    bool is_picture_seen = false;
    while (ebml_read(&element.body, &part)) {
        if (part.id == EBML_TIMESTAMP) {
            ret_cluster->first_ms = (int64_t)ebml_uint(&part);
            ret_cluster->last_ms = ret_cluster->first_ms;
        } else if (part.id == EBML_SIMPLE_BLOCK) {
            note_block(ret_cluster, part.body, &is_picture_seen);
        }
    }
    return true;
}

#include "bridge/base/videocodec.h"

#include <string.h>

#include "bridge/base/vp8.h"

/* NAL unit types (RFC 6184 section 5.2). */
#define NAL_TYPE_MASK 0x1f
#define NAL_PARAMETER_SET 7
#define NAL_STAP_A 24
#define STAP_A_FIRST_NAL_AT 3 /* behind its own header and the size of the first unit */

static const char *const names[] = {[VIDEO_VP8] = "VP8", [VIDEO_H264] = "H264"};

const char *videocodec_name(VideoCodec codec)
{
    return names[codec];
}

bool videocodec_find(const char *name, VideoCodec *ret_codec)
{
    for (VideoCodec codec = VIDEO_VP8; codec <= VIDEO_H264; codec++) {
        if (strcmp(name, names[codec]) == 0) {
            *ret_codec = codec;
            return true;
        }
    }
    return false;
}

static bool h264_starts_keyframe(const uint8_t *payload, size_t size)
{
    if (size > STAP_A_FIRST_NAL_AT && (payload[0] & NAL_TYPE_MASK) == NAL_STAP_A) {
        return (payload[STAP_A_FIRST_NAL_AT] & NAL_TYPE_MASK) == NAL_PARAMETER_SET;
    }
    return size > 0 && (payload[0] & NAL_TYPE_MASK) == NAL_PARAMETER_SET;
}

bool videocodec_starts_keyframe(VideoCodec codec, const uint8_t *payload, size_t size)
{
    return codec == VIDEO_H264 ? h264_starts_keyframe(payload, size)
                               : vp8_payload_starts_keyframe(payload, size);
}

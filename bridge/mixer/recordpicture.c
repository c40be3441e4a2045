#include "bridge/mixer/recordpicture.h"

#include "bridge/base/bytes.h"
#include "bridge/base/vp8.h"

#define RTP_HEADER_BYTES 12
#define RTP_SEQ_OFFSET 2

void record_picture_init(RecordPicture *picture)
{
    *picture = (RecordPicture){.frame = g_byte_array_new()};
}

void record_picture_clear(RecordPicture *picture)
{
    g_clear_pointer(&picture->frame, g_byte_array_unref);
}

void record_picture_lose(RecordPicture *picture)
{
    picture->is_open = false;
    picture->is_synced = false;
}

/* Is the frame, now whole, one that can be shown? A key frame makes good all before it. */
static bool judge(RecordPicture *picture)
{
    Vp8Header header;
    if (!vp8_read_header(picture->frame->data, picture->frame->len, &header)) {
        record_picture_lose(picture);
        return false;
    }
    picture->is_synced = picture->is_synced || header.is_keyframe;
    return picture->is_synced;
}

bool record_picture_add(RecordPicture *picture, const uint8_t *rtp, size_t size, bool ends_frame)
{
    ByteReader reader = byte_reader(rtp + RTP_SEQ_OFFSET, sizeof(uint16_t));
    uint16_t seq = read_u16(&reader);
    bool starts_frame = false;
    size_t descriptor =
        vp8_read_descriptor(rtp + RTP_HEADER_BYTES, size - RTP_HEADER_BYTES, &starts_frame);
    if (seq != picture->next_seq || descriptor == 0 || (starts_frame && picture->is_open)) {
        record_picture_lose(picture);
    }
    picture->next_seq = (uint16_t)(seq + 1);
    if (starts_frame) {
        picture->is_open = true;
        g_byte_array_set_size(picture->frame, 0);
    }
    if (!picture->is_open || descriptor == 0) {
        return false;
    }
    size_t skip = RTP_HEADER_BYTES + descriptor;
    g_byte_array_append(picture->frame, rtp + skip, (guint)(size - skip));
    picture->is_open = !ends_frame;
    return ends_frame && judge(picture);
}

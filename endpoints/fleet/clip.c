#include "endpoints/fleet/clip.h"

#include <glib/gstdio.h>
#include <string.h>

#include "bridge/base/bytes.h"

#define MAGIC "DCCLIP1\n"
#define MAGIC_BYTES 8
#define COUNT_AT (MAGIC_BYTES + 1 + 3 * 2)
#define FLAG_KEYFRAME 1
#define LEVEL_MAX 127
#define SIDE_MAX 4096

struct Clip {
    GBytes *bytes;
    ClipShape shape;
    size_t count;
    ClipFrame *frames;
};

struct ClipWriter {
    ClipShape shape;
    size_t count;
    GByteArray *bytes;
};

static bool refuse(GError **error, const char *reason)
{
    g_set_error(error, CLIP_ERROR, CLIP_ERROR_CORRUPT, "not a whole clip: %s", reason);
    return false;
}

static bool read_shape(ByteReader *reader, ClipShape *shape, GError **error)
{
    const uint8_t *magic = read_bytes(reader, MAGIC_BYTES);
    if (magic == NULL || memcmp(magic, MAGIC, MAGIC_BYTES) != 0) {
        return refuse(error, "it does not begin as one");
    }
    shape->kind = (ClipKind)read_u8(reader);
    shape->width = read_u16(reader);
    shape->height = read_u16(reader);
    shape->fps = read_u16(reader);
    if (reader->failed || (shape->kind != CLIP_PICTURE && shape->kind != CLIP_VOICE)) {
        return refuse(error, "unknown kind");
    }
    bool has_size = shape->width > 0 && shape->height > 0;
    bool may_have_size = shape->width <= SIDE_MAX && shape->height <= SIDE_MAX;
    if (has_size != (shape->kind == CLIP_PICTURE) || !may_have_size || shape->fps < 1 ||
        shape->fps > CLIP_FPS_MAX) {
        return refuse(error, "size or rate out of range");
    }
    return true;
}

static bool read_frame(ByteReader *reader, ClipFrame *frame, GError **error)
{
    uint8_t flags = read_u8(reader);
    uint8_t level = read_u8(reader);
    size_t size = read_u24(reader);
    if (reader->failed || size == 0 || size > CLIP_FRAME_BYTES_MAX || level > LEVEL_MAX) {
        return refuse(error, "a frame out of range");
    }
    *frame = (ClipFrame){
        .bytes = read_bytes(reader, size),
        .size = size,
        .is_keyframe = (flags & FLAG_KEYFRAME) != 0,
        .level = level,
    };
    return frame->bytes != NULL || refuse(error, "it ends within a frame");
}

static bool read_frames(Clip *clip, ByteReader *reader, GError **error)
{
    for (size_t i = 0; i < clip->count; i++) {
        if (!read_frame(reader, &clip->frames[i], error)) {
            return false;
        }
    }
    if (byte_reader_left(reader) > 0) {
        return refuse(error, "something follows the last frame");
    }
    if (clip->shape.kind == CLIP_PICTURE && !clip->frames[0].is_keyframe) {
        return refuse(error, "it does not begin with a key frame");
    }
    return true;
}

Clip *clip_parse(GBytes *bytes, GError **error)
{
    gsize size = 0;
    const uint8_t *start = g_bytes_get_data(bytes, &size);
    ByteReader reader = byte_reader(start, size);
    ClipShape shape = {0};
    if (!read_shape(&reader, &shape, error)) {
        return NULL;
    }
    size_t count = read_u32(&reader);
    if (reader.failed || count == 0 || count > CLIP_FRAMES_MAX) {
        refuse(error, "number of frames out of range");
        return NULL;
    }
    g_autoptr(Clip) clip = g_new0(Clip, 1);
    clip->bytes = g_bytes_ref(bytes);
    clip->shape = shape;
    clip->count = count;
    clip->frames = g_new0(ClipFrame, count);
    return read_frames(clip, &reader, error) ? g_steal_pointer(&clip) : NULL;
}

Clip *clip_load(const char *path, GError **error)
{
    GStatBuf info;
    if (g_stat(path, &info) != 0 || info.st_size > CLIP_FILE_BYTES_MAX) {
        g_set_error(error, CLIP_ERROR, CLIP_ERROR_FILE, "%s: missing or too large", path);
        return NULL;
    }
    g_autofree char *text = NULL;
    gsize size = 0;
    if (!g_file_get_contents(path, &text, &size, error)) {
        return NULL;
    }
    g_autoptr(GBytes) bytes = g_bytes_new_take(g_steal_pointer(&text), size);
    Clip *clip = clip_parse(bytes, error);
    if (clip == NULL) {
        g_prefix_error(error, "%s: ", path);
    }
    return clip;
}

void clip_free(Clip *clip)
{
    if (clip != NULL) {
        g_bytes_unref(clip->bytes);
        g_free(clip->frames);
        g_free(clip);
    }
}

const ClipShape *clip_shape(const Clip *clip)
{
    return &clip->shape;
}

size_t clip_count(const Clip *clip)
{
    return clip->count;
}

const ClipFrame *clip_frame(const Clip *clip, size_t index)
{
    return &clip->frames[index % clip->count];
}

size_t clip_next_keyframe(const Clip *clip, size_t index)
{
    for (size_t i = 0; i < clip->count; i++) {
        if (clip_frame(clip, index + i)->is_keyframe) {
            return index + i;
        }
    }
    return index;
}

ClipWriter *clip_writer_new(const ClipShape *shape)
{
    ClipWriter *writer = g_new0(ClipWriter, 1);
    writer->shape = *shape;
    writer->bytes = g_byte_array_new();
    uint8_t head[COUNT_AT + 4];
    ByteWriter bytes = byte_writer(head, sizeof head);
    write_bytes(&bytes, MAGIC, MAGIC_BYTES);
    write_u8(&bytes, (uint8_t)shape->kind);
    write_u16(&bytes, (uint16_t)shape->width);
    write_u16(&bytes, (uint16_t)shape->height);
    write_u16(&bytes, (uint16_t)shape->fps);
    write_u32(&bytes, 0);
    g_byte_array_append(writer->bytes, head, sizeof head);
    return writer;
}

void clip_writer_free(ClipWriter *writer)
{
    if (writer != NULL) {
        g_byte_array_unref(writer->bytes);
        g_free(writer);
    }
}

bool clip_writer_add(ClipWriter *writer, const ClipFrame *frame)
{
    if (writer->count == CLIP_FRAMES_MAX || frame->size == 0 ||
        frame->size > CLIP_FRAME_BYTES_MAX ||
        writer->bytes->len + frame->size > CLIP_FILE_BYTES_MAX - 5) {
        return false;
    }
    uint8_t head[5];
    ByteWriter bytes = byte_writer(head, sizeof head);
    write_u8(&bytes, frame->is_keyframe ? FLAG_KEYFRAME : 0);
    write_u8(&bytes, MIN(frame->level, LEVEL_MAX));
    write_u24(&bytes, (uint32_t)frame->size);
    g_byte_array_append(writer->bytes, head, sizeof head);
    g_byte_array_append(writer->bytes, frame->bytes, (guint)frame->size);
    writer->count++;
    return true;
}

size_t clip_writer_count(const ClipWriter *writer)
{
    return writer->count;
}

GBytes *clip_writer_finish(ClipWriter *writer)
{
    ByteWriter count = byte_writer(writer->bytes->data + COUNT_AT, 4);
    write_u32(&count, (uint32_t)writer->count);
    return g_bytes_new(writer->bytes->data, writer->bytes->len);
}

bool clip_writer_save(ClipWriter *writer, const char *path, GError **error)
{
    g_autoptr(GBytes) bytes = clip_writer_finish(writer);
    gsize size = 0;
    const char *start = g_bytes_get_data(bytes, &size);
    return g_file_set_contents(path, start, (gssize)size, error);
}

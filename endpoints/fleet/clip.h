/* A clip: encoded frames of one picture size or of one voice, prepared once and kept in a file, so
 * that many simulated sites send real media at no cost. It is played in a loop; a picture clip
 * begins with a key frame. Immutable once loaded; the bytes of its frames live as long as the clip.
 *
 * The file, big-endian: "DCCLIP1\n", u8 kind, u16 width, u16 height, u16 frames per second, u32
 * number of frames; then each frame: u8 flags (1: key frame), u8 level (-dBov), u24 size, bytes. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIP_FRAMES_MAX 6000
#define CLIP_FRAME_BYTES_MAX (256 * 1024)
#define CLIP_FILE_BYTES_MAX (64 * 1024 * 1024)
#define CLIP_FPS_MAX 60
#define CLIP_VOICE_FPS 50

#define CLIP_ERROR (g_quark_from_static_string("diemcau-clip"))
typedef enum ClipError {
    CLIP_ERROR_FILE,    /* cannot be read or written */
    CLIP_ERROR_CORRUPT, /* is not a whole clip */
} ClipError;

typedef enum ClipKind {
    CLIP_PICTURE = 1, /* VP8 */
    CLIP_VOICE = 2,   /* Opus, 20 ms a frame; width and height are 0 */
} ClipKind;

typedef struct ClipShape {
    ClipKind kind;
    int width;
    int height;
    int fps;
} ClipShape;

typedef struct ClipFrame {
    const uint8_t *bytes;
    size_t size;
    bool is_keyframe;
    uint8_t level;
} ClipFrame;

typedef struct Clip Clip;
typedef struct ClipWriter ClipWriter;

/* NULL and an error naming the file and what is wrong with it. */
Clip *clip_load(const char *path, GError **error);
/* The same of bytes; takes a reference. */
Clip *clip_parse(GBytes *bytes, GError **error);
void clip_free(Clip *clip);
const ClipShape *clip_shape(const Clip *clip);
size_t clip_count(const Clip *clip);
/* `index` is taken modulo the number of frames. */
const ClipFrame *clip_frame(const Clip *clip, size_t index);
/* The first key frame at or after `index`, over the end of the loop. */
size_t clip_next_keyframe(const Clip *clip, size_t index);

ClipWriter *clip_writer_new(const ClipShape *shape);
void clip_writer_free(ClipWriter *writer);
/* False when a limit would be exceeded. */
bool clip_writer_add(ClipWriter *writer, const ClipFrame *frame);
size_t clip_writer_count(const ClipWriter *writer);
/* What a file would hold; g_bytes_unref. */
GBytes *clip_writer_finish(ClipWriter *writer);
/* Written beside and renamed: there is never half a clip. */
bool clip_writer_save(ClipWriter *writer, const char *path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Clip, clip_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ClipWriter, clip_writer_free)

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <string.h>

#include "endpoints/fleet/clip.h"

#define COUNT_AT 15
#define FIRST_FRAME_AT 19
#define FRAME_HEAD_BYTES 5

static const ClipShape picture = {.kind = CLIP_PICTURE, .width = 320, .height = 180, .fps = 25};

static void add(ClipWriter *writer, const char *text, bool is_keyframe)
{
    const ClipFrame frame = {
        .bytes = (const uint8_t *)text,
        .size = strlen(text),
        .is_keyframe = is_keyframe,
        .level = 30,
    };
    cr_assert(clip_writer_add(writer, &frame));
}

/* Three frames: key "abc", "de", key "f". */
static GByteArray *good_clip(void)
{
    g_autoptr(ClipWriter) writer = clip_writer_new(&picture);
    add(writer, "abc", true);
    add(writer, "de", false);
    add(writer, "f", true);
    g_autoptr(GBytes) bytes = clip_writer_finish(writer);
    GByteArray *array = g_byte_array_new();
    gsize size = 0;
    const uint8_t *start = g_bytes_get_data(bytes, &size);
    g_byte_array_append(array, start, (guint)size);
    return array;
}

static Clip *parse(GByteArray *array, GError **error)
{
    g_autoptr(GBytes) bytes = g_bytes_new(array->data, array->len);
    return clip_parse(bytes, error);
}

static void expect_refusal(GByteArray *array, const char *reason)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Clip) clip = parse(array, &error);
    cr_assert_null(clip, "taken although: %s", reason);
    cr_assert(g_error_matches(error, CLIP_ERROR, CLIP_ERROR_CORRUPT));
    cr_assert_not_null(strstr(error->message, reason), "says: %s", error->message);
    g_byte_array_unref(array);
}

Test(fleet_clip, gives_back_what_was_written)
{
    g_autoptr(GByteArray) bytes = good_clip();
    g_autoptr(Clip) clip = parse(bytes, NULL);
    cr_assert_not_null(clip);
    cr_assert_eq(clip_count(clip), 3);
    cr_assert_eq(clip_shape(clip)->width, 320);
    cr_assert_eq(clip_shape(clip)->height, 180);
    cr_assert_eq(clip_shape(clip)->fps, 25);
    cr_assert_eq(clip_frame(clip, 1)->size, 2);
    cr_assert_arr_eq(clip_frame(clip, 1)->bytes, "de", 2);
    cr_assert_eq(clip_frame(clip, 1)->level, 30);
    cr_assert(clip_frame(clip, 0)->is_keyframe);
    cr_assert_not(clip_frame(clip, 1)->is_keyframe);
}

Test(fleet_clip, plays_in_a_loop)
{
    g_autoptr(GByteArray) bytes = good_clip();
    g_autoptr(Clip) clip = parse(bytes, NULL);
    cr_assert_eq(clip_frame(clip, 3), clip_frame(clip, 0));
    cr_assert_eq(clip_frame(clip, 3000001), clip_frame(clip, 1));
}

Test(fleet_clip, finds_the_next_keyframe_over_the_end)
{
    g_autoptr(GByteArray) bytes = good_clip();
    g_autoptr(Clip) clip = parse(bytes, NULL);
    cr_assert_eq(clip_next_keyframe(clip, 0), 0);
    cr_assert_eq(clip_next_keyframe(clip, 1), 2);
    cr_assert_eq(clip_next_keyframe(clip, 4), 5);
    cr_assert_eq(clip_next_keyframe(clip, 2), 2);
}

Test(fleet_clip, loads_what_it_saved)
{
    g_autofree char *dir = g_dir_make_tmp("fleet-clip-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "a.clip", NULL);
    g_autoptr(ClipWriter) writer = clip_writer_new(&picture);
    add(writer, "abc", true);
    cr_assert(clip_writer_save(writer, path, NULL));
    g_autoptr(Clip) clip = clip_load(path, NULL);
    cr_assert_not_null(clip);
    cr_assert_eq(clip_count(clip), 1);
    g_unlink(path);
    g_rmdir(dir);
}

Test(fleet_clip, names_a_file_that_is_missing)
{
    g_autoptr(GError) error = NULL;
    cr_assert_null(clip_load("/nowhere/a.clip", &error));
    cr_assert_not_null(strstr(error->message, "/nowhere/a.clip"));
}

Test(fleet_clip, refuses_every_truncation)
{
    g_autoptr(GByteArray) whole = good_clip();
    for (guint size = 0; size < whole->len; size++) {
        g_autoptr(GBytes) bytes = g_bytes_new(whole->data, size);
        g_autoptr(Clip) clip = clip_parse(bytes, NULL);
        cr_assert_null(clip, "taken at %u bytes", size);
    }
}

Test(fleet_clip, refuses_another_kind_of_file)
{
    GByteArray *bytes = good_clip();
    bytes->data[0] = 'X';
    expect_refusal(bytes, "does not begin as one");
}

Test(fleet_clip, refuses_an_unknown_kind)
{
    GByteArray *bytes = good_clip();
    bytes->data[8] = 3;
    expect_refusal(bytes, "unknown kind");
}

Test(fleet_clip, refuses_a_picture_without_a_size)
{
    GByteArray *bytes = good_clip();
    bytes->data[9] = bytes->data[10] = 0;
    expect_refusal(bytes, "size or rate");
}

Test(fleet_clip, refuses_a_voice_with_a_size)
{
    GByteArray *bytes = good_clip();
    bytes->data[8] = CLIP_VOICE;
    expect_refusal(bytes, "size or rate");
}

Test(fleet_clip, refuses_a_picture_too_large)
{
    GByteArray *bytes = good_clip();
    bytes->data[9] = 0xff;
    expect_refusal(bytes, "size or rate");
}

Test(fleet_clip, refuses_a_rate_of_zero_or_too_high)
{
    GByteArray *bytes = good_clip();
    bytes->data[14] = 0;
    expect_refusal(bytes, "size or rate");
    bytes = good_clip();
    bytes->data[14] = CLIP_FPS_MAX + 1;
    expect_refusal(bytes, "size or rate");
}

Test(fleet_clip, refuses_no_frames_and_too_many)
{
    GByteArray *bytes = good_clip();
    memset(bytes->data + COUNT_AT, 0, 4);
    expect_refusal(bytes, "number of frames");
    bytes = good_clip();
    memset(bytes->data + COUNT_AT, 0xff, 4);
    expect_refusal(bytes, "number of frames");
}

Test(fleet_clip, refuses_more_frames_than_there_are)
{
    GByteArray *bytes = good_clip();
    bytes->data[COUNT_AT + 3] = 4;
    expect_refusal(bytes, "a frame out of range");
}

Test(fleet_clip, refuses_what_follows_the_last_frame)
{
    GByteArray *bytes = good_clip();
    bytes->data[COUNT_AT + 3] = 2;
    expect_refusal(bytes, "follows the last frame");
}

Test(fleet_clip, refuses_an_empty_frame)
{
    GByteArray *bytes = good_clip();
    memset(bytes->data + FIRST_FRAME_AT + 2, 0, 3);
    expect_refusal(bytes, "a frame out of range");
}

Test(fleet_clip, refuses_a_frame_too_large)
{
    GByteArray *bytes = good_clip();
    bytes->data[FIRST_FRAME_AT + 2] = 0xff;
    expect_refusal(bytes, "a frame out of range");
}

Test(fleet_clip, refuses_a_frame_beyond_the_end)
{
    GByteArray *bytes = good_clip();
    bytes->data[FIRST_FRAME_AT + 4] = 200;
    expect_refusal(bytes, "ends within a frame");
}

Test(fleet_clip, refuses_a_level_that_is_none)
{
    GByteArray *bytes = good_clip();
    bytes->data[FIRST_FRAME_AT + 1] = 128;
    expect_refusal(bytes, "a frame out of range");
}

Test(fleet_clip, refuses_a_picture_that_begins_without_a_keyframe)
{
    GByteArray *bytes = good_clip();
    bytes->data[FIRST_FRAME_AT] = 0;
    expect_refusal(bytes, "key frame");
}

Test(fleet_clip, writes_no_frame_that_it_would_not_read)
{
    g_autoptr(ClipWriter) writer = clip_writer_new(&picture);
    const uint8_t byte = 1;
    cr_assert_not(clip_writer_add(writer, &(ClipFrame){.bytes = &byte, .size = 0}));
    g_autofree uint8_t *large = g_malloc0(CLIP_FRAME_BYTES_MAX + 1);
    const ClipFrame too_large = {.bytes = large, .size = CLIP_FRAME_BYTES_MAX + 1};
    cr_assert_not(clip_writer_add(writer, &too_large));
    for (size_t i = 0; i < CLIP_FRAMES_MAX; i++) {
        cr_assert(clip_writer_add(writer, &(ClipFrame){.bytes = &byte, .size = 1}));
    }
    cr_assert_not(clip_writer_add(writer, &(ClipFrame){.bytes = &byte, .size = 1}));
}

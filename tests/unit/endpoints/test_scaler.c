#include <criterion/criterion.h>
#include <gst/video/video.h>

#include "endpoints/device/scaler.h"

/* A sample whose left half is dark and whose right half is bright. */
static GstSample *halves(int width, int height, const char *colorimetry, int dark, int bright)
{
    GstCaps *caps =
        gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "I420", "width", G_TYPE_INT,
                            width, "height", G_TYPE_INT, height, "framerate", GST_TYPE_FRACTION, 25,
                            1, "colorimetry", G_TYPE_STRING, colorimetry, NULL);
    GstVideoInfo info;
    GstVideoFrame frame;
    cr_assert(gst_video_info_from_caps(&info, caps));
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, GST_VIDEO_INFO_SIZE(&info), NULL);
    gst_buffer_memset(buffer, 0, 128, GST_VIDEO_INFO_SIZE(&info));
    cr_assert(gst_video_frame_map(&frame, &info, buffer, GST_MAP_WRITE));
    for (int y = 0; y < height; y++) {
        uint8_t *row = (uint8_t *)GST_VIDEO_FRAME_PLANE_DATA(&frame, 0) +
                       y * GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0);
        for (int x = 0; x < width; x++) {
            row[x] = (uint8_t)(x < width / 2 ? dark : bright);
        }
    }
    gst_video_frame_unmap(&frame);
    GstSample *sample = gst_sample_new(buffer, caps, NULL, NULL);
    gst_buffer_unref(buffer);
    gst_caps_unref(caps);
    return sample;
}

static uint8_t luma(GstBuffer *buffer, GstCaps *caps, int x, int y)
{
    GstVideoInfo info;
    GstVideoFrame frame;
    cr_assert(gst_video_info_from_caps(&info, caps));
    cr_assert(gst_video_frame_map(&frame, &info, buffer, GST_MAP_READ));
    uint8_t value = ((uint8_t *)GST_VIDEO_FRAME_PLANE_DATA(
        &frame, 0))[y * GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0) + x];
    gst_video_frame_unmap(&frame);
    return value;
}

static int int_of(GstCaps *caps, const char *name)
{
    int value = 0;
    cr_assert(gst_structure_get_int(gst_caps_get_structure(caps, 0), name, &value));
    return value;
}

static void start(void)
{
    gst_init(NULL, NULL);
}

TestSuite(scaler, .init = start);

Test(scaler, makes_the_demanded_size)
{
    GstCaps *caps = NULL;
    Demand demand = {424, 240, 12, 200};
    Scaler *scaler = scaler_new();
    GstSample *sample = halves(640, 360, "bt601", 40, 200);
    GstBuffer *buffer = scaler_run(scaler, sample, &demand, &caps);
    cr_assert_not_null(buffer);
    cr_assert_eq(int_of(caps, "width"), 424);
    cr_assert_eq(int_of(caps, "height"), 240);
    cr_assert_float_eq(luma(buffer, caps, 10, 10), 40, 2);
    cr_assert_float_eq(luma(buffer, caps, 413, 229), 200, 2);
    gst_buffer_unref(buffer);
    gst_sample_unref(sample);
    scaler_free(scaler);
}

Test(scaler, cuts_instead_of_squeezing)
{
    GstCaps *caps = NULL;
    Demand demand = {100, 200, 12, 200};
    Scaler *scaler = scaler_new();
    GstSample *sample = halves(640, 360, "bt601", 40, 200);
    GstBuffer *buffer = scaler_run(scaler, sample, &demand, &caps);
    cr_assert_not_null(buffer);
    /* The edge stays in the middle, and sharp. */
    cr_assert_float_eq(luma(buffer, caps, 45, 100), 40, 2);
    cr_assert_float_eq(luma(buffer, caps, 54, 100), 200, 2);
    gst_buffer_unref(buffer);
    gst_sample_unref(sample);
    scaler_free(scaler);
}

Test(scaler, brings_full_range_pictures_into_the_range_of_video)
{
    GstCaps *caps = NULL;
    Demand demand = {320, 180, 12, 200};
    Scaler *scaler = scaler_new();
    GstSample *sample = halves(640, 360, "1:4:7:1", 0, 255);
    GstBuffer *buffer = scaler_run(scaler, sample, &demand, &caps);
    cr_assert_not_null(buffer);
    cr_assert_eq(luma(buffer, caps, 10, 10), 16);
    cr_assert_eq(luma(buffer, caps, 310, 170), 235);
    gst_buffer_unref(buffer);
    gst_sample_unref(sample);
    scaler_free(scaler);
}

Test(scaler, follows_demands_and_sources_that_change)
{
    Scaler *scaler = scaler_new();
    int sizes[][4] = {
        {640, 360, 320, 180}, {640, 360, 640, 360}, {1280, 720, 640, 360}, {352, 288, 128, 72}};
    for (int i = 0; i < 4; i++) {
        GstCaps *caps = NULL;
        Demand demand = {sizes[i][2], sizes[i][3], 25, 100};
        GstSample *sample = halves(sizes[i][0], sizes[i][1], "bt601", 40, 200);
        GstBuffer *buffer = scaler_run(scaler, sample, &demand, &caps);
        cr_assert_not_null(buffer);
        cr_assert_eq(int_of(caps, "width"), sizes[i][2]);
        cr_assert_eq(int_of(caps, "height"), sizes[i][3]);
        gst_buffer_unref(buffer);
        gst_sample_unref(sample);
    }
    scaler_free(scaler);
}

Test(scaler, drops_frames_rather_than_grow_when_nobody_takes_them)
{
    GstCaps *caps = NULL;
    Demand demand = {320, 180, 12, 200};
    Scaler *scaler = scaler_new();
    GstSample *sample = halves(640, 360, "bt601", 40, 200);
    GstBuffer *kept[64];
    int count = 0;
    while (count < 64 && (kept[count] = scaler_run(scaler, sample, &demand, &caps)) != NULL) {
        count++;
    }
    cr_assert_lt(count, 64);
    cr_assert_gt(count, 1);
    for (int i = 0; i < count; i++) {
        gst_buffer_unref(kept[i]);
    }
    gst_sample_unref(sample);
    scaler_free(scaler);
}

Test(scaler, refuses_a_sample_that_is_no_video)
{
    GstCaps *caps = NULL;
    Demand demand = {320, 180, 12, 200};
    Scaler *scaler = scaler_new();
    GstCaps *sound = gst_caps_new_empty_simple("audio/x-raw");
    GstBuffer *bytes = gst_buffer_new_allocate(NULL, 100, NULL);
    GstSample *sample = gst_sample_new(bytes, sound, NULL, NULL);
    cr_assert_null(scaler_run(scaler, sample, &demand, &caps));
    gst_sample_unref(sample);
    gst_buffer_unref(bytes);
    gst_caps_unref(sound);
    scaler_free(scaler);
}

#include <criterion/criterion.h>
#include <string.h>

#include "endpoints/device/lightmeter.h"
#include "tests/support/gstreamer_plugins.h"

#define WIDTH 64
#define HEIGHT 48

static void start(void)
{
    gstreamer_load((const char *const[]){NULL}); /* frames, and no element */
}

TestSuite(lightmeter, .init = start);

static GstSample *picture_of(const char *format, gsize size, int low, int high)
{
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, size, NULL);
    GstMapInfo map;
    gst_buffer_map(buffer, &map, GST_MAP_WRITE);
    for (gsize i = 0; i < size; i++) {
        map.data[i] = (guint8)((i / 8) % 2 == 0 ? low : high);
    }
    gst_buffer_unmap(buffer, &map);
    GstCaps *caps = gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, format, "width",
                                        G_TYPE_INT, WIDTH, "height", G_TYPE_INT, HEIGHT, NULL);
    GstSample *sample = gst_sample_new(buffer, caps, NULL, NULL);
    gst_buffer_unref(buffer);
    gst_caps_unref(caps);
    return sample;
}

static bool is_black(const char *format, gsize size, int low, int high)
{
    Light light;
    GstSample *sample = picture_of(format, size, low, high);
    cr_assert(light_read(sample, &light));
    gst_sample_unref(sample);
    return light_is_black(&light);
}

Test(lightmeter, a_covered_lens_is_black_and_a_dim_hall_is_not)
{
    gsize size = WIDTH * HEIGHT * 3 / 2;
    cr_assert(is_black("I420", size, 16, 16));
    cr_assert(is_black("I420", size, 18, 22), "with the noise of the sensor");
    cr_assert_not(is_black("I420", size, 16, 60), "something is to be seen");
    cr_assert_not(is_black("I420", size, 120, 120));
    cr_assert(is_black("YUY2", WIDTH * HEIGHT * 2, 16, 16));
    cr_assert_not(is_black("YUY2", WIDTH * HEIGHT * 2, 130, 128));
}

Test(lightmeter, what_is_no_picture_is_not_judged)
{
    Light light;
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, 10, NULL);
    GstCaps *caps = gst_caps_new_empty_simple("audio/x-raw");
    GstSample *sample = gst_sample_new(buffer, caps, NULL, NULL);
    cr_assert_not(light_read(sample, &light));
    gst_sample_unref(sample);
    gst_caps_unref(caps);
    gst_buffer_unref(buffer);
}

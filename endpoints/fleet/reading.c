#include "endpoints/fleet/reading.h"

#include <glib/gstdio.h>
#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <string.h>

#define FILES_MAX 256

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *reading_list(const char *dir, GError **error)
{
    g_autoptr(GDir) open = g_dir_open(dir, 0, error);
    if (open == NULL) {
        return NULL;
    }
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
    const char *name = NULL;
    while (files->len < FILES_MAX && (name = g_dir_read_name(open)) != NULL) {
        char *path = g_build_filename(dir, name, NULL);
        if (name[0] != '.' && g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
            g_ptr_array_add(files, path);
        } else {
            g_free(path);
        }
    }
    g_ptr_array_sort(files, compare_names);
    return files;
}

bool reading_is_newer(const char *made, const char *from)
{
    GStatBuf made_info;
    GStatBuf from_info;
    return g_stat(made, &made_info) == 0 && g_stat(from, &from_info) == 0 &&
           made_info.st_mtime >= from_info.st_mtime;
}

static void append(GArray *samples, GstSample *sample, size_t samples_max)
{
    GstMapInfo map;
    if (!gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ)) {
        return;
    }
    size_t count = MIN(map.size / sizeof(int16_t), samples_max - samples->len);
    g_array_append_vals(samples, map.data, (guint)count);
    gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
}

static bool read_all(GstElement *sink, GArray *samples, size_t samples_max)
{
    while (samples->len < samples_max) {
        GstSample *sample = gst_app_sink_pull_sample(GST_APP_SINK(sink));
        if (sample == NULL) {
            break;
        }
        append(samples, sample, samples_max);
        gst_sample_unref(sample);
    }
    return samples->len > 0;
}

GArray *reading_sound(const char *path, int hz, size_t samples_max, GError **error)
{
    g_autofree char *launch = g_strdup_printf(
        "filesrc name=file ! decodebin ! audioconvert ! audioresample ! "
        "audio/x-raw,format=S16LE,channels=1,layout=interleaved,rate=%d ! appsink name=sink "
        "sync=false",
        hz);
    g_autoptr(GstElement) pipeline = gst_parse_launch(launch, error);
    if (pipeline == NULL) {
        return NULL;
    }
    g_autoptr(GstElement) file = gst_bin_get_by_name(GST_BIN(pipeline), "file");
    g_autoptr(GstElement) sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
    g_object_set(file, "location", path, NULL);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    g_autoptr(GArray) samples = g_array_new(FALSE, FALSE, sizeof(int16_t));
    bool has_read = read_all(sink, samples, samples_max);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    if (!has_read) {
        g_set_error(error, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE, "%s: no sound in it", path);
        return NULL;
    }
    return g_steal_pointer(&samples);
}

#include "tests/unit/recording/footage.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <string.h>

#include "bridge/recording/join.h"
#include "bridge/recording/webm.h"

#define CLUSTER_MS 1000
#define PICTURE_MS 40
#define BLOCKS_MAX 128

static void add_cluster(GByteArray *bytes, int64_t from_ms)
{
    WebmBlock blocks[BLOCKS_MAX];
    int64_t texts[BLOCKS_MAX];
    size_t count = 0;
    /* Sound first: the writer puts them in order. */
    for (int track = WEBM_AUDIO; track >= WEBM_VIDEO; track--) {
        int step = track == WEBM_AUDIO ? WEBM_AUDIO_MS : PICTURE_MS;
        for (int64_t ms = 0; ms < CLUSTER_MS; ms += step) {
            texts[count] = from_ms + ms;
            blocks[count] = (WebmBlock){.track = track,
                                        .time_ms = from_ms + ms,
                                        .is_keyframe = track == WEBM_AUDIO || ms == 0,
                                        .size_bytes = sizeof texts[0],
                                        .bytes = (const uint8_t *)&texts[count]};
            count++;
        }
    }
    webm_write_cluster(bytes, blocks, count);
}

void footage_clusters(GByteArray *bytes, int64_t from_ms, int64_t to_ms)
{
    for (int64_t at_ms = from_ms; at_ms + CLUSTER_MS <= to_ms; at_ms += CLUSTER_MS) {
        add_cluster(bytes, at_ms);
    }
}

char *footage_directory(void)
{
    char *directory = g_dir_make_tmp("diemcau-recording-XXXXXX", NULL);
    cr_assert_not_null(directory);
    return directory;
}

void footage_write(const char *directory, const char *name, const void *bytes, size_t size)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    cr_assert(g_file_set_contents(path, bytes, (gssize)size, NULL));
}

void footage_fragment(const char *directory, unsigned number, int64_t from_ms, int64_t to_ms)
{
    g_autofree char *name = g_strdup_printf(JOIN_FRAGMENT_FORMAT, number);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    webm_write_head(bytes, 640, 360);
    footage_clusters(bytes, from_ms, to_ms);
    footage_write(directory, name, bytes->data, bytes->len);
}

GBytes *footage_read(const char *directory, const char *name)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    char *text = NULL;
    gsize size = 0;
    cr_assert(g_file_get_contents(path, &text, &size, NULL), "%s", path);
    return g_bytes_new_take(text, size);
}

void footage_remove(const char *directory)
{
    GDir *files = g_dir_open(directory, 0, NULL);
    const char *name;
    while (files != NULL && (name = g_dir_read_name(files)) != NULL) {
        g_autofree char *path = g_build_filename(directory, name, NULL);
        g_unlink(path);
    }
    g_dir_close(files);
    g_rmdir(directory);
}

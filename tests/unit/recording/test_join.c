#include <criterion/criterion.h>
#include <string.h>

#include "bridge/recording/fragment.h"
#include "bridge/recording/join.h"
#include "bridge/recording/webm.h"
#include "bridge/recording/webmscan.h"
#include "tests/unit/recording/footage.h"

#include <fcntl.h>
#include <unistd.h>

static JoinResult join(const char *directory)
{
    JoinResult result;
    g_autoptr(GError) error = NULL;
    cr_assert(join_directory(directory, &result, &error), "%s", error ? error->message : "");
    return result;
}

/* Walks the finished file; sound must never pause. Returns its clusters. */
static size_t check_finished(const char *directory, int64_t *ret_last_ms)
{
    g_autoptr(GBytes) file = footage_read(directory, JOIN_FINISHED);
    gsize size;
    const uint8_t *bytes = g_bytes_get_data(file, &size);
    WebmScan scan;
    WebmCluster cluster;
    size_t count = 0;
    int64_t audio_ms = WEBM_NO_TIME;
    cr_assert(webm_scan_open(&scan, bytes, size));
    while (webm_scan_next(&scan, &cluster)) {
        cr_expect(audio_ms == WEBM_NO_TIME || cluster.first_audio_ms - audio_ms <= 30,
                  "%" G_GINT64_FORMAT " after %" G_GINT64_FORMAT, cluster.first_audio_ms, audio_ms);
        audio_ms = cluster.last_audio_ms;
        *ret_last_ms = cluster.last_ms;
        count++;
    }
    return count;
}

static bool exists(const char *directory, const char *name)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

Test(join, one_fragment_is_finished_in_place)
{
    g_autofree char *directory = footage_directory();
    footage_fragment(directory, 1, 0, 5000);
    JoinResult result = join(directory);
    int64_t last_ms = 0;
    cr_expect_eq(result.duration_ms, 5000);
    cr_expect_leq(result.gap_ms, 40);
    cr_expect_eq(check_finished(directory, &last_ms), 5);
    cr_expect_eq(last_ms, 4980);
    cr_expect_not(exists(directory, "000001.webm"));
    footage_remove(directory);
}

Test(join, a_gap_between_fragments_stays_one_and_its_sound_is_silence)
{
    g_autofree char *directory = footage_directory();
    footage_fragment(directory, 1, 0, 3000);
    footage_fragment(directory, 2, 5500, 8500);
    JoinResult result = join(directory);
    int64_t last_ms = 0;
    cr_expect_eq(result.duration_ms, 8500);
    cr_expect_eq(result.gap_ms, 5500 - 2980);
    cr_expect_eq(check_finished(directory, &last_ms), 3 + 3 + 3);
    cr_expect_eq(last_ms, 8480);
    cr_expect_not(exists(directory, "000002.webm"));
    footage_remove(directory);
}

Test(join, a_cut_tail_and_empty_fragments_do_no_harm)
{
    g_autofree char *directory = footage_directory();
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    footage_write(directory, "000001.webm", "", 0);
    webm_write_head(bytes, 640, 360);
    footage_write(directory, "000002.webm", bytes->data, bytes->len);
    footage_clusters(bytes, 0, 3000);
    footage_write(directory, "000003.webm", bytes->data, bytes->len - 7);
    footage_fragment(directory, 4, 2600, 4600);
    JoinResult result = join(directory);
    int64_t last_ms = 0;
    cr_expect_eq(result.duration_ms, 4600);
    cr_expect_geq(check_finished(directory, &last_ms), 4);
    footage_remove(directory);
}

Test(join, it_may_be_cut_off_anywhere_and_run_again)
{
    g_autofree char *directory = footage_directory();
    footage_fragment(directory, 1, 0, 3000);
    footage_fragment(directory, 2, 4000, 6000);
    g_autoptr(GBytes) second = footage_read(directory, "000002.webm");
    JoinResult first = join(directory);
    g_autoptr(GBytes) whole = footage_read(directory, JOIN_FINISHED);
    gsize size;
    gsize second_size;
    const uint8_t *bytes = g_bytes_get_data(whole, &size);
    const void *second_bytes = g_bytes_get_data(second, &second_size);
    /* From where the first fragment ended: the second is still there then. */
    for (size_t cut = size / 2 + 400; cut <= size; cut += 97) {
        footage_write(directory, JOIN_FINISHED, bytes, cut);
        footage_write(directory, "000002.webm", second_bytes, second_size);
        JoinResult again = join(directory);
        int64_t last_ms = 0;
        cr_assert_eq(again.duration_ms, first.duration_ms, "cut at %zu", cut);
        check_finished(directory, &last_ms);
        cr_assert_eq(last_ms, 5980, "cut at %zu", cut);
    }
    footage_remove(directory);
}

Test(join, a_finished_recording_stays_as_it_is)
{
    g_autofree char *directory = footage_directory();
    footage_fragment(directory, 1, 0, 3000);
    JoinResult first = join(directory);
    g_autoptr(GBytes) before = footage_read(directory, JOIN_FINISHED);
    JoinResult again = join(directory);
    g_autoptr(GBytes) after = footage_read(directory, JOIN_FINISHED);
    cr_expect_eq(first.duration_ms, again.duration_ms);
    cr_expect(g_bytes_equal(before, after));
    footage_remove(directory);
}

Test(join, nothing_recorded_is_nothing_and_no_directory_is_an_error)
{
    g_autofree char *directory = footage_directory();
    JoinResult result = join(directory);
    cr_expect_eq(result.bytes, 0);
    cr_expect_not(exists(directory, JOIN_FINISHED));
    footage_remove(directory);
    g_autoptr(GError) error = NULL;
    cr_expect_not(join_directory(directory, &result, &error));
    cr_expect(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
}

Test(join, a_fragment_has_a_number_that_was_free)
{
    g_autofree char *directory = footage_directory();
    footage_fragment(directory, 1, 0, 1000);
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    footage_clusters(bytes, 2000, 4000);
    Fragment *fragment = fragment_open(fd, 640, 360, NULL);
    cr_assert_not_null(fragment);
    cr_expect(fragment_append(fragment, bytes->data, bytes->len, NULL));
    fragment_close(fragment);
    close(fd);
    cr_expect(exists(directory, "000002.webm"));
    cr_expect_eq(join(directory).duration_ms, 4000);
    footage_remove(directory);
}

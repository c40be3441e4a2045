#include <criterion/criterion.h>

#include "bridge/recording/ebml.h"
#include "bridge/recording/webm.h"
#include "bridge/recording/webmscan.h"
#include "tests/unit/recording/footage.h"

static size_t count_clusters(const uint8_t *bytes, size_t size, int64_t *ret_last_ms)
{
    WebmScan scan;
    WebmCluster cluster;
    size_t count = 0;
    bool is_open = webm_scan_open(&scan, bytes, size);
    while (is_open && webm_scan_next(&scan, &cluster)) {
        *ret_last_ms = cluster.last_ms;
        count++;
    }
    return count;
}

Test(webm, a_file_cut_at_any_byte_keeps_every_whole_cluster)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    webm_write_head(bytes, 640, 360);
    size_t ends[4] = {bytes->len};
    for (size_t i = 1; i < 4; i++) {
        footage_clusters(bytes, (int64_t)(i - 1) * 1000, (int64_t)i * 1000);
        ends[i] = bytes->len;
    }
    for (size_t size = 0; size <= bytes->len; size++) {
        size_t whole = 0;
        while (whole < 3 && ends[whole + 1] <= size) {
            whole++;
        }
        /* A copy of exactly this size: reading behind it is an error of its own. */
        g_autofree uint8_t *cut = g_memdup2(bytes->data, size);
        int64_t last_ms = -1;
        cr_assert_eq(count_clusters(cut, size, &last_ms), whole, "cut at %zu", size);
        cr_assert(whole == 0 || last_ms == (int64_t)whole * 1000 - 20);
    }
}

Test(webm, the_finished_head_takes_the_place_of_the_first_one)
{
    g_autoptr(GByteArray) before = g_byte_array_new();
    g_autoptr(GByteArray) after = g_byte_array_new();
    webm_write_head(before, 1280, 720);
    webm_write_finished_head(after, 1280, 720, 61234, 5000, 5100);
    cr_assert_eq(before->len, after->len);
    cr_assert_eq(webm_head_size(), after->len);
    WebmScan scan;
    cr_assert(webm_scan_open(&scan, after->data, after->len));
    cr_expect_eq(scan.width, 1280);
    cr_expect_eq(scan.height, 720);
    cr_expect_eq(scan.head_bytes, after->len);
}

Test(webm, blocks_stand_in_order_and_a_cluster_begins_with_its_picture)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    webm_write_head(bytes, 640, 360);
    footage_clusters(bytes, 7000, 8000);
    WebmScan scan;
    WebmCluster cluster;
    cr_assert(webm_scan_open(&scan, bytes->data, bytes->len));
    cr_assert(webm_scan_next(&scan, &cluster));
    cr_expect_eq(cluster.first_ms, 7000);
    cr_expect_eq(cluster.last_ms, 7980);
    cr_expect_eq(cluster.first_audio_ms, 7000);
    cr_expect_eq(cluster.last_audio_ms, 7980);
    cr_expect_eq(cluster.keyframe_ms, 7000);
    EbmlElement element;
    ByteReader reader = byte_reader(cluster.bytes, cluster.size_bytes);
    cr_assert(ebml_read(&reader, &element));
    int16_t last = -1;
    EbmlElement part;
    while (ebml_read(&element.body, &part)) {
        if (part.id == EBML_SIMPLE_BLOCK) {
            read_u8(&part.body);
            int16_t offset = (int16_t)read_u16(&part.body);
            cr_assert_geq(offset, last);
            last = offset;
        }
    }
    cr_expect_eq(last, 980);
}

Test(webm, what_is_no_webm_is_refused)
{
    static const uint8_t zeros[64] = {0};
    static const uint8_t ones[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    WebmScan scan;
    cr_expect_not(webm_scan_open(&scan, zeros, sizeof zeros));
    cr_expect_not(webm_scan_open(&scan, ones, sizeof ones));
    cr_expect_not(webm_scan_open(&scan, zeros, 0));
}

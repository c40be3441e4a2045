#include <criterion/criterion.h>
#include <unistd.h>

#include "bridge/base/bytes.h"
#include "bridge/base/clock.h"
#include "bridge/rtc/rtp.h"
#include "tests/bench/reel.h"

#define FILE_BYTES_MAX 4096
#define FRAME_US (CLOCK_US_PER_S / 25)
/* RFC 7741 section 4.2: S bit, partition 0; then the first byte of a key frame, of another one. */
static const uint8_t key_payload[] = {0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00};
static const uint8_t delta_payload[] = {0x10, 0x11, 0, 0};

typedef struct File {
    uint8_t bytes[FILE_BYTES_MAX];
    ByteWriter writer;
    char *path;
} File;

static void add(File *file, uint32_t timestamp, bool marker, const uint8_t *payload, size_t size)
{
    uint8_t header[RTP_HEADER_BYTES];
    const RtpHeader fields = {
        .marker = marker, .payload_type = 96, .seq = 9, .timestamp = timestamp};
    size_t header_size = rtp_write_header(&fields, header, sizeof header);
    write_u16(&file->writer, (uint16_t)(header_size + size));
    write_bytes(&file->writer, header, header_size);
    write_bytes(&file->writer, payload, size);
}

static File *file_new(void)
{
    File *file = g_new0(File, 1);
    file->writer = byte_writer(file->bytes, sizeof file->bytes);
    return file;
}

static Reel *load(File *file, GError **error)
{
    int fd = g_file_open_tmp(NULL, &file->path, NULL);
    size_t size = byte_writer_size(&file->writer);
    cr_assert(write(fd, file->bytes, size) == (ssize_t)size);
    close(fd);
    return reel_load(file->path, REEL_PICTURE, error);
}

static void file_free(File *file)
{
    unlink(file->path);
    g_free(file->path);
    g_free(file);
}

/* A key frame of two packets, then a frame of one. */
static Reel *load_two_frames(File *file)
{
    add(file, UINT32_MAX, false, key_payload, sizeof key_payload);
    add(file, UINT32_MAX, true, key_payload + 1, sizeof key_payload - 1);
    add(file, UINT32_MAX + 3600U, true, delta_payload, sizeof delta_payload);
    Reel *reel = load(file, NULL);
    cr_assert_not_null(reel);
    return reel;
}

Test(reel, gives_out_packets_when_they_are_due)
{
    ReelCue cue;
    File *file = file_new();
    Reel *reel = load_two_frames(file);
    ReelPlayer player = reel_player(reel, 1000, 0);
    cr_assert_not(reel_player_take(&player, 999, &cue));
    cr_assert(reel_player_take(&player, 1000, &cue));
    cr_assert(reel_player_take(&player, 1000, &cue));
    cr_assert(cue.marker);
    cr_assert_eq(cue.payload_size, sizeof key_payload - 1);
    cr_assert_not(reel_player_take(&player, 1000, &cue));
    cr_assert_eq(reel_player_due_us(&player), 1000 + FRAME_US);
    reel_free(reel);
    file_free(file);
}

Test(reel, tells_key_frames_with_all_their_packets)
{
    bool is_key[3];
    ReelCue cue;
    File *file = file_new();
    Reel *reel = load_two_frames(file);
    ReelPlayer player = reel_player(reel, 0, 0);
    for (size_t i = 0; i < 3; i++) {
        cr_assert(reel_player_take(&player, FRAME_US, &cue));
        is_key[i] = cue.is_keyframe;
    }
    cr_assert(is_key[0] && is_key[1] && !is_key[2]);
    reel_free(reel);
    file_free(file);
}

Test(reel, numbers_on_when_it_begins_again)
{
    ReelCue cue;
    File *file = file_new();
    Reel *reel = load_two_frames(file);
    ReelPlayer player = reel_player(reel, 0, 0);
    for (uint16_t seq = 0; seq < 6; seq++) {
        cr_assert(reel_player_take(&player, 3 * FRAME_US, &cue));
        cr_assert_eq(cue.seq, seq);
    }
    cr_assert_eq(cue.timestamp, 3 * 3600);
    cr_assert_eq(cue.time_us, 3 * FRAME_US);
    reel_free(reel);
    file_free(file);
}

Test(reel, begins_anywhere_at_once)
{
    ReelCue cue;
    File *file = file_new();
    Reel *reel = load_two_frames(file);
    ReelPlayer player = reel_player(reel, 5000, 5);
    cr_assert_eq(reel_player_due_us(&player), 5000);
    cr_assert(reel_player_take(&player, 5000, &cue));
    cr_assert_eq(cue.payload_size, sizeof delta_payload);
    reel_free(reel);
    file_free(file);
}

static void refuses(File *file)
{
    g_autoptr(GError) error = NULL;
    cr_assert_null(load(file, &error));
    cr_assert_not_null(strstr(error->message, file->path));
    file_free(file);
}

Test(reel, refuses_an_empty_file)
{
    refuses(file_new());
}

Test(reel, refuses_a_packet_that_is_cut_off)
{
    File *file = file_new();
    add(file, 0, true, delta_payload, sizeof delta_payload);
    write_u16(&file->writer, 100);
    refuses(file);
}

Test(reel, refuses_what_is_no_rtp)
{
    File *file = file_new();
    write_u16(&file->writer, sizeof key_payload);
    write_bytes(&file->writer, key_payload, sizeof key_payload);
    refuses(file);
}

Test(reel, refuses_a_packet_larger_than_we_make)
{
    static const uint8_t large[LIMIT_RTP_BYTES] = {0x10};
    File *file = file_new();
    add(file, 0, true, large, sizeof large);
    refuses(file);
}

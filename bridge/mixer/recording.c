#include "bridge/mixer/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "bridge/base/vp8.h"
#include "bridge/mixer/recordpicture.h"
#include "bridge/recording/fragment.h"
#include "bridge/recording/webm.h"

#define RTP_HEADER_BYTES 12
/* A power cut costs what is not on the disk yet: this, and the time of one write. */
#define CLUSTER_US INT64_C(1000000)
/* So that one can jump to any place of the file. Receivers who come make them more often. */
#define KEYFRAME_EVERY_US INT64_C(10000000)
#define KEYFRAME_ASK_US INT64_C(500000)
/* A hole in the sound that is filled here; after a longer one a new fragment begins anyway. */
#define SILENCE_BLOCKS_MAX 500

struct Recording {
    RecordingOptions options;
    ProgramRecord record;
    RecordingState state;
    int directory;      /* -1: not open, or not ours yet. */
    Fragment *fragment; /* NULL: the next key frame begins one. */
    int width, height;  /* Of the fragment. */
    RecordPicture picture;
    GArray *blocks;    /* WebmBlock of the cluster in hand; `bytes` NULL until it is written. */
    GByteArray *bytes; /* Of all of them, one behind the other. */
    int64_t cluster_us;
    int64_t last_audio_ms; /* -1: none yet in this fragment. */
    int64_t keyframe_us;
    int64_t asked_us;
    int64_t retry_us;
    uint64_t bytes_written;
    uint64_t lost;
};

static void copy_record(ProgramRecord *to, const ProgramRecord *from)
{
    *to = *from;
    to->directory = g_strdup(from->directory);
}

Recording *recording_new(const ProgramRecord *record, const RecordingOptions *options)
{
    Recording *recording = g_new0(Recording, 1);
    recording->options = *options;
    copy_record(&recording->record, record);
    recording->directory = -1;
    record_picture_init(&recording->picture);
    recording->blocks = g_array_new(FALSE, FALSE, sizeof(WebmBlock));
    recording->bytes = g_byte_array_new();
    return recording;
}

static void drop_cluster(Recording *recording)
{
    g_array_set_size(recording->blocks, 0);
    g_byte_array_set_size(recording->bytes, 0);
}

static void end_fragment(Recording *recording)
{
    g_clear_pointer(&recording->fragment, fragment_close);
    drop_cluster(recording);
}

/* The disk has the word: nothing is kept until it takes something again. */
static void stop_writing(Recording *recording, RecordingState state, const char *reason)
{
    log_warning("recording.stopped", "recording=%" G_GINT64_FORMAT " reason=\"%s\"",
                recording->record.id, reason);
    end_fragment(recording);
    record_picture_lose(&recording->picture);
    recording->state = state;
    recording->retry_us = clock_now_us() + RECORDING_RETRY_US;
}

static bool has_room(const Recording *recording, uint64_t wanted_bytes)
{
    struct statvfs disk;
    return fstatvfs(recording->directory, &disk) != 0 ||
           (uint64_t)disk.f_bavail * disk.f_frsize >= wanted_bytes;
}

static GByteArray *write_cluster(Recording *recording)
{
    GByteArray *cluster = g_byte_array_new();
    WebmBlock *blocks = (WebmBlock *)(void *)recording->blocks->data;
    const uint8_t *at = recording->bytes->data;
    for (guint i = 0; i < recording->blocks->len; i++) {
        blocks[i].bytes = at;
        at += blocks[i].size_bytes;
    }
    webm_write_cluster(cluster, blocks, recording->blocks->len);
    return cluster;
}

static void flush(Recording *recording)
{
    if (recording->blocks->len == 0) {
        return;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(GByteArray) cluster = write_cluster(recording);
    drop_cluster(recording);
    if (!has_room(recording, recording->record.reserve_bytes)) {
        stop_writing(recording, RECORDING_FULL, "the reserve of the disk is reached");
    } else if (!fragment_append(recording->fragment, cluster->data, cluster->len, &error)) {
        stop_writing(recording, RECORDING_FAILED, error->message);
    } else {
        recording->bytes_written += cluster->len;
        recording->state = RECORDING_WRITING;
    }
}

static void close_directory(Recording *recording)
{
    flush(recording);
    end_fragment(recording);
    if (recording->directory >= 0) {
        close(recording->directory);
        recording->directory = -1;
    }
}

void recording_free(Recording *recording)
{
    if (recording == NULL) {
        return;
    }
    close_directory(recording);
    record_picture_clear(&recording->picture);
    g_array_unref(recording->blocks);
    g_byte_array_unref(recording->bytes);
    program_record_clear(&recording->record);
    g_free(recording);
}

void recording_set(Recording *recording, const ProgramRecord *record)
{
    if (record->rung != recording->record.rung) {
        flush(recording);
        end_fragment(recording);
        record_picture_lose(&recording->picture);
        recording->asked_us = 0;
    }
    program_record_clear(&recording->record);
    copy_record(&recording->record, record);
}

/* The lock tells whoever joins the fragments that they are not all there yet. */
static bool open_directory(Recording *recording)
{
    int fd = open(recording->record.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        recording->directory = fd;
        return true;
    }
    stop_writing(recording, RECORDING_FAILED,
                 errno == EWOULDBLOCK ? "the directory is in use" : g_strerror(errno));
    if (fd >= 0) {
        close(fd);
    }
    return false;
}

static bool begin_fragment(Recording *recording, const Vp8Header *header)
{
    g_autoptr(GError) error = NULL;
    if (recording->directory < 0 && !open_directory(recording)) {
        return false;
    }
    uint64_t reserve_bytes = recording->record.reserve_bytes;
    if (!has_room(recording, reserve_bytes + reserve_bytes / LIMIT_RECORD_RESTART_PART)) {
        stop_writing(recording, RECORDING_FULL, "the reserve of the disk is reached");
        return false;
    }
    recording->fragment =
        fragment_open(recording->directory, header->width, header->height, &error);
    if (recording->fragment == NULL) {
        stop_writing(recording, RECORDING_FAILED, error->message);
        return false;
    }
    recording->width = header->width;
    recording->height = header->height;
    recording->last_audio_ms = -1;
    return true;
}

static bool is_cluster_long(const Recording *recording, int64_t at_ms)
{
    return recording->blocks->len > 0 &&
           ABS(at_ms - g_array_index(recording->blocks, WebmBlock, 0).time_ms) >=
               CLUSTER_US / CLOCK_US_PER_MS;
}

static void add_block(Recording *recording, WebmBlock block)
{
    if (is_cluster_long(recording, block.time_ms)) {
        flush(recording);
    }
    if (recording->fragment == NULL) {
        return;
    }
    if (recording->blocks->len == 0) {
        recording->cluster_us = clock_now_us();
    }
    g_byte_array_append(recording->bytes, block.bytes, (guint)block.size_bytes);
    g_array_append_val(recording->blocks, block);
}

static int64_t time_ms(const Recording *recording, int64_t time_us)
{
    return MAX(time_us - recording->record.epoch_us, 0) / CLOCK_US_PER_MS;
}

/* Is there a fragment that this frame may go into? A key frame begins a cluster, and one of another
 * size a fragment. */
static bool make_place(Recording *recording, const Vp8Header *header, int64_t time_us)
{
    if (!header->is_keyframe) {
        return recording->fragment != NULL;
    }
    recording->keyframe_us = time_us;
    flush(recording);
    if (recording->fragment != NULL &&
        (header->width != recording->width || header->height != recording->height)) {
        end_fragment(recording);
    }
    return recording->fragment != NULL ||
           (clock_now_us() >= recording->retry_us && begin_fragment(recording, header));
}

void recording_add_picture(Recording *recording, uint16_t rung, const uint8_t *rtp, size_t size,
                           bool ends_frame, int64_t time_us)
{
    RecordPicture *picture = &recording->picture;
    if (rung != recording->record.rung || size <= RTP_HEADER_BYTES ||
        !record_picture_add(picture, rtp, size, ends_frame)) {
        recording->lost += rung == recording->record.rung && ends_frame;
        return;
    }
    Vp8Header header;
    vp8_read_header(picture->frame->data, picture->frame->len, &header);
    if (!make_place(recording, &header, time_us)) {
        record_picture_lose(picture);
        recording->lost++;
        return;
    }
    add_block(recording, (WebmBlock){.track = WEBM_VIDEO,
                                     .time_ms = time_ms(recording, time_us),
                                     .is_keyframe = header.is_keyframe,
                                     .size_bytes = picture->frame->len,
                                     .bytes = picture->frame->data});
}

static void fill_silence(Recording *recording, int64_t until_ms)
{
    int64_t at_ms = recording->last_audio_ms + WEBM_AUDIO_MS;
    bool is_known = recording->last_audio_ms >= 0;
    for (int i = 0; is_known && i < SILENCE_BLOCKS_MAX && at_ms + WEBM_AUDIO_MS / 2 < until_ms;
         i++) {
        add_block(recording, webm_silence(at_ms));
        at_ms += WEBM_AUDIO_MS;
    }
}

void recording_add_sound(Recording *recording, const uint8_t *rtp, size_t size, int64_t time_us)
{
    if (recording->fragment == NULL || size <= RTP_HEADER_BYTES) {
        return;
    }
    int64_t at_ms = time_ms(recording, time_us);
    fill_silence(recording, at_ms);
    add_block(recording, (WebmBlock){.track = WEBM_AUDIO,
                                     .time_ms = at_ms,
                                     .is_keyframe = true,
                                     .size_bytes = size - RTP_HEADER_BYTES,
                                     .bytes = rtp + RTP_HEADER_BYTES});
    recording->last_audio_ms = at_ms;
}

static void ask_keyframe(Recording *recording, int64_t now_us)
{
    bool is_needed = recording->fragment == NULL || !recording->picture.is_synced ||
                     now_us - recording->keyframe_us >= KEYFRAME_EVERY_US;
    if (is_needed && now_us >= recording->retry_us &&
        now_us - recording->asked_us >= KEYFRAME_ASK_US) {
        recording->asked_us = now_us;
        recording->options.ask_keyframe(recording->record.rung, recording->options.data);
    }
}

void recording_tick(Recording *recording, int64_t now_us)
{
    if (recording->blocks->len > 0 && now_us - recording->cluster_us >= CLUSTER_US) {
        flush(recording);
    }
    ask_keyframe(recording, now_us);
}

RecordingReport recording_report(const Recording *recording)
{
    return (RecordingReport){.id = recording->record.id,
                             .state = recording->state,
                             .bytes = recording->bytes_written,
                             .lost = recording->lost};
}

#include "bridge/recording/join.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge/recording/webm.h"
#include "bridge/recording/webmscan.h"

/* Blocks of silence in one cluster: a second. */
#define SILENCE_BLOCKS 50

typedef struct Mapping {
    int fd;
    uint8_t *bytes;
    size_t size;
} Mapping;

/* The file that all fragments are brought into. */
typedef struct Target {
    int fd;
    int width, height;
    uint64_t end; /* where the next cluster goes */
    int64_t last_ms;
    int64_t last_audio_ms; /* WEBM_NO_TIME: no sound yet */
    int64_t gap_ms;
    GArray *cues; /* WebmCue */
} Target;

static bool fail(GError **error, const char *what)
{
    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno), "%s: %s", what,
                g_strerror(errno));
    return false;
}

static bool map_file(int directory, const char *name, Mapping *ret_mapping, GError **error)
{
    struct stat status;
    *ret_mapping = (Mapping){.fd = openat(directory, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
    if (ret_mapping->fd < 0 || fstat(ret_mapping->fd, &status) < 0) {
        return fail(error, name);
    }
    ret_mapping->size = (size_t)status.st_size;
    if (ret_mapping->size > 0) {
        void *bytes = mmap(NULL, ret_mapping->size, PROT_READ, MAP_SHARED, ret_mapping->fd, 0);
        if (bytes == MAP_FAILED) {
            return fail(error, name);
        }
        ret_mapping->bytes = bytes;
    }
    return true;
}

static void unmap_file(Mapping *mapping)
{
    if (mapping->bytes != NULL) {
        munmap(mapping->bytes, mapping->size);
    }
    if (mapping->fd >= 0) {
        close(mapping->fd);
    }
}

static bool write_at(int fd, const void *bytes, size_t size, uint64_t at, GError **error)
{
    size_t done = 0;
    while (done < size) {
        ssize_t count = pwrite(fd, (const char *)bytes + done, size - done, (off_t)(at + done));
        if (count < 0 && errno != EINTR) {
            return fail(error, "write");
        }
        done += count > 0 ? (size_t)count : 0;
    }
    return true;
}

static bool sync_file(int fd, GError **error)
{
    return fsync(fd) == 0 || fail(error, "fsync");
}

static bool append(Target *target, const void *bytes, size_t size, GError **error)
{
    if (!write_at(target->fd, bytes, size, target->end, error)) {
        return false;
    }
    target->end += size;
    return true;
}

/* The cluster lies at the end of the target now. */
static void note_cluster(Target *target, const WebmCluster *cluster, uint64_t position)
{
    if (cluster->keyframe_ms != WEBM_NO_TIME) {
        WebmCue cue = {.time_ms = cluster->keyframe_ms, .position = position};
        g_array_append_val(target->cues, cue);
    }
    if (target->last_ms > 0) {
        target->gap_ms = MAX(target->gap_ms, cluster->first_ms - target->last_ms);
    }
    target->last_ms = MAX(target->last_ms, cluster->last_ms);
    if (cluster->last_audio_ms != WEBM_NO_TIME) {
        target->last_audio_ms = cluster->last_audio_ms;
    }
}

/* From the last sound to the next, as clusters of their own. */
static bool fill_silence(Target *target, int64_t until_ms, GError **error)
{
    WebmBlock blocks[SILENCE_BLOCKS];
    bool is_needed = target->last_audio_ms != WEBM_NO_TIME && until_ms != WEBM_NO_TIME &&
                     until_ms - target->last_audio_ms < JOIN_SILENCE_MAX_MS;
    int64_t at_ms = target->last_audio_ms + WEBM_AUDIO_MS;
    while (is_needed && at_ms + WEBM_AUDIO_MS / 2 < until_ms) {
        size_t count = 0;
        for (; count < SILENCE_BLOCKS && at_ms + WEBM_AUDIO_MS / 2 < until_ms; count++) {
            blocks[count] = webm_silence(at_ms);
            at_ms += WEBM_AUDIO_MS;
        }
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        webm_write_cluster(bytes, blocks, count);
        if (!append(target, bytes->data, bytes->len, error)) {
            return false;
        }
    }
    return true;
}

/* Begins with what the first fragment holds. What a cut or an earlier run has left behind its last
 * whole cluster is cut off. False and no error: it holds nothing. */
static bool take_first(Target *target, Mapping *file, GError **error)
{
    WebmScan scan;
    WebmCluster cluster;
    if (!webm_scan_open(&scan, file->bytes, file->size)) {
        return false;
    }
    target->width = scan.width;
    target->height = scan.height;
    target->end = scan.head_bytes;
    while (webm_scan_next(&scan, &cluster)) {
        note_cluster(target, &cluster, target->end);
        target->end += cluster.size_bytes;
    }
    if (target->end == scan.head_bytes) {
        return false;
    }
    if (ftruncate(file->fd, (off_t)target->end) < 0) {
        return fail(error, "truncate");
    }
    target->fd = dup(file->fd);
    return target->fd >= 0 || fail(error, "dup");
}

/* Clusters that an earlier run has brought over are passed over. */
static bool take_next(Target *target, const Mapping *file, GError **error)
{
    WebmScan scan;
    WebmCluster cluster;
    int64_t begin_ms = target->last_ms;
    bool is_done = true;
    if (!webm_scan_open(&scan, file->bytes, file->size)) {
        return true;
    }
    while (is_done && webm_scan_next(&scan, &cluster)) {
        if (cluster.last_ms <= begin_ms) {
            continue;
        }
        is_done = fill_silence(target, cluster.first_audio_ms, error);
        uint64_t position = target->end;
        is_done = is_done && append(target, cluster.bytes, cluster.size_bytes, error);
        note_cluster(target, &cluster, position);
    }
    return is_done && sync_file(target->fd, error);
}

static bool finish(Target *target, JoinResult *ret_result, GError **error)
{
    int64_t duration_ms = target->last_ms + WEBM_AUDIO_MS;
    uint64_t cues_at = target->end;
    g_autoptr(GByteArray) cues = g_byte_array_new();
    webm_write_cues(cues, (const WebmCue *)(void *)target->cues->data, target->cues->len);
    g_autoptr(GByteArray) head = g_byte_array_new();
    webm_write_finished_head(head, target->width, target->height, duration_ms, cues_at,
                             cues_at + cues->len);
    /* The head says that the cues are there: it comes after them. */
    bool is_done = append(target, cues->data, cues->len, error) && sync_file(target->fd, error) &&
                   write_at(target->fd, head->data, head->len, 0, error) &&
                   sync_file(target->fd, error);
    *ret_result = (JoinResult){duration_ms, (int64_t)target->end, target->gap_ms};
    return is_done;
}

/* One fragment; the first that holds something becomes the target. */
static bool take(int directory, const char *name, Target *target, GError **error)
{
    Mapping file;
    GError *problem = NULL;
    bool is_first = target->fd < 0;
    bool is_taken =
        map_file(directory, name, &file, &problem) &&
        (is_first ? take_first(target, &file, &problem) : take_next(target, &file, &problem));
    unmap_file(&file);
    if (problem != NULL) {
        g_propagate_error(error, problem);
        return false;
    }
    bool is_target = is_first && is_taken;
    if (is_target && strcmp(name, JOIN_FINISHED) != 0 &&
        renameat(directory, name, directory, JOIN_FINISHED) < 0) {
        return fail(error, name);
    }
    return is_target || unlinkat(directory, name, 0) == 0 || fail(error, name);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Their names in order of time; one that an earlier run has begun with comes first. */
static GPtrArray *list_fragments(const char *path, GError **error)
{
    g_autoptr(GDir) directory = g_dir_open(path, 0, error);
    if (directory == NULL) {
        return NULL;
    }
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    bool has_target = false;
    const char *name;
    while ((name = g_dir_read_name(directory)) != NULL) {
        has_target = has_target || strcmp(name, JOIN_FINISHED) == 0;
        if (g_ascii_isdigit(name[0]) && g_str_has_suffix(name, ".webm")) {
            g_ptr_array_add(names, g_strdup(name));
        }
    }
    g_ptr_array_sort(names, by_name);
    if (has_target) {
        g_ptr_array_insert(names, 0, g_strdup(JOIN_FINISHED));
    }
    return names;
}

static bool join(int directory, const char *path, JoinResult *ret_result, GError **error)
{
    g_autoptr(GPtrArray) names = list_fragments(path, error);
    if (names == NULL) {
        return false;
    }
    Target target = {.fd = -1,
                     .last_audio_ms = WEBM_NO_TIME,
                     .cues = g_array_new(FALSE, FALSE, sizeof(WebmCue))};
    bool is_done = true;
    for (guint i = 0; is_done && i < names->len; i++) {
        is_done = take(directory, g_ptr_array_index(names, i), &target, error);
    }
    if (is_done && target.fd >= 0) {
        is_done = finish(&target, ret_result, error) && sync_file(directory, error);
    }
    if (target.fd >= 0) {
        close(target.fd);
    }
    g_array_unref(target.cues);
    return is_done;
}

bool join_directory(const char *path, JoinResult *ret_result, GError **error)
{
    *ret_result = (JoinResult){0};
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0 || flock(directory, LOCK_EX) < 0) {
        bool is_done = fail(error, path);
        if (directory >= 0) {
            close(directory);
        }
        return is_done;
    }
    bool is_done = join(directory, path, ret_result, error);
    close(directory);
    return is_done;
}

#include "bridge/base/decodemark.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A line of the cache for each, so that the threads do not disturb each other. */
typedef struct Slot {
    atomic_uint_least32_t source;
    uint8_t rest[60];
} Slot;

struct DecodeMark {
    char *path;
    Slot *slots;
};

#define FILE_BYTES (DECODEMARK_SLOTS * sizeof(Slot))

static Slot *map_new_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return MAP_FAILED;
    }
    void *slots = MAP_FAILED;
    if (ftruncate(fd, FILE_BYTES) == 0) {
        slots = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    close(fd);
    return slots;
}

DecodeMark *decodemark_open(const char *path, GError **error)
{
    Slot *slots = map_new_file(path);
    if (slots == MAP_FAILED) {
        g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno), "%s: %s", path,
                    g_strerror(errno));
        return NULL;
    }
    DecodeMark *mark = g_new0(DecodeMark, 1);
    mark->path = g_strdup(path);
    mark->slots = slots;
    return mark;
}

void decodemark_close(DecodeMark *mark)
{
    if (mark == NULL) {
        return;
    }
    g_unlink(mark->path);
    munmap(mark->slots, FILE_BYTES);
    g_free(mark->path);
    g_free(mark);
}

void decodemark_set(DecodeMark *mark, size_t slot, uint32_t source)
{
    if (mark != NULL && slot < DECODEMARK_SLOTS) {
        atomic_store_explicit(&mark->slots[slot].source, source, memory_order_relaxed);
    }
}

size_t decodemark_read(const char *path, uint32_t ret_sources[DECODEMARK_SLOTS])
{
    g_autofree char *bytes = NULL;
    gsize size;
    size_t count = 0;
    if (!g_file_get_contents(path, &bytes, &size, NULL) || size != FILE_BYTES) {
        return 0;
    }
    for (size_t i = 0; i < DECODEMARK_SLOTS; i++) {
        uint32_t source;
        memcpy(&source, bytes + i * sizeof(Slot), sizeof source);
        if (source != 0) {
            ret_sources[count++] = source;
        }
    }
    return count;
}

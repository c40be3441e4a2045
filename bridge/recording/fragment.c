#include "bridge/recording/fragment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "bridge/recording/join.h"
#include "bridge/recording/webm.h"

#define NAME_BYTES 16

struct Fragment {
    int fd;
    off_t size;
};

static bool fail(GError **error, const char *what)
{
    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno), "%s: %s", what,
                g_strerror(errno));
    return false;
}

static int create(int directory)
{
    char name[NAME_BYTES];
    int fd = -1;
    errno = EEXIST;
    for (unsigned i = 1; fd < 0 && errno == EEXIST && i <= JOIN_FRAGMENTS_MAX; i++) {
        snprintf(name, sizeof name, JOIN_FRAGMENT_FORMAT, i);
        fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    }
    return fd;
}

static bool write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t count = write(fd, bytes, size);
        if (count < 0 && errno != EINTR) {
            return false;
        }
        bytes += MAX(count, 0);
        size -= (size_t)MAX(count, 0);
    }
    return true;
}

/* fdatasync brings the size of the file to the disk with its bytes (fdatasync(2)); its name needs a
 * sync of the directory, once. */
bool fragment_append(Fragment *fragment, const void *bytes, size_t size, GError **error)
{
    if (write_all(fragment->fd, bytes, size) && fdatasync(fragment->fd) == 0) {
        fragment->size += (off_t)size;
        return true;
    }
    fail(error, "write");
    if (ftruncate(fragment->fd, fragment->size) == 0) {
        lseek(fragment->fd, fragment->size, SEEK_SET);
    }
    return false;
}

Fragment *fragment_open(int directory, int width, int height, GError **error)
{
    int fd = create(directory);
    if (fd < 0) {
        fail(error, "create");
        return NULL;
    }
    Fragment *fragment = g_new0(Fragment, 1);
    fragment->fd = fd;
    g_autoptr(GByteArray) head = g_byte_array_new();
    webm_write_head(head, width, height);
    bool is_open = fragment_append(fragment, head->data, head->len, error) &&
                   (fsync(directory) == 0 || fail(error, "fsync"));
    if (!is_open) {
        fragment_close(fragment);
        return NULL;
    }
    return fragment;
}

void fragment_close(Fragment *fragment)
{
    if (fragment == NULL) {
        return;
    }
    close(fragment->fd);
    g_free(fragment);
}

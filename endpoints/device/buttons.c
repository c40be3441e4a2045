#include "endpoints/device/buttons.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge/base/limits.h"
#include "bridge/base/loop.h"

struct Buttons {
    int fd;
    LoopWatch *watch;
    ButtonsFunc call;
    void *data;
    char line[LIMIT_BUTTON_BYTES];
    size_t size;
};

static void take(Buttons *buttons, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != '\n') {
            /* What is too long is no command: it is cut and will not be known. */
            if (buttons->size < sizeof buttons->line - 1) {
                buttons->line[buttons->size++] = bytes[i];
            }
            continue;
        }
        buttons->line[buttons->size] = '\0';
        buttons->size = 0;
        if (buttons->line[0] != '\0' && g_utf8_validate(buttons->line, -1, NULL)) {
            buttons->call(buttons->line, buttons->data);
        }
    }
}

static void on_readable(int fd, GIOCondition condition, void *data)
{
    char bytes[LIMIT_BUTTON_BYTES];
    ssize_t size = read(fd, bytes, sizeof bytes);
    if (size > 0) {
        take(data, bytes, (size_t)size);
    }
}

Buttons *buttons_open(const char *state_dir, ButtonsFunc call, void *data, GError **error)
{
    g_autofree char *path = g_build_filename(state_dir, "buttons", NULL);
    struct stat status;
    int fd = -1;
    if (mkfifo(path, 0600) == 0 || errno == EEXIST) {
        /* Our own writing end keeps the FIFO from ending with each writer. */
        fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
    }
    if (fd < 0 || fstat(fd, &status) != 0 || !S_ISFIFO(status.st_mode)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                    "%s cannot be made a FIFO (%s): remove what is there", path, g_strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return NULL;
    }
    Buttons *buttons = g_new0(Buttons, 1);
    buttons->fd = fd;
    buttons->call = call;
    buttons->data = data;
    buttons->watch = loop_watch(fd, G_IO_IN, on_readable, buttons);
    return buttons;
}

void buttons_close(Buttons *buttons)
{
    if (buttons == NULL) {
        return;
    }
    loop_drop(&buttons->watch);
    close(buttons->fd);
    g_free(buttons);
}

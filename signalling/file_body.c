#include "signalling/file_body.h"

#include <errno.h>
#include <gio/gio.h>
#include <unistd.h>

struct FileBody {
    int fd;
    int64_t size;
    int64_t next; /* of the file */
    int64_t end;
    FileBodyReady ready;
    void *data;
    bool is_reading;
    bool is_freed; /* while a piece is being read */
};

FileBody *file_body_new(int fd, int64_t first, int64_t size)
{
    FileBody *body = g_new0(FileBody, 1);
    body->fd = fd;
    body->size = size;
    body->next = first;
    body->end = first + size;
    return body;
}

static void destroy(FileBody *body)
{
    close(body->fd);
    g_free(body);
}

void file_body_free(FileBody *body)
{
    if (body == NULL) {
        return;
    }
    if (body->is_reading) {
        body->is_freed = true;
        return;
    }
    destroy(body);
}

int64_t file_body_size(const FileBody *body)
{
    return body->size;
}

bool file_body_is_at_end(const FileBody *body)
{
    return body->next >= body->end;
}

/* On a thread of GLib's pool; the body is not touched on the loop meanwhile. */
static void read_piece(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const FileBody *body = data;
    int64_t wanted = MIN(body->end - body->next, FILE_BODY_PIECE);
    uint8_t *bytes = g_malloc((size_t)wanted);
    int64_t done = 0;
    while (done < wanted) {
        ssize_t count = pread(body->fd, bytes + done, (size_t)(wanted - done), body->next + done);
        if (count <= 0 && errno != EINTR) {
            break;
        }
        done += MAX(count, 0);
    }
    if (done < wanted) {
        g_free(bytes);
        g_task_return_pointer(task, NULL, NULL);
        return;
    }
    g_task_return_pointer(task, g_bytes_new_take(bytes, (gsize)wanted),
                          (GDestroyNotify)g_bytes_unref);
}

static void on_read(GObject *source, GAsyncResult *result, gpointer data)
{
    FileBody *body = data;
    g_autoptr(GBytes) piece = g_task_propagate_pointer(G_TASK(result), NULL);
    body->is_reading = false;
    if (body->is_freed) {
        destroy(body);
        return;
    }
    body->next += piece != NULL ? (int64_t)g_bytes_get_size(piece) : 0;
    body->ready(piece, body->data);
}

void file_body_read(FileBody *body, FileBodyReady ready, void *data)
{
    body->ready = ready;
    body->data = data;
    body->is_reading = true;
    g_autoptr(GTask) task = g_task_new(NULL, NULL, on_read, body);
    g_task_set_task_data(task, body, NULL);
    g_task_run_in_thread(task, read_piece);
}

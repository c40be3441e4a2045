#include "bridge/base/mailbox.h"

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "bridge/base/clock.h"

struct Mailbox {
    pthread_mutex_t lock;
    int event_fd;
    size_t message_size;
    size_t capacity;
    size_t first;
    size_t count;
    uint64_t dropped;
    uint8_t *messages;
};

Mailbox *mailbox_new(size_t message_size, size_t capacity)
{
    Mailbox *mailbox = g_new0(Mailbox, 1);
    pthread_mutex_init(&mailbox->lock, NULL);
    mailbox->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (mailbox->event_fd < 0) {
        g_error("mailbox: eventfd: %s", g_strerror(errno));
    }
    mailbox->message_size = message_size;
    mailbox->capacity = capacity;
    mailbox->messages = g_malloc(message_size * capacity);
    return mailbox;
}

void mailbox_free(Mailbox *mailbox)
{
    if (mailbox == NULL) {
        return;
    }
    close(mailbox->event_fd);
    pthread_mutex_destroy(&mailbox->lock);
    g_free(mailbox->messages);
    g_free(mailbox);
}

static uint8_t *slot(Mailbox *mailbox, size_t index)
{
    return mailbox->messages + (mailbox->first + index) % mailbox->capacity * mailbox->message_size;
}

bool mailbox_post(Mailbox *mailbox, const void *message)
{
    pthread_mutex_lock(&mailbox->lock);
    bool has_room = mailbox->count < mailbox->capacity;
    if (has_room) {
        memcpy(slot(mailbox, mailbox->count), message, mailbox->message_size);
        mailbox->count++;
        if (mailbox->count == 1) {
            eventfd_write(mailbox->event_fd, 1);
        }
    } else {
        mailbox->dropped++;
    }
    pthread_mutex_unlock(&mailbox->lock);
    return has_room;
}

bool mailbox_take(Mailbox *mailbox, void *ret_message)
{
    pthread_mutex_lock(&mailbox->lock);
    bool has_message = mailbox->count > 0;
    if (has_message) {
        memcpy(ret_message, slot(mailbox, 0), mailbox->message_size);
        mailbox->first = (mailbox->first + 1) % mailbox->capacity;
        mailbox->count--;
        if (mailbox->count == 0) {
            eventfd_t ignored;
            eventfd_read(mailbox->event_fd, &ignored);
        }
    }
    pthread_mutex_unlock(&mailbox->lock);
    return has_message;
}

bool mailbox_wait(Mailbox *mailbox, void *ret_message, int64_t timeout_us)
{
    int64_t deadline_us = clock_now_us() + timeout_us;
    while (!mailbox_take(mailbox, ret_message)) {
        int64_t left_us = deadline_us - clock_now_us();
        if (timeout_us >= 0 && left_us <= 0) {
            return false;
        }
        struct timespec wait = {.tv_sec = left_us / CLOCK_US_PER_S,
                                .tv_nsec = left_us % CLOCK_US_PER_S * 1000};
        struct pollfd readable = {.fd = mailbox->event_fd, .events = POLLIN};
        ppoll(&readable, 1, timeout_us < 0 ? NULL : &wait, NULL);
    }
    return true;
}

int mailbox_fd(const Mailbox *mailbox)
{
    return mailbox->event_fd;
}

uint64_t mailbox_dropped(Mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    uint64_t dropped = mailbox->dropped;
    pthread_mutex_unlock(&mailbox->lock);
    return dropped;
}

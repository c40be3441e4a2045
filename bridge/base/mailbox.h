/* The only way to speak from one thread to another: a bounded FIFO of fixed-size messages with an
 * eventfd that is readable while messages wait. Messages are copied in and out; ids and values
 * travel, or buffers whose ownership travels with the message — never pointers to live objects of
 * another loop. Any thread posts; one thread takes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Mailbox Mailbox;

/* `capacity` messages of `message_size` bytes each. */
Mailbox *mailbox_new(size_t message_size, size_t capacity);
/* Messages still inside are dropped: whoever owns buffers in them takes them out first. */
void mailbox_free(Mailbox *mailbox);

/* Copies the message in; false when full (dropped, and counted). Never waits. */
bool mailbox_post(Mailbox *mailbox, const void *message);
/* Copies the oldest message out; false when there is none. Never waits. */
bool mailbox_take(Mailbox *mailbox, void *ret_message);
/* As mailbox_take, but waits up to timeout_us for a message (-1: for ever). */
bool mailbox_wait(Mailbox *mailbox, void *ret_message, int64_t timeout_us);

/* Readable (POLLIN) while messages wait; owned by the mailbox. */
int mailbox_fd(const Mailbox *mailbox);
uint64_t mailbox_dropped(Mailbox *mailbox);

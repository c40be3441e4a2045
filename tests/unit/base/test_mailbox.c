#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>

#include "bridge/base/mailbox.h"

static bool is_readable(Mailbox *mailbox)
{
    struct pollfd poll_fd = {.fd = mailbox_fd(mailbox), .events = POLLIN};
    return poll(&poll_fd, 1, 0) == 1;
}

Test(mailbox, gives_messages_in_the_order_they_came)
{
    Mailbox *mailbox = mailbox_new(sizeof(int), 4);
    for (int i = 1; i <= 3; i++) {
        cr_assert(mailbox_post(mailbox, &i));
    }
    for (int i = 1; i <= 3; i++) {
        int taken;
        cr_assert(mailbox_take(mailbox, &taken));
        cr_assert_eq(taken, i);
    }
    int none;
    cr_assert(!mailbox_take(mailbox, &none));
    mailbox_free(mailbox);
}

Test(mailbox, drops_and_counts_when_full)
{
    Mailbox *mailbox = mailbox_new(sizeof(int), 2);
    int value = 7;
    cr_assert(mailbox_post(mailbox, &value));
    cr_assert(mailbox_post(mailbox, &value));
    cr_assert(!mailbox_post(mailbox, &value));
    cr_assert_eq(mailbox_dropped(mailbox), 1);
    mailbox_free(mailbox);
}

Test(mailbox, its_descriptor_is_readable_exactly_while_messages_wait)
{
    Mailbox *mailbox = mailbox_new(sizeof(int), 2);
    int value = 1;
    cr_assert(!is_readable(mailbox));
    mailbox_post(mailbox, &value);
    mailbox_post(mailbox, &value);
    cr_assert(is_readable(mailbox));
    mailbox_take(mailbox, &value);
    cr_assert(is_readable(mailbox));
    mailbox_take(mailbox, &value);
    cr_assert(!is_readable(mailbox));
    mailbox_free(mailbox);
}

Test(mailbox, a_wait_with_no_message_ends_at_its_timeout)
{
    Mailbox *mailbox = mailbox_new(sizeof(int), 2);
    int none;
    cr_assert(!mailbox_wait(mailbox, &none, 1000));
    mailbox_free(mailbox);
}

#define POSTS 20000

static void *post_many(void *data)
{
    for (int i = 0; i < POSTS;) {
        if (mailbox_post(data, &i)) {
            i++;
        }
    }
    return NULL;
}

Test(mailbox, loses_nothing_between_two_threads)
{
    Mailbox *mailbox = mailbox_new(sizeof(int), 64);
    pthread_t poster;
    pthread_create(&poster, NULL, post_many, mailbox);
    for (int expected = 0; expected < POSTS; expected++) {
        int taken = -1;
        cr_assert(mailbox_wait(mailbox, &taken, -1));
        cr_assert_eq(taken, expected);
    }
    pthread_join(poster, NULL);
    mailbox_free(mailbox);
}

/* Over a real UDP socket on the loopback. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/relay/outbox.h"

typedef struct Rig {
    int from;
    int to;
    Tuple tuple;
    Counters counters;
    Outbox *outbox;
} Rig;

static int make_socket(void)
{
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    int off = 0;
    int bytes = 4 << 20;
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    struct sockaddr_in6 any = {.sin6_family = AF_INET6};
    cr_assert_eq(bind(fd, (struct sockaddr *)&any, sizeof any), 0);
    return fd;
}

static Rig make_rig(void)
{
    Rig rig = {.from = make_socket(), .to = make_socket()};
    struct sockaddr_in6 bound;
    socklen_t size = sizeof bound;
    getsockname(rig.to, (struct sockaddr *)&bound, &size);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = bound.sin6_port,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address_read((struct sockaddr *)&to, &rig.tuple.remote);
    return rig;
}

static void start(Rig *rig)
{
    rig->outbox = outbox_new(rig->from, AF_INET6, &rig->counters);
}

static void free_rig(Rig *rig)
{
    outbox_free(rig->outbox);
    close(rig->from);
    close(rig->to);
}

static void add(Rig *rig, uint8_t mark, size_t size)
{
    memset(outbox_reserve(rig->outbox), mark, size);
    outbox_add(rig->outbox, size);
}

static void expect(Rig *rig, uint8_t mark, size_t size)
{
    uint8_t bytes[2048];
    ssize_t received = recv(rig->to, bytes, sizeof bytes, 0);
    cr_assert_eq(received, (ssize_t)size, "%zd bytes for %zu", received, size);
    cr_expect_eq(bytes[0], mark);
    cr_expect_eq(bytes[size - 1], mark);
}

Test(outbox, keeps_the_bounds_of_packets_whatever_their_sizes)
{
    Rig rig = make_rig();
    start(&rig);
    const size_t sizes[] = {1200, 1200, 1200, 700, 1200, 1200, 1300, 10, 10, 11, 1};
    outbox_start(rig.outbox, &rig.tuple);
    for (uint8_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        add(&rig, i, sizes[i]);
    }
    outbox_flush(rig.outbox);
    for (uint8_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        expect(&rig, i, sizes[i]);
    }
    cr_expect_eq(rig.counters.datagrams_out, sizeof sizes / sizeof sizes[0]);
    free_rig(&rig);
}

Test(outbox, sends_more_than_it_holds)
{
    Rig rig = make_rig();
    start(&rig);
    for (int i = 0; i < 300; i++) {
        if (i % 3 == 0) {
            outbox_start(rig.outbox, &rig.tuple);
        }
        add(&rig, (uint8_t)i, 500);
    }
    outbox_flush(rig.outbox);
    for (int i = 0; i < 300; i++) {
        expect(&rig, (uint8_t)i, 500);
    }
    free_rig(&rig);
}

Test(outbox, leaves_from_the_address_that_was_spoken_to)
{
    Rig rig = make_rig();
    start(&rig);
    rig.tuple.local_ip[10] = rig.tuple.local_ip[11] = 0xff;
    const uint8_t other[] = {127, 0, 0, 9};
    memcpy(rig.tuple.local_ip + 12, other, sizeof other);
    outbox_start(rig.outbox, &rig.tuple);
    add(&rig, 1, 100);
    add(&rig, 2, 100);
    outbox_flush(rig.outbox);
    struct sockaddr_in6 from;
    socklen_t size = sizeof from;
    uint8_t bytes[200];
    cr_assert_eq(recvfrom(rig.to, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &size), 100);
    cr_expect_arr_eq((uint8_t *)&from.sin6_addr + 12, other, 4);
    expect(&rig, 2, 100);
    free_rig(&rig);
}

Test(outbox, a_local_address_that_has_gone_costs_its_packets_only)
{
    Rig rig = make_rig();
    start(&rig);
    Tuple gone = rig.tuple;
    gone.local_ip[10] = gone.local_ip[11] = 0xff;
    memcpy(gone.local_ip + 12, (const uint8_t[]){192, 0, 2, 1}, 4);
    outbox_start(rig.outbox, &gone);
    add(&rig, 1, 100);
    add(&rig, 1, 100);
    outbox_start(rig.outbox, &rig.tuple);
    add(&rig, 2, 100);
    add(&rig, 3, 100);
    outbox_flush(rig.outbox);
    expect(&rig, 2, 100);
    expect(&rig, 3, 100);
    cr_expect_eq(rig.counters.send_failed, 2);
    cr_expect_eq(rig.counters.gso_refused, 0);
    free_rig(&rig);
}

/* No segmentation at all: what a system does that refuses it. */
Test(outbox, goes_on_singly_when_segmentation_is_refused)
{
    Rig rig = make_rig();
    int on = 1;
    /* The kernel refuses UDP_SEGMENT (EIO) on a socket that sends without checksums. */
    cr_assert_eq(setsockopt(rig.from, SOL_SOCKET, SO_NO_CHECK, &on, sizeof on), 0);
    start(&rig);
    for (int round = 0; round < 2; round++) {
        outbox_start(rig.outbox, &rig.tuple);
        add(&rig, 1, 100);
        add(&rig, 2, 100);
        add(&rig, 3, 50);
        outbox_flush(rig.outbox);
        expect(&rig, 1, 100);
        expect(&rig, 2, 100);
        expect(&rig, 3, 50);
    }
    cr_expect_eq(rig.counters.gso_refused, 1);
    cr_expect_eq(rig.counters.send_failed, 0);
    free_rig(&rig);
}

Test(outbox, an_empty_flush_is_nothing)
{
    Rig rig = make_rig();
    start(&rig);
    outbox_flush(rig.outbox);
    cr_expect_eq(rig.counters.datagrams_out, 0);
    free_rig(&rig);
}

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/base/clock.h"
#include "endpoints/fleet/switchboard.h"

typedef struct Heard {
    unsigned count;
    size_t bytes;
    size_t last_size;
    uint8_t last_first;
    int64_t last_arrival_us;
    Line *closes; /* when something is heard */
} Heard;

static void on_datagram(const LineDatagram *datagram, void *data)
{
    Heard *heard = data;
    cr_assert_eq((uintptr_t)datagram->bytes % 16, 0);
    heard->count++;
    heard->bytes += datagram->size;
    heard->last_size = datagram->size;
    heard->last_first = datagram->bytes[0];
    heard->last_arrival_us = datagram->arrival_us;
    if (heard->closes != NULL) {
        line_close(heard->closes);
        heard->closes = NULL;
    }
}

/* The other end: a socket on 127.0.0.1, and the address it has. */
static int open_peer(SdpCandidate *ret_candidate)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof name;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    cr_assert(fd >= 0 && bind(fd, (struct sockaddr *)&name, size) == 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&name, &size), 0);
    *ret_candidate = (SdpCandidate){.address = "127.0.0.1", .port = ntohs(name.sin_port)};
    return fd;
}

/* The peer learns where the line is from what the line sends, as the relay does. */
static void greet(Line *line, int peer, const SdpCandidate *to)
{
    const uint8_t hello = 1;
    uint8_t heard = 0;
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    line_send_to(line, to, &hello, 1);
    cr_assert_eq(recvfrom(peer, &heard, 1, 0, (struct sockaddr *)&from, &size), 1);
    cr_assert_eq(connect(peer, (struct sockaddr *)&from, size), 0);
}

typedef struct Pair {
    Switchboard *board;
    Line *line;
    int peer;
    SdpCandidate candidate;
    Heard heard;
} Pair;

static Pair *pair_open(void)
{
    Pair *pair = g_new0(Pair, 1);
    pair->board = switchboard_new(NULL);
    pair->line = line_open(pair->board, on_datagram, &pair->heard, NULL);
    cr_assert_not_null(pair->line);
    pair->peer = open_peer(&pair->candidate);
    greet(pair->line, pair->peer, &pair->candidate);
    cr_assert(line_connect(pair->line, &pair->candidate));
    return pair;
}

static void pair_close(Pair *pair)
{
    close(pair->peer);
    line_close(pair->line);
    switchboard_free(pair->board);
    g_free(pair);
}

Test(fleet_switchboard, hands_out_what_has_arrived_and_when)
{
    Pair *pair = pair_open();
    const uint8_t bytes[] = {7, 8, 9};
    int64_t before_us = clock_now_us();
    cr_assert_eq(send(pair->peer, bytes, sizeof bytes, 0), 3);
    int64_t after_us = clock_now_us();
    g_usleep(20000);
    switchboard_poll(pair->board);
    cr_assert_eq(pair->heard.count, 1);
    cr_assert_eq(pair->heard.last_size, 3);
    cr_assert_eq(pair->heard.last_first, 7);
    int64_t arrival_us = pair->heard.last_arrival_us;
    cr_assert(arrival_us >= before_us - 1000 && arrival_us <= after_us + 1000,
              "when it arrived, not when it was read");
    switchboard_poll(pair->board);
    cr_assert_eq(pair->heard.count, 1);
    pair_close(pair);
}

Test(fleet_switchboard, takes_apart_what_the_kernel_has_joined)
{
    Pair *pair = pair_open();
    uint8_t bytes[3 * 1000 + 17];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i / 1000);
    }
    int segment = 1000;
    cr_assert_eq(setsockopt(pair->peer, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment), 0);
    cr_assert_eq(send(pair->peer, bytes, sizeof bytes, 0), (ssize_t)sizeof bytes);
    switchboard_poll(pair->board);
    cr_assert_eq(pair->heard.count, 4);
    cr_assert_eq(pair->heard.bytes, sizeof bytes);
    cr_assert_eq(pair->heard.last_size, 17);
    cr_assert_eq(pair->heard.last_first, 3);
    pair_close(pair);
}

Test(fleet_switchboard, takes_datagrams_singly_where_it_is_told_to)
{
    Pair *pair = pair_open();
    static const uint8_t bytes[3 * 1000 + 17];
    int segment = 1000;
    line_take_singly(pair->line);
    cr_assert_eq(setsockopt(pair->peer, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment), 0);
    cr_assert_eq(send(pair->peer, bytes, sizeof bytes, 0), (ssize_t)sizeof bytes);
    switchboard_poll(pair->board);
    cr_assert_eq(pair->heard.count, 4);
    cr_assert_eq(pair->heard.bytes, sizeof bytes);
    cr_assert_eq(pair->heard.last_size, 17);
    pair_close(pair);
}

Test(fleet_switchboard, tells_where_a_line_listens)
{
    Pair *pair = pair_open();
    struct sockaddr_in name;
    socklen_t size = sizeof name;
    cr_assert_eq(getpeername(pair->peer, (struct sockaddr *)&name, &size), 0);
    cr_assert_eq(line_port(pair->line), ntohs(name.sin_port));
    pair_close(pair);
}

Test(fleet_switchboard, passes_over_a_datagram_larger_than_any_of_ours)
{
    Pair *pair = pair_open();
    static const uint8_t large[9000] = {1};
    const uint8_t small = 2;
    cr_assert_eq(send(pair->peer, large, sizeof large, 0), (ssize_t)sizeof large);
    cr_assert_eq(send(pair->peer, &small, 1, 0), 1);
    switchboard_poll(pair->board);
    cr_assert_eq(pair->heard.count, 1);
    cr_assert_eq(pair->heard.last_first, 2);
    pair_close(pair);
}

Test(fleet_switchboard, hears_nobody_else_once_it_is_connected)
{
    Pair *pair = pair_open();
    SdpCandidate stranger;
    int other = open_peer(&stranger);
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    cr_assert_eq(getpeername(pair->peer, (struct sockaddr *)&name, &size), 0);
    cr_assert_eq(sendto(other, "x", 1, 0, (struct sockaddr *)&name, size), 1);
    switchboard_poll(pair->board);
    cr_assert_eq(pair->heard.count, 0);
    close(other);
    pair_close(pair);
}

Test(fleet_switchboard, lets_a_line_be_closed_by_what_it_hears)
{
    Pair *pair = pair_open();
    pair->heard.closes = pair->line;
    for (int i = 0; i < 10; i++) {
        cr_assert_eq(send(pair->peer, "abc", 3, 0), 3);
    }
    switchboard_poll(pair->board);
    cr_assert_eq(pair->heard.count, 1);
    pair->line = NULL;
    pair_close(pair);
}

Test(fleet_switchboard, lets_a_line_be_closed_by_what_another_hears)
{
    Pair *pair = pair_open();
    Heard other_heard = {0};
    SdpCandidate candidate;
    Line *other = line_open(pair->board, on_datagram, &other_heard, NULL);
    int peer = open_peer(&candidate);
    greet(other, peer, &candidate);
    /* Both have something to hear; whoever is first closes the other. */
    pair->heard.closes = other;
    other_heard.closes = pair->line;
    cr_assert_eq(send(pair->peer, "abc", 3, 0), 3);
    cr_assert_eq(send(peer, "abc", 3, 0), 3);
    switchboard_poll(pair->board);
    cr_assert_eq(pair->heard.count + other_heard.count, 1);
    bool other_is_left = other_heard.count == 1;
    if (other_is_left) {
        pair->line = other;
    }
    close(peer);
    pair_close(pair);
}

Test(fleet_switchboard, counts_what_it_did_not_read_in_time)
{
    Pair *pair = pair_open();
    static const uint8_t bytes[1200] = {1};
    cr_assert_eq(line_unread(pair->line), 0);
    for (int i = 0; i < 20000; i++) {
        cr_assert_eq(send(pair->peer, bytes, sizeof bytes, 0), (ssize_t)sizeof bytes);
    }
    unsigned before;
    do {
        before = pair->heard.count;
        switchboard_poll(pair->board);
    } while (pair->heard.count > before);
    cr_assert_gt(line_unread(pair->line), 0);
    cr_assert_eq(pair->heard.count + line_unread(pair->line), 20000);
    pair_close(pair);
}

Test(fleet_switchboard, sends_nothing_before_it_is_connected)
{
    Switchboard *board = switchboard_new(NULL);
    Line *line = line_open(board, on_datagram, NULL, NULL);
    cr_assert_not(line_send(line, (const uint8_t *)"x", 1));
    cr_assert_not(line_connect(line, &(SdpCandidate){.address = "nowhere", .port = 9}));
    cr_assert_not(line_send(line, (const uint8_t *)"x", 1));
    line_send_to(line, &(SdpCandidate){.address = "nowhere", .port = 9}, (const uint8_t *)"x", 1);
    line_close(line);
    switchboard_free(board);
}

Test(fleet_switchboard, survives_a_peer_that_is_gone)
{
    Pair *pair = pair_open();
    close(pair->peer);
    for (int i = 0; i < 3; i++) {
        line_send(pair->line, (const uint8_t *)"x", 1);
        switchboard_poll(pair->board);
    }
    cr_assert_eq(pair->heard.count, 0);
    pair->peer = -1;
    pair_close(pair);
}

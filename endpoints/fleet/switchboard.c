#include "endpoints/fleet/switchboard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gio/gio.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"

#define EVENTS_MAX 512
#define ROUNDS_MAX 8
#define BATCH 4
/* One read may hold a whole picture: UDP_GRO joins datagrams of one size. */
#define BATCH_BYTES 65536
/* Reads of one line before the next one gets its turn. */
#define READS_MAX 64
#define RECEIVE_BUFFER_BYTES (1024 * 1024)
#define CONTROL_BYTES (CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(int)))

struct Line {
    Switchboard *board;
    int fd;
    bool is_connected;
    LineFunc call;
    void *data;
};

typedef struct Slot {
    struct iovec vector;
    _Alignas(struct cmsghdr) uint8_t control[CONTROL_BYTES];
    uint8_t bytes[BATCH_BYTES];
} Slot;

struct Switchboard {
    int epoll;
    int64_t wall_offset_us; /* monotonic less wall-clock time */
    Line *reading;          /* NULL once it was closed while it was read */
    size_t event_at;
    size_t event_count;
    struct epoll_event events[EVENTS_MAX];
    struct mmsghdr headers[BATCH];
    Slot slots[BATCH];
    _Alignas(16) uint8_t datagram[LIMIT_DATAGRAM_BYTES];
};

Switchboard *switchboard_new(GError **error)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "no epoll: %s", g_strerror(errno));
        return NULL;
    }
    Switchboard *board = g_aligned_alloc0(1, sizeof(Switchboard), 64);
    board->epoll = epoll;
    return board;
}

void switchboard_free(Switchboard *board)
{
    if (board != NULL) {
        close(board->epoll);
        g_aligned_free(board);
    }
}

static void set_options(int fd)
{
    const int on = 1;
    const int off = 0;
    const int bytes = RECEIVE_BUFFER_BYTES;
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
}

Line *line_open(Switchboard *board, LineFunc call, void *data, GError **error)
{
    Line *line = g_new0(Line, 1);
    line->board = board;
    line->call = call;
    line->data = data;
    line->fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = line};
    const struct sockaddr_in6 any = {.sin6_family = AF_INET6};
    if (line->fd >= 0) {
        set_options(line->fd);
    }
    if (line->fd < 0 || bind(line->fd, (const struct sockaddr *)&any, sizeof any) != 0 ||
        epoll_ctl(board->epoll, EPOLL_CTL_ADD, line->fd, &event) != 0) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
                    "cannot open a UDP socket: %s; more open files may be needed (ulimit -n)",
                    g_strerror(errno));
        line_close(line);
        return NULL;
    }
    return line;
}

/* Events of this poll that are still to come may name it. */
static void forget_events(Switchboard *board, const Line *line)
{
    for (size_t i = board->event_at; i < board->event_count; i++) {
        if (board->events[i].data.ptr == line) {
            board->events[i].data.ptr = NULL;
        }
    }
}

void line_close(Line *line)
{
    if (line == NULL) {
        return;
    }
    forget_events(line->board, line);
    if (line->board->reading == line) {
        line->board->reading = NULL;
    }
    if (line->fd >= 0) {
        close(line->fd);
    }
    g_free(line);
}

uint16_t line_port(const Line *line)
{
    struct sockaddr_in6 name = {0};
    socklen_t size = sizeof name;
    bool is_known = getsockname(line->fd, (struct sockaddr *)&name, &size) == 0;
    return is_known ? ntohs(name.sin6_port) : 0;
}

void line_take_singly(Line *line)
{
    const int off = 0;
    setsockopt(line->fd, IPPROTO_UDP, UDP_GRO, &off, sizeof off);
}

static bool resolve(const SdpCandidate *candidate, struct sockaddr_in6 *ret_name)
{
    *ret_name = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(candidate->port)};
    struct in_addr four;
    if (inet_pton(AF_INET, candidate->address, &four) != 1) {
        return inet_pton(AF_INET6, candidate->address, &ret_name->sin6_addr) == 1;
    }
    ret_name->sin6_addr.s6_addr[10] = ret_name->sin6_addr.s6_addr[11] = 0xff;
    memcpy(&ret_name->sin6_addr.s6_addr[12], &four, sizeof four);
    return true;
}

void line_send_to(Line *line, const SdpCandidate *to, const uint8_t *bytes, size_t size)
{
    struct sockaddr_in6 name;
    if (line->is_connected) {
        line_send(line, bytes, size);
    } else if (resolve(to, &name)) {
        /* A candidate that cannot be reached is simply one that does not answer. */
        (void)!sendto(line->fd, bytes, size, MSG_DONTWAIT, (struct sockaddr *)&name, sizeof name);
    }
}

bool line_connect(Line *line, const SdpCandidate *to)
{
    struct sockaddr_in6 name;
    line->is_connected =
        resolve(to, &name) && connect(line->fd, (struct sockaddr *)&name, sizeof name) == 0;
    return line->is_connected;
}

bool line_send(Line *line, const uint8_t *bytes, size_t size)
{
    if (!line->is_connected) {
        return false;
    }
    ssize_t sent = send(line->fd, bytes, size, MSG_DONTWAIT);
    if (sent < 0 && errno == ECONNREFUSED) {
        /* An earlier datagram's ICMP error is told once, instead of sending. */
        sent = send(line->fd, bytes, size, MSG_DONTWAIT);
    }
    return sent >= 0;
}

uint32_t line_unread(const Line *line)
{
    uint32_t memory[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof memory;
    bool is_known = getsockopt(line->fd, SOL_SOCKET, SO_MEMINFO, memory, &size) == 0;
    return is_known ? memory[SK_MEMINFO_DROPS] : 0;
}

static void prepare(Switchboard *board)
{
    for (size_t i = 0; i < BATCH; i++) {
        Slot *slot = &board->slots[i];
        slot->vector = (struct iovec){.iov_base = slot->bytes, .iov_len = sizeof slot->bytes};
        board->headers[i].msg_hdr = (struct msghdr){
            .msg_iov = &slot->vector,
            .msg_iovlen = 1,
            .msg_control = slot->control,
            .msg_controllen = sizeof slot->control,
        };
    }
}

typedef struct Details {
    int64_t arrival_us;
    size_t segment_bytes;
} Details;

static Details read_details(Line *line, struct msghdr *header, size_t size)
{
    Details details = {.segment_bytes = size};
    for (struct cmsghdr *control = CMSG_FIRSTHDR(header); control != NULL;
         control = CMSG_NXTHDR(header, control)) {
        if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec wall;
            memcpy(&wall, CMSG_DATA(control), sizeof wall);
            details.arrival_us =
                wall.tv_sec * CLOCK_US_PER_S + wall.tv_nsec / 1000 + line->board->wall_offset_us;
        } else if (control->cmsg_level == IPPROTO_UDP && control->cmsg_type == UDP_GRO) {
            int segment_bytes;
            memcpy(&segment_bytes, CMSG_DATA(control), sizeof segment_bytes);
            details.segment_bytes = segment_bytes > 0 ? (size_t)segment_bytes : size;
        }
    }
    if (details.arrival_us == 0) {
        details.arrival_us = clock_now_us();
    }
    return details;
}

/* The line may be closed by what it is given. */
static void hand_out(Line *line, struct mmsghdr *received)
{
    Switchboard *board = line->board;
    const uint8_t *at = received->msg_hdr.msg_iov->iov_base;
    size_t left = received->msg_len;
    Details details = read_details(line, &received->msg_hdr, left);
    while (left > 0 && board->reading == line) {
        size_t size = MIN(left, details.segment_bytes);
        if (size <= sizeof board->datagram) {
            memcpy(board->datagram, at, size);
            LineDatagram datagram = {
                .bytes = board->datagram, .size = size, .arrival_us = details.arrival_us};
            line->call(&datagram, line->data);
        }
        at += size;
        left -= size;
    }
}

static void read_line(Switchboard *board, Line *line)
{
    board->reading = line;
    for (size_t reads = 0; reads < READS_MAX; reads++) {
        prepare(board);
        int count = recvmmsg(line->fd, board->headers, BATCH, MSG_DONTWAIT, NULL);
        for (int i = 0; i < count; i++) {
            hand_out(line, &board->headers[i]);
            if (board->reading != line) {
                return;
            }
        }
        if (count < BATCH) {
            break;
        }
    }
    board->reading = NULL;
}

static void learn_wall_offset(Switchboard *board)
{
    struct timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    board->wall_offset_us = clock_now_us() - (wall.tv_sec * CLOCK_US_PER_S + wall.tv_nsec / 1000);
}

static size_t poll_once(Switchboard *board)
{
    int count = epoll_wait(board->epoll, board->events, EVENTS_MAX, 0);
    board->event_count = count > 0 ? (size_t)count : 0;
    for (board->event_at = 0; board->event_at < board->event_count; board->event_at++) {
        Line *line = board->events[board->event_at].data.ptr;
        if (line != NULL) {
            read_line(board, line);
        }
    }
    board->event_count = 0;
    return (size_t)MAX(count, 0);
}

void switchboard_poll(Switchboard *board)
{
    learn_wall_offset(board);
    for (size_t round = 0; round < ROUNDS_MAX; round++) {
        if (poll_once(board) < EVENTS_MAX) {
            return;
        }
    }
}

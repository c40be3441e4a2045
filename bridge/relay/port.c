#include "bridge/relay/port.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/base/clock.h"
#include "bridge/base/loop.h"

#define PORT_BATCH 32
/* Batches read before timers and the other descriptors get their turn. */
#define PORT_BATCHES_PER_TURN 8
/* While datagrams keep coming they are let gather for so long: 207 sites send ten thousand a
 * second, and to wake up for each costs more than to read it. */
#define PORT_GATHER_US CLOCK_US_PER_MS
#define PORT_BUFFER_BYTES (4 * 1024 * 1024)
#define PORT_CONTROL_BYTES (CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint32_t)))

typedef struct Slot {
    struct sockaddr_storage name;
    struct iovec vector;
    _Alignas(struct cmsghdr) uint8_t control[PORT_CONTROL_BYTES];
    _Alignas(16) uint8_t bytes[LIMIT_DATAGRAM_BYTES];
} Slot;

struct Port {
    int fd;
    int family;
    uint16_t number;
    PortOptions options;
    LoopWatch *watch; /* rests while the timer runs */
    LoopWatch *gather_timer;
    Outbox *outbox;
    struct mmsghdr headers[PORT_BATCH];
    Slot slots[PORT_BATCH];
};

/* The first `count`: what was received has changed them. */
static void prepare_slots(Port *port, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        Slot *slot = &port->slots[i];
        slot->vector = (struct iovec){.iov_base = slot->bytes, .iov_len = sizeof slot->bytes};
        port->headers[i].msg_hdr = (struct msghdr){
            .msg_name = &slot->name,
            .msg_namelen = sizeof slot->name,
            .msg_iov = &slot->vector,
            .msg_iovlen = 1,
            .msg_control = slot->control,
            .msg_controllen = sizeof slot->control,
        };
    }
}

/* The address that was spoken to, and how many datagrams the full socket has dropped so far. */
static void read_control(Port *port, struct msghdr *header, uint8_t ret_ip[16])
{
    for (struct cmsghdr *control = CMSG_FIRSTHDR(header); control != NULL;
         control = CMSG_NXTHDR(header, control)) {
        if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(control), sizeof info);
            memcpy(ret_ip, &info.ipi6_addr, 16);
        } else if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(control), sizeof info);
            ret_ip[10] = ret_ip[11] = 0xff;
            memcpy(ret_ip + 12, &info.ipi_addr, 4);
        } else if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_RXQ_OVFL) {
            uint32_t dropped;
            memcpy(&dropped, CMSG_DATA(control), sizeof dropped);
            port->options.counters->datagrams_overflowed = dropped;
        }
    }
}

static void take(Port *port, struct mmsghdr *received)
{
    struct msghdr *header = &received->msg_hdr;
    Counters *counters = port->options.counters;
    counters->datagrams_in++;
    counters->bytes_in += received->msg_len;
    if (header->msg_flags & MSG_TRUNC) {
        counters->datagrams_too_long++;
        return;
    }
    Tuple from = {0};
    if (!address_read(header->msg_name, &from.remote)) {
        return;
    }
    read_control(port, header, from.local_ip);
    port->options.on_datagram(header->msg_iov->iov_base, received->msg_len, &from,
                              port->options.data);
}

/* True: something came. */
static bool read_waiting(Port *port)
{
    int count = PORT_BATCH;
    bool has_come = false;
    for (size_t batch = 0; batch < PORT_BATCHES_PER_TURN && count == PORT_BATCH; batch++) {
        count = recvmmsg(port->fd, port->headers, PORT_BATCH, MSG_DONTWAIT, NULL);
        for (int i = 0; i < count; i++) {
            take(port, &port->headers[i]);
        }
        prepare_slots(port, (size_t)MAX(count, 0));
        has_come |= count > 0;
    }
    return has_come;
}

static void on_readable(int fd, GIOCondition condition, void *data)
{
    Port *port = data;
    if (read_waiting(port)) {
        loop_watch_set(port->watch, 0);
        loop_timer_set(port->gather_timer, clock_now_us() + PORT_GATHER_US);
    }
}

static void on_gathered(void *data)
{
    Port *port = data;
    if (read_waiting(port)) {
        loop_timer_set(port->gather_timer, clock_now_us() + PORT_GATHER_US);
    } else {
        loop_watch_set(port->watch, G_IO_IN);
    }
}

static bool set_options(int fd, int family)
{
    int on = 1;
    int off = 0;
    int bytes = PORT_BUFFER_BYTES;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
    if (family == AF_INET) {
        return setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) == 0;
    }
    return setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0 &&
           setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on) == 0;
}

static int open_socket(int *ret_family)
{
    const int families[] = {AF_INET6, AF_INET};
    for (size_t i = 0; i < G_N_ELEMENTS(families); i++) {
        int fd = socket(families[i], SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd >= 0 && set_options(fd, families[i])) {
            *ret_family = families[i];
            return fd;
        }
        if (fd >= 0) {
            close(fd);
        }
    }
    return -1;
}

static bool bind_any(int fd, int family, uint16_t number, uint16_t *ret_number)
{
    Address any = {.port = number};
    if (family == AF_INET) {
        any.ip[10] = any.ip[11] = 0xff;
    }
    struct sockaddr_storage name;
    socklen_t size = address_write(&any, family, &name);
    if (bind(fd, (struct sockaddr *)&name, size) < 0) {
        return false;
    }
    size = sizeof name;
    Address bound;
    if (getsockname(fd, (struct sockaddr *)&name, &size) < 0 ||
        !address_read((struct sockaddr *)&name, &bound)) {
        return false;
    }
    *ret_number = bound.port;
    return true;
}

static void set_open_error(GError **error, uint16_t number, int reason)
{
    const char *advice = reason == EADDRINUSE
                             ? "stop the other program or choose another port (media.port)"
                         : reason == EACCES ? "ports below 1024 need CAP_NET_BIND_SERVICE; choose "
                                              "another port (media.port)"
                                            : "check the machine's network configuration";
    g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(reason),
                "cannot open UDP port %u: %s: %s", number, g_strerror(reason), advice);
}

Port *port_open(const PortOptions *options, GError **error)
{
    int family = AF_UNSPEC;
    int fd = open_socket(&family);
    uint16_t number = 0;
    if (fd < 0 || !bind_any(fd, family, options->number, &number)) {
        set_open_error(error, options->number, errno);
        if (fd >= 0) {
            close(fd);
        }
        return NULL;
    }
    Port *port = g_new0(Port, 1);
    port->fd = fd;
    port->family = family;
    port->number = number;
    port->options = *options;
    port->outbox = outbox_new(fd, family, options->counters);
    prepare_slots(port, PORT_BATCH);
    port->watch = loop_watch(fd, G_IO_IN, on_readable, port);
    port->gather_timer = loop_after(PORT_GATHER_US, on_gathered, port);
    return port;
}

void port_close(Port *port)
{
    if (port == NULL) {
        return;
    }
    loop_drop(&port->watch);
    loop_drop(&port->gather_timer);
    outbox_free(port->outbox);
    close(port->fd);
    g_free(port);
}

uint16_t port_number(const Port *port)
{
    return port->number;
}

Outbox *port_outbox(Port *port)
{
    return port->outbox;
}

void port_send(Port *port, const Tuple *to, const uint8_t *bytes, size_t size)
{
    if (size == 0 || size > LIMIT_DATAGRAM_BYTES) {
        return;
    }
    outbox_start(port->outbox, to);
    memcpy(outbox_reserve(port->outbox), bytes, size);
    outbox_add(port->outbox, size);
    outbox_flush(port->outbox);
}

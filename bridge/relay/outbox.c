#include "bridge/relay/outbox.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define OUTBOX_MESSAGES 64
#define OUTBOX_PACKETS 128
/* Limits of UDP_SEGMENT: segments of a message (older kernels), and bytes of a datagram. */
#define OUTBOX_SEGMENTS_MAX 64
#define OUTBOX_MESSAGE_BYTES_MAX 60000
#define OUTBOX_CONTROL_BYTES (CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t)))

typedef struct Message {
    size_t packet_count;
    size_t segment_bytes; /* of every packet but the last */
    size_t last_bytes;
    size_t total_bytes;
    struct sockaddr_storage name;
    _Alignas(struct cmsghdr) uint8_t control[OUTBOX_CONTROL_BYTES];
} Message;

struct Outbox {
    int fd;
    int family;
    bool has_gso;
    bool is_open; /* the last message takes further packets */
    Tuple to;
    Counters *counters;
    size_t message_count;
    size_t packet_count;
    Message messages[OUTBOX_MESSAGES];
    struct mmsghdr headers[OUTBOX_MESSAGES];
    struct iovec packets[OUTBOX_PACKETS];
    _Alignas(16) uint8_t bytes[OUTBOX_PACKETS][OUTBOX_PACKET_BYTES];
};

Outbox *outbox_new(int fd, int family, Counters *counters)
{
    Outbox *outbox = g_aligned_alloc0(1, sizeof(Outbox), 64);
    outbox->fd = fd;
    outbox->family = family;
    outbox->has_gso = true;
    outbox->counters = counters;
    return outbox;
}

void outbox_free(Outbox *outbox)
{
    if (outbox != NULL) {
        g_aligned_free(outbox);
    }
}

void outbox_start(Outbox *outbox, const Tuple *to)
{
    outbox->to = *to;
    outbox->is_open = false;
}

uint8_t *outbox_reserve(Outbox *outbox)
{
    if (outbox->packet_count == OUTBOX_PACKETS || outbox->message_count == OUTBOX_MESSAGES) {
        outbox_flush(outbox);
    }
    return outbox->bytes[outbox->packet_count];
}

static size_t put_control(struct msghdr *header, int level, int type, const void *value,
                          size_t size)
{
    uint8_t *at = (uint8_t *)header->msg_control + header->msg_controllen;
    struct cmsghdr *control = (struct cmsghdr *)at;
    control->cmsg_level = level;
    control->cmsg_type = type;
    control->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(control), value, size);
    return CMSG_SPACE(size);
}

/* The datagram leaves from the address that the peer sent to. */
static size_t put_local_address(const Outbox *outbox, struct msghdr *header)
{
    static const uint8_t unspecified[16];
    if (memcmp(outbox->to.local_ip, unspecified, sizeof unspecified) == 0) {
        return 0;
    }
    if (outbox->family == AF_INET6) {
        struct in6_pktinfo info = {0};
        memcpy(&info.ipi6_addr, outbox->to.local_ip, 16);
        return put_control(header, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
    struct in_pktinfo info = {0};
    memcpy(&info.ipi_spec_dst, outbox->to.local_ip + 12, 4);
    return put_control(header, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
}

static Message *open_message(Outbox *outbox, size_t size)
{
    Message *message = &outbox->messages[outbox->message_count];
    struct msghdr *header = &outbox->headers[outbox->message_count].msg_hdr;
    outbox->message_count++;
    message->packet_count = 0;
    message->segment_bytes = size;
    message->total_bytes = 0;
    *header = (struct msghdr){
        .msg_name = &message->name,
        .msg_namelen = address_write(&outbox->to.remote, outbox->family, &message->name),
        .msg_iov = &outbox->packets[outbox->packet_count],
        .msg_control = message->control,
    };
    header->msg_controllen = put_local_address(outbox, header);
    outbox->is_open = true;
    return message;
}

static bool takes(const Outbox *outbox, const Message *message, size_t size)
{
    return outbox->has_gso && message->last_bytes == message->segment_bytes &&
           size <= message->segment_bytes && message->packet_count < OUTBOX_SEGMENTS_MAX &&
           message->total_bytes + size <= OUTBOX_MESSAGE_BYTES_MAX;
}

void outbox_add(Outbox *outbox, size_t size)
{
    Message *message = outbox->is_open ? &outbox->messages[outbox->message_count - 1] : NULL;
    if (message == NULL || !takes(outbox, message, size)) {
        message = open_message(outbox, size);
    }
    outbox->packets[outbox->packet_count] = (struct iovec){
        .iov_base = outbox->bytes[outbox->packet_count],
        .iov_len = size,
    };
    outbox->packet_count++;
    message->packet_count++;
    message->last_bytes = size;
    message->total_bytes += size;
}

static void count_failure(Outbox *outbox, size_t packets, int error)
{
    bool is_full = error == EAGAIN || error == ENOBUFS;
    *(is_full ? &outbox->counters->send_full : &outbox->counters->send_failed) += packets;
}

/* Returns how many of its packets left. */
static size_t send_singly(Outbox *outbox, size_t index)
{
    struct msghdr whole = outbox->headers[index].msg_hdr;
    size_t sent = 0;
    for (size_t i = 0; i < outbox->messages[index].packet_count; i++) {
        struct msghdr one = whole;
        one.msg_iov = whole.msg_iov + i;
        one.msg_iovlen = 1;
        one.msg_controllen = whole.msg_controllen;
        if (outbox->messages[index].packet_count > 1) {
            one.msg_controllen -= CMSG_SPACE(sizeof(uint16_t));
        }
        if (sendmsg(outbox->fd, &one, MSG_DONTWAIT) >= 0) {
            sent++;
            outbox->counters->datagrams_out++;
            outbox->counters->bytes_out += one.msg_iov->iov_len;
        } else {
            count_failure(outbox, 1, errno);
        }
    }
    return sent;
}

/* The message at `index` was refused. EINVAL also means that the local address has gone: only when
 * its packets leave singly was segmentation at fault. */
static void settle_refusal(Outbox *outbox, size_t index, int error)
{
    const Message *message = &outbox->messages[index];
    bool may_be_gso =
        message->packet_count > 1 && (error == EIO || error == EINVAL || error == EMSGSIZE);
    if (!may_be_gso) {
        count_failure(outbox, message->packet_count, error);
        return;
    }
    if (send_singly(outbox, index) > 0 && outbox->has_gso) {
        outbox->has_gso = false;
        outbox->counters->gso_refused++;
    }
}

static void close_messages(Outbox *outbox)
{
    for (size_t i = 0; i < outbox->message_count; i++) {
        const Message *message = &outbox->messages[i];
        struct msghdr *header = &outbox->headers[i].msg_hdr;
        header->msg_iovlen = message->packet_count;
        if (message->packet_count > 1) {
            uint16_t segment = (uint16_t)message->segment_bytes;
            header->msg_controllen +=
                put_control(header, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment);
        }
        if (header->msg_controllen == 0) {
            header->msg_control = NULL;
        }
    }
}

static void count_sent(Outbox *outbox, size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++) {
        outbox->counters->datagrams_out += outbox->messages[i].packet_count;
        outbox->counters->bytes_out += outbox->messages[i].total_bytes;
    }
}

void outbox_flush(Outbox *outbox)
{
    close_messages(outbox);
    size_t done = 0;
    while (done < outbox->message_count) {
        int sent = sendmmsg(outbox->fd, outbox->headers + done,
                            (unsigned)(outbox->message_count - done), MSG_DONTWAIT);
        if (sent > 0) {
            count_sent(outbox, done, (size_t)sent);
            done += (size_t)sent;
        } else if (errno != EINTR) {
            settle_refusal(outbox, done, errno);
            done++;
        }
    }
    outbox->message_count = 0;
    outbox->packet_count = 0;
    outbox->is_open = false;
}

#include "tests/unit/relay/relay_process.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bridge/base/bytes.h"
#include "bridge/base/clock.h"

#define WAIT_US (10 * CLOCK_US_PER_S)

struct RelayProcess {
    pid_t pid;
    char *directory;
    int control_fd;
    GString *incoming;
    GQueue events; /* json_t */
    json_int_t next_id;
    char error[64];
};

static int connect_to(const RelayProcess *process, const char *name, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", process->directory, name);
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        return fd;
    }
    close(fd);
    return -1;
}

static void connect_control(RelayProcess *process)
{
    int64_t until_us = clock_now_us() + WAIT_US;
    do {
        process->control_fd = connect_to(process, "relay.sock", SOCK_STREAM);
        if (process->control_fd < 0) {
            g_usleep(10000);
        }
    } while (process->control_fd < 0 && clock_now_us() < until_us);
}

RelayProcess *relay_process_start(void)
{
    RelayProcess *process = g_new0(RelayProcess, 1);
    process->directory = g_dir_make_tmp("diemcau-relay-XXXXXX", NULL);
    process->incoming = g_string_new(NULL);
    g_queue_init(&process->events);
    process->pid = fork();
    if (process->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execl(RELAY_BINARY, RELAY_BINARY, "--runtime", process->directory, "--port", "0",
              "--loopback", NULL);
        _exit(127);
    }
    connect_control(process);
    return process;
}

void relay_process_stop(RelayProcess *process)
{
    int status = 0;
    kill(process->pid, SIGTERM);
    waitpid(process->pid, &status, 0);
    if (status != 0) {
        fprintf(stderr, "the relay ended with status %d\n", status);
        abort();
    }
    close(process->control_fd);
    rmdir(process->directory);
    g_free(process->directory);
    g_string_free(process->incoming, TRUE);
    g_queue_clear_full(&process->events, (GDestroyNotify)json_decref);
    g_free(process);
}

uint16_t relay_process_port(RelayProcess *process)
{
    json_t *hello = relay_process_call(process, "hello", json_object());
    json_int_t port = json_integer_value(json_object_get(hello, "port"));
    json_decref(hello);
    return (uint16_t)port;
}

int relay_process_run_second(uint16_t port, char **ret_said)
{
    int status = -1;
    char *directory = g_dir_make_tmp("diemcau-relay-XXXXXX", NULL);
    char *port_text = g_strdup_printf("%u", port);
    const char *arguments[] = {RELAY_BINARY, "--runtime",  directory, "--port",
                               port_text,    "--loopback", NULL};
    g_spawn_sync(NULL, (char **)arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, ret_said,
                 &status, NULL);
    rmdir(directory);
    g_free(port_text);
    g_free(directory);
    return status;
}

/* One message; NULL when none comes in time. */
static json_t *read_message(RelayProcess *process, int64_t until_us)
{
    char *end;
    while ((end = strchr(process->incoming->str, '\n')) == NULL) {
        struct pollfd readable = {.fd = process->control_fd, .events = POLLIN};
        int64_t left_us = until_us - clock_now_us();
        char bytes[65536];
        if (left_us <= 0 || poll(&readable, 1, (int)(left_us / 1000) + 1) <= 0) {
            return NULL;
        }
        ssize_t size = read(process->control_fd, bytes, sizeof bytes);
        if (size <= 0) {
            return NULL;
        }
        g_string_append_len(process->incoming, bytes, size);
    }
    size_t size = (size_t)(end - process->incoming->str);
    json_t *message = json_loadb(process->incoming->str, size, 0, NULL);
    g_string_erase(process->incoming, 0, (gssize)size + 1);
    return message;
}

static json_t *take_answer(RelayProcess *process, json_t *answer)
{
    json_t *ok = json_incref(json_object_get(answer, "ok"));
    const char *code = json_string_value(json_object_get(json_object_get(answer, "error"), "code"));
    g_strlcpy(process->error, code == NULL ? "" : code, sizeof process->error);
    json_decref(answer);
    return ok;
}

json_t *relay_process_call(RelayProcess *process, const char *op, json_t *request)
{
    json_int_t id = ++process->next_id;
    json_object_set_new(request, "op", json_string(op));
    json_object_set_new(request, "id", json_integer(id));
    char *text = json_dumps(request, JSON_COMPACT);
    dprintf(process->control_fd, "%s\n", text);
    free(text);
    json_decref(request);
    json_t *message;
    while ((message = read_message(process, clock_now_us() + WAIT_US)) != NULL) {
        if (json_integer_value(json_object_get(message, "id")) == id) {
            return take_answer(process, message);
        }
        g_queue_push_tail(&process->events, message);
    }
    g_strlcpy(process->error, "no answer", sizeof process->error);
    return NULL;
}

const char *relay_process_error(const RelayProcess *process)
{
    return process->error;
}

static void disconnect_control(RelayProcess *process)
{
    close(process->control_fd);
    g_string_truncate(process->incoming, 0);
    g_queue_clear_full(&process->events, (GDestroyNotify)json_decref);
}

void relay_process_reclaim(RelayProcess *process)
{
    json_t *hello = NULL;
    int64_t until_us = clock_now_us() + WAIT_US;
    /* Refused while the relay has not noticed the end of the old connection. */
    while (hello == NULL && clock_now_us() < until_us) {
        disconnect_control(process);
        connect_control(process);
        hello = relay_process_call(process, "hello", json_object());
    }
    json_decref(hello);
}

static bool matches(json_t *message, const char *event, const char *field, const char *value)
{
    const char *name = json_string_value(json_object_get(message, "event"));
    if (g_strcmp0(name, event) != 0) {
        return false;
    }
    return field == NULL ||
           g_strcmp0(json_string_value(json_object_get(message, field)), value) == 0;
}

json_t *relay_process_wait(RelayProcess *process, const char *event, const char *field,
                           const char *value)
{
    int64_t until_us = clock_now_us() + WAIT_US;
    json_t *message;
    while ((message = g_queue_pop_head(&process->events)) != NULL ||
           (message = read_message(process, until_us)) != NULL) {
        if (matches(message, event, field, value)) {
            return message;
        }
        json_decref(message);
    }
    return NULL;
}

/* What was said before now. */
static void drop_old_messages(RelayProcess *process)
{
    json_t *message;
    int64_t until_us = clock_now_us() + 20 * CLOCK_US_PER_MS;
    while ((message = read_message(process, until_us)) != NULL) {
        json_decref(message);
    }
    g_queue_clear_full(&process->events, (GDestroyNotify)json_decref);
}

int64_t relay_process_counter(RelayProcess *process, const char *name)
{
    drop_old_messages(process);
    json_t *stats = relay_process_wait(process, "stats", NULL, NULL);
    int64_t value = json_integer_value(json_object_get(json_object_get(stats, "counters"), name));
    json_decref(stats);
    return value;
}

bool relay_process_add_peer(RelayProcess *process, RtcClient *client, int peer, int source,
                            bool is_muted)
{
    char *offer = rtc_client_offer(client);
    json_t *ok = relay_process_call(process, "peer.add",
                                    json_pack("{s:i, s:i, s:i, s:s, s:b, s:b}", "peer", peer,
                                              "meeting", 1, "source", source, "sdp", offer, "muted",
                                              is_muted, "video", 1));
    g_free(offer);
    const char *answer = json_string_value(json_object_get(ok, "sdp"));
    bool is_fine = answer != NULL && rtc_client_set_answer(client, answer);
    json_decref(ok);
    return is_fine;
}

/* Why a client did not get in; NULL: it did. */
static const char *join(RelayProcess *process, RtcClient *client, int peer, int source)
{
    if (client == NULL) {
        return "no socket or certificate";
    }
    if (!relay_process_add_peer(process, client, peer, source, false)) {
        return process->error[0] == '\0' ? "the answer is not understood" : process->error;
    }
    if (!rtc_client_connect(client, WAIT_US)) {
        const char *failure = rtc_client_failure(client);
        return failure[0] == '\0' ? "no connection in time" : failure;
    }
    json_t *event = relay_process_wait(process, "peer", "state", "connected");
    json_decref(event);
    return event == NULL ? "connected, but the relay did not say so" : NULL;
}

RtcClient *relay_process_join(RelayProcess *process, int peer, int source)
{
    json_decref(relay_process_call(process, "meeting.add", json_pack("{s:i}", "meeting", 1)));
    RtcClient *client = rtc_client_new();
    const char *failure = join(process, client, peer, source);
    if (failure != NULL) {
        fprintf(stderr, "peer %d did not get in: %s\n", peer, failure);
        abort();
    }
    return client;
}

int relay_process_mixer(RelayProcess *process, uint64_t meeting)
{
    uint8_t message[MEDIALINK_HEADER_BYTES + 8];
    MedialinkHeader header = {.type = MEDIALINK_HELLO};
    medialink_write(&header, message);
    ByteWriter writer = byte_writer(message + MEDIALINK_HEADER_BYTES, 8);
    write_u64(&writer, meeting);
    int fd = connect_to(process, "media.sock", SOCK_SEQPACKET);
    if (fd >= 0 && send(fd, message, sizeof message, MSG_NOSIGNAL) != sizeof message) {
        close(fd);
        return -1;
    }
    return fd;
}

bool mixer_receive(int fd, MedialinkType type, MixerMessage *ret_message, int64_t timeout_us)
{
    int64_t until_us = clock_now_us() + timeout_us;
    int64_t left_us;
    while ((left_us = until_us - clock_now_us()) > 0) {
        uint8_t message[MEDIALINK_HEADER_BYTES + MEDIALINK_BODY_BYTES_MAX];
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        if (poll(&readable, 1, (int)(left_us / 1000) + 1) <= 0) {
            return false;
        }
        ssize_t size = recv(fd, message, sizeof message, 0);
        if (size <= 0 || !medialink_read(message, (size_t)size, &ret_message->header)) {
            return false;
        }
        if (ret_message->header.type == type) {
            ret_message->size = (size_t)size - MEDIALINK_HEADER_BYTES;
            memcpy(ret_message->body, message + MEDIALINK_HEADER_BYTES, ret_message->size);
            return true;
        }
    }
    return false;
}

static bool send_packet(int fd, const MixerPacket *packet, MedialinkType type, int payload_type)
{
    uint8_t message[MEDIALINK_HEADER_BYTES + MEDIALINK_BODY_BYTES_MAX];
    MedialinkHeader header = {
        .type = type,
        .flags = packet->ends_frame ? MEDIALINK_FLAG_FRAME_END : 0,
        .rung = packet->rung,
        .source = packet->source,
        .time_us = clock_now_us(),
    };
    RtpHeader rtp = {
        .marker = packet->ends_frame,
        .payload_type = (uint8_t)payload_type,
        .seq = packet->seq,
        .timestamp = packet->timestamp,
        .ssrc = 1,
    };
    medialink_write(&header, message);
    size_t size = MEDIALINK_HEADER_BYTES;
    size += rtp_write_header(&rtp, message + size, sizeof message - size);
    memcpy(message + size, packet->payload, packet->size);
    size += packet->size;
    return send(fd, message, size, MSG_NOSIGNAL) == (ssize_t)size;
}

bool mixer_send_sound(int fd, const MixerPacket *packet)
{
    return send_packet(fd, packet, MEDIALINK_SOUND, MEDIALINK_OPUS_PAYLOAD_TYPE);
}

bool mixer_send_picture(int fd, const MixerPacket *packet)
{
    return send_packet(fd, packet, MEDIALINK_PICTURE,
                       packet->is_h264 ? MEDIALINK_H264_PAYLOAD_TYPE : MEDIALINK_VP8_PAYLOAD_TYPE);
}

#include "signalling/supervisor.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "signalling/config.h"

struct Supervisor {
    const Config *config;
    char *relay;
    char *mixer;
};

static bool is_program(const char *path, GError **error)
{
    if (g_access(path, X_OK) == 0) {
        return true;
    }
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                "%s: not there or not executable; build it, or set server.bin_dir", path);
    return false;
}

static bool is_udp_port_free(uint16_t port)
{
    struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool is_free =
        fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof any) == 0 || errno != EADDRINUSE;
    if (fd >= 0) {
        close(fd);
    }
    return is_free;
}

/* Asked at the media socket: a connection to the control socket would claim it. */
static bool is_relay_there(const Config *config)
{
    g_autofree char *path = g_build_filename(config->runtime_dir, "media.sock", NULL);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool is_there = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return is_there;
}

/* Said at the start: the relay's own complaint would only come again and again. */
static bool check_media_port(const Config *config, GError **error)
{
    if (is_relay_there(config) || is_udp_port_free(config->media_port)) {
        return true;
    }
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
                "UDP port %u is in use: stop what holds it (ss -lunp), or set media.port",
                config->media_port);
    return false;
}

Supervisor *supervisor_new(Server *server, GError **error)
{
    const Config *config = server->config;
    if (g_mkdir_with_parents(config->runtime_dir, 0700) < 0 ||
        g_chmod(config->runtime_dir, 0700) < 0) {
        g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno),
                    "%s: %s; give server.runtime_dir a directory of this user", config->runtime_dir,
                    g_strerror(errno));
        return NULL;
    }
    Supervisor *supervisor = g_new0(Supervisor, 1);
    supervisor->config = config;
    supervisor->relay = g_build_filename(config->bin_dir, "diemcau-relay", NULL);
    supervisor->mixer = g_build_filename(config->bin_dir, "diemcau-mixer", NULL);
    if (!is_program(supervisor->relay, error) || !is_program(supervisor->mixer, error) ||
        !check_media_port(config, error)) {
        supervisor_free(supervisor);
        return NULL;
    }
    return supervisor;
}

void supervisor_free(Supervisor *supervisor)
{
    if (supervisor == NULL) {
        return;
    }
    g_free(supervisor->relay);
    g_free(supervisor->mixer);
    g_free(supervisor);
}

MediaProcess *supervisor_start_relay(Supervisor *supervisor, const MediaProcessHandlers *handlers,
                                     void *data)
{
    const Config *config = supervisor->config;
    g_autofree char *port = g_strdup_printf("%u", config->media_port);
    g_autofree char *path = g_build_filename(config->runtime_dir, "relay.sock", NULL);
    g_autoptr(GStrvBuilder) argv = g_strv_builder_new();
    g_strv_builder_add_many(argv, supervisor->relay, "--runtime", config->runtime_dir, "--port",
                            port, NULL);
    for (char **address = config->media_addresses; address != NULL && *address != NULL; address++) {
        g_strv_builder_add_many(argv, "--address", *address, NULL);
    }
    if (config->media_loopback) {
        g_strv_builder_add(argv, "--loopback");
    }
    g_auto(GStrv) arguments = g_strv_builder_end(argv);
    MediaProcessOptions options = {.name = "relay",
                                   .socket_path = path,
                                   .argv = (const char *const *)arguments,
                                   .handlers = handlers,
                                   .data = data};
    return media_process_new(&options);
}

MediaProcess *supervisor_start_mixer(Supervisor *supervisor, int64_t meeting,
                                     const MediaProcessHandlers *handlers, void *data)
{
    const Config *config = supervisor->config;
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, meeting);
    g_autofree char *name = g_strdup_printf("mixer %s", id);
    g_autofree char *socket = g_strdup_printf("mixer-%s.sock", id);
    g_autofree char *path = g_build_filename(config->runtime_dir, socket, NULL);
    const char *const argv[] = {supervisor->mixer, "--runtime", config->runtime_dir,
                                "--meeting",       id,          NULL};
    MediaProcessOptions options = {
        .name = name, .socket_path = path, .argv = argv, .handlers = handlers, .data = data};
    return media_process_new(&options);
}

#include "signalling/ctl/doctor.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "signalling/certificate.h"
#include "signalling/config.h"

#define DISK_FREE_BYTES_MIN (UINT64_C(1024) * 1024 * 1024)
#define CERTIFICATE_DAYS_MIN 14
#define MS_PER_DAY INT64_C(86400000)

typedef struct Doctor {
    const Config *config;
    bool server_runs;
    bool is_healthy;
} Doctor;

G_GNUC_PRINTF(3, 4)
static void tell(Doctor *doctor, bool is_good, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("  %s  ", is_good ? "OK" : "!!");
    vprintf(format, arguments);
    putchar('\n');
    va_end(arguments);
    doctor->is_healthy = doctor->is_healthy && is_good;
}

static bool is_free(int type, uint16_t port)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    int fd = socket(AF_INET6, type | SOCK_CLOEXEC, 0);
    int reuse = 1;
    if (type == SOCK_STREAM) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
    }
    bool free = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return free;
}

static bool is_listening(const char *directory, const char *name)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(path);
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GSocketConnection) connection =
        g_socket_client_connect(client, G_SOCKET_CONNECTABLE(address), NULL, NULL);
    return connection != NULL;
}

static void check_ports(Doctor *doctor)
{
    const Config *config = doctor->config;
    bool relay_runs = is_listening(config->runtime_dir, "relay.sock");
    if (doctor->server_runs) {
        tell(doctor, true, "TCP port %u is the server's", config->port);
    } else if (is_free(SOCK_STREAM, config->port)) {
        tell(doctor, true, "TCP port %u is free", config->port);
    } else {
        tell(doctor, false,
             "TCP port %u is in use: stop what holds it (ss -ltnp), or set server.port",
             config->port);
    }
    if (relay_runs) {
        tell(doctor, true, "UDP port %u is the relay's", config->media_port);
    } else if (is_free(SOCK_DGRAM, config->media_port)) {
        tell(doctor, true, "UDP port %u is free", config->media_port);
    } else {
        tell(doctor, false,
             "UDP port %u is in use: stop what holds it (ss -lunp), or set media.port",
             config->media_port);
    }
}

static void check_certificate(Doctor *doctor)
{
    const Config *config = doctor->config;
    g_autofree char *own = g_build_filename(config->data_dir, "certificate.pem", NULL);
    bool is_set = config->certificate_file != NULL && config->certificate_file[0] != '\0';
    const char *path = is_set ? config->certificate_file : own;
    if (!is_set && g_access(path, F_OK) < 0) {
        tell(doctor, true, "certificate: the first start makes one in %s", config->data_dir);
        return;
    }
    g_autoptr(GError) error = NULL;
    Certificate *certificate = certificate_read(path, &error);
    if (certificate == NULL) {
        tell(doctor, false, "certificate: %s", error->message);
        return;
    }
    int64_t days = (certificate->expires_ms - g_get_real_time() / 1000) / MS_PER_DAY;
    bool is_good = days >= CERTIFICATE_DAYS_MIN;
    tell(doctor, is_good, "certificate %s is good for %" G_GINT64_FORMAT " days%s", path, days,
         is_good ? "" : ": replace it, then restart the server");
    certificate_free(certificate);
}

static void check_disk(Doctor *doctor)
{
    struct statvfs disk;
    const char *path = doctor->config->data_dir;
    if (statvfs(path, &disk) < 0) {
        g_autofree char *parent = g_path_get_dirname(path);
        if (errno != ENOENT || statvfs(parent, &disk) < 0) {
            tell(doctor, false, "%s: %s: make it, owned by the server's user", path,
                 g_strerror(errno));
            return;
        }
    }
    uint64_t bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    bool enough = bytes >= DISK_FREE_BYTES_MIN;
    tell(doctor, enough, "%s has %.1f GiB free%s", path, (double)bytes / (1 << 30),
         enough ? "" : ": free at least 1 GiB");
}

static void check_runtime_dir(Doctor *doctor)
{
    const char *path = doctor->config->runtime_dir;
    GStatBuf status;
    if (g_stat(path, &status) < 0) {
        tell(doctor, true, "%s is made at start", path);
    } else if ((status.st_mode & 0077) != 0) {
        tell(doctor, false, "%s is open to other users: chmod 0700 %s", path, path);
    } else if (g_access(path, W_OK) < 0) {
        tell(doctor, false, "%s is not writable for this user: chown it to the server's user",
             path);
    } else {
        tell(doctor, true, "%s is private and writable", path);
    }
}

static bool runs(const char *const *argv, char **ret_output)
{
    int status;
    return g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
                        NULL, NULL, ret_output, NULL, &status, NULL) &&
           g_spawn_check_wait_status(status, NULL);
}

static void check_elements(Doctor *doctor)
{
    static const struct {
        const char *element;
        const char *package;
    } needed[] = {
        {"vp8enc", "gstreamer1.0-plugins-good"},       {"vp8dec", "gstreamer1.0-plugins-good"},
        {"rtpvp8pay", "gstreamer1.0-plugins-good"},    {"rtpvp8depay", "gstreamer1.0-plugins-good"},
        {"rtpopuspay", "gstreamer1.0-plugins-good"},   {"rtpbin", "gstreamer1.0-plugins-good"},
        {"opusenc", "gstreamer1.0-plugins-base"},      {"opusdec", "gstreamer1.0-plugins-base"},
        {"videoconvert", "gstreamer1.0-plugins-base"},
    };
    bool all = true;
    for (size_t i = 0; i < G_N_ELEMENTS(needed); i++) {
        g_autofree char *output = NULL;
        const char *const argv[] = {"gst-inspect-1.0", "--exists", needed[i].element, NULL};
        if (!runs(argv, &output)) {
            all = false;
            tell(doctor, false,
                 "GStreamer element %s is missing: apt install gstreamer1.0-tools %s",
                 needed[i].element, needed[i].package);
        }
    }
    if (all) {
        tell(doctor, true, "GStreamer has all %zu elements", G_N_ELEMENTS(needed));
    }
}

static void check_fonts(Doctor *doctor)
{
    g_autofree char *output = NULL;
    const char *const argv[] = {"fc-list", "Noto Sans", "family", NULL};
    bool found = runs(argv, &output) && strstr(output, "Noto Sans") != NULL;
    tell(doctor, found, "%s",
         found ? "font Noto Sans is there"
               : "font Noto Sans is missing: apt install fonts-noto-core fontconfig");
}

static void check_clock(Doctor *doctor)
{
    g_autofree char *output = NULL;
    const char *const argv[] = {"timedatectl", "show", "--property=NTPSynchronized", "--value",
                                NULL};
    if (!runs(argv, &output)) {
        tell(doctor, true, "clock: nothing here tells whether it is synchronised");
        return;
    }
    bool synchronised = g_str_has_prefix(output, "yes");
    tell(doctor, synchronised, "%s",
         synchronised ? "clock is synchronised" : "clock is not synchronised: apt install chrony");
}

static void check_page(Doctor *doctor)
{
    const char *root = doctor->config->web_root;
    g_autofree char *index = g_build_filename(root != NULL ? root : "", "index.html", NULL);
    bool found = g_access(index, R_OK) == 0;
    tell(doctor, found, "%s%s", index,
         found ? " is there" : " is missing: build the page, or set server.web_root");
}

bool doctor_run(const Config *config)
{
    Doctor doctor = {.config = config, .is_healthy = true};
    doctor.server_runs = is_listening(config->runtime_dir, "server.sock");
    check_ports(&doctor);
    check_certificate(&doctor);
    check_page(&doctor);
    check_runtime_dir(&doctor);
    check_disk(&doctor);
    check_elements(&doctor);
    check_fonts(&doctor);
    check_clock(&doctor);
    return doctor.is_healthy;
}

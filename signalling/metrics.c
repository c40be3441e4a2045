#include "signalling/metrics.h"

#include <glib.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "signalling/client.h"
#include "signalling/config.h"
#include "signalling/devices.h"
#include "signalling/directory.h"
#include "signalling/meetings.h"
#include "signalling/recordings.h"
#include "signalling/server.h"
#include "signalling/users.h"

static void gauge(GString *text, const char *name, const char *help, double value)
{
    g_string_append_printf(text, "# HELP %s %s\n# TYPE %s gauge\n%s %.10g\n", name, help, name,
                           name, value);
}

static double resident_bytes(void)
{
    g_autofree char *text = NULL;
    long pages = 0;
    if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL) ||
        sscanf(text, "%*d %ld", &pages) != 1) {
        return 0;
    }
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double cpu_seconds(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

bool metrics_is_allowed(const Server *server, const char *authorization, bool is_loopback)
{
    bool is_allowed = is_loopback;
    if (g_ascii_strncasecmp(authorization, "Bearer ", 7) != 0) {
        return is_allowed;
    }
    const char *given = authorization + 7;
    for (char **token = server->config->metrics_tokens; *token != NULL; token++) {
        is_allowed |=
            strlen(*token) == strlen(given) && sodium_memcmp(*token, given, strlen(given)) == 0;
    }
    return is_allowed;
}

char *metrics_write(Server *server)
{
    GString *text = g_string_new(NULL);
    gauge(text, "diemcau_sites", "Sites in the directory",
          (double)directory_count(server->directory));
    gauge(text, "diemcau_sites_online", "Sites whose device is connected",
          (double)devices_online_count(server->devices));
    gauge(text, "diemcau_devices_waiting", "Devices that wait for the admission pace",
          (double)devices_waiting_count(server->devices));
    gauge(text, "diemcau_clients", "Connections that speak the signalling protocol",
          (double)clients_count(server->clients));
    gauge(text, "diemcau_users", "People who may log in", (double)users_count(server->users));
    gauge(text, "process_resident_memory_bytes", "Resident memory of the server", resident_bytes());
    g_string_append_printf(text,
                           "# HELP process_cpu_seconds_total CPU time of the server\n"
                           "# TYPE process_cpu_seconds_total counter\n"
                           "process_cpu_seconds_total %.3f\n",
                           cpu_seconds());
    if (server->meetings != NULL) {
        meetings_write_metrics(server->meetings, text);
    }
    if (server->recordings != NULL) {
        recordings_write_metrics(server->recordings, text);
    }
    return g_string_free(text, FALSE);
}

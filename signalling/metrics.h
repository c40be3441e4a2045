/* What Prometheus reads at /metrics. Main loop only. */
#pragma once

#include <stdbool.h>

typedef struct Server Server;

/* May whoever sent this read them? From this machine always, from others with a token of the
 * configuration (`Authorization: Bearer TOKEN`, "" when there is no such header). */
bool metrics_is_allowed(const Server *server, const char *authorization, bool is_loopback);
/* Free with g_free. */
char *metrics_write(Server *server);

/* What Prometheus reads at /metrics. Main loop only. */
#pragma once

typedef struct Server Server;

/* Free with g_free. */
char *metrics_write(Server *server);

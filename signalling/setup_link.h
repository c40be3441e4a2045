/* The addresses under which the server is reached, and the one-time link for the first user. Main
 * loop only. */
#pragma once

#include "bridge/base/problem.h"

typedef struct Config Config;
typedef struct Server Server;

/* https URLs of this machine, the most useful first, NULL-terminated; free with g_strfreev. */
char **setup_link_urls(const Config *config);
/* NULL and a problem ("conflict") once there is a user. Free with g_free. */
char *setup_link_make(Server *server, Problem *problem);

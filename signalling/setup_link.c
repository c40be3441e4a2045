#include "signalling/setup_link.h"

#include <string.h>

#include "signalling/addresses.h"
#include "signalling/config.h"
#include "signalling/server.h"
#include "signalling/users.h"

static char *url_of(const char *host, uint16_t port)
{
    const char *format = strchr(host, ':') != NULL ? "https://[%s]:%u" : "https://%s:%u";
    return port == 443
               ? g_strdup_printf(strchr(host, ':') != NULL ? "https://[%s]" : "https://%s", host)
               : g_strdup_printf(format, host, port);
}

char **setup_link_urls(const Config *config)
{
    bool is_any = strcmp(config->listen, "::") == 0 || strcmp(config->listen, "0.0.0.0") == 0;
    g_auto(GStrv) local = is_any ? addresses_local() : NULL;
    GPtrArray *urls = g_ptr_array_new();
    for (char **address = local; address != NULL && *address != NULL; address++) {
        g_ptr_array_add(urls, url_of(*address, config->port));
    }
    g_ptr_array_add(urls, url_of(is_any ? "localhost" : config->listen, config->port));
    g_ptr_array_add(urls, NULL);
    return (char **)g_ptr_array_free(urls, FALSE);
}

char *setup_link_make(Server *server, Problem *problem)
{
    char token[SETUP_TOKEN_SIZE];
    if (!users_make_setup_token(server->users, token, problem)) {
        return NULL;
    }
    g_auto(GStrv) urls = setup_link_urls(server->config);
    return g_strdup_printf("%s/#/setup?token=%s", urls[0], token);
}

#include "signalling/addresses.h"

#include <arpa/inet.h>
#include <glib.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>

static bool is_useful(const struct ifaddrs *entry)
{
    if (entry->ifa_addr == NULL || (entry->ifa_flags & IFF_LOOPBACK) != 0 ||
        (entry->ifa_flags & IFF_UP) == 0) {
        return false;
    }
    if (entry->ifa_addr->sa_family == AF_INET6) {
        const struct sockaddr_in6 *address = (const struct sockaddr_in6 *)entry->ifa_addr;
        return !IN6_IS_ADDR_LINKLOCAL(&address->sin6_addr);
    }
    return entry->ifa_addr->sa_family == AF_INET;
}

static const void *bytes_of(const struct sockaddr *address)
{
    return address->sa_family == AF_INET6
               ? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
               : (const void *)&((const struct sockaddr_in *)address)->sin_addr;
}

static void add_family(GPtrArray *texts, const struct ifaddrs *entries, int family)
{
    for (const struct ifaddrs *entry = entries; entry != NULL; entry = entry->ifa_next) {
        char text[INET6_ADDRSTRLEN];
        if (is_useful(entry) && entry->ifa_addr->sa_family == family &&
            inet_ntop(family, bytes_of(entry->ifa_addr), text, sizeof text) != NULL) {
            g_ptr_array_add(texts, g_strdup(text));
        }
    }
}

char **addresses_local(void)
{
    GPtrArray *texts = g_ptr_array_new();
    struct ifaddrs *entries = NULL;
    if (getifaddrs(&entries) == 0) {
        add_family(texts, entries, AF_INET);
        add_family(texts, entries, AF_INET6);
        freeifaddrs(entries);
    }
    g_ptr_array_add(texts, NULL);
    return (char **)g_ptr_array_free(texts, FALSE);
}

#include "bridge/relay/candidates.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

/* RFC 8445 section 5.1.2.1: host candidates, component 1. */
#define TYPE_PREFERENCE_HOST 126U
#define LOCAL_PREFERENCE_MAX 65535U
#define COMPONENT 1U

typedef struct List {
    uint16_t port;
    size_t count;
    SdpCandidate *candidates;
} List;

static void add(List *list, const char *address)
{
    if (list->count == CANDIDATES_MAX) {
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->candidates[i].address, address) == 0) {
            return;
        }
    }
    uint32_t local_preference = LOCAL_PREFERENCE_MAX - (uint32_t)list->count;
    SdpCandidate *candidate = &list->candidates[list->count++];
    g_strlcpy(candidate->address, address, sizeof candidate->address);
    candidate->port = list->port;
    candidate->priority = TYPE_PREFERENCE_HOST << 24 | local_preference << 8 | (256 - COMPONENT);
}

static bool is_numeric(const char *address)
{
    struct in6_addr parsed;
    return inet_pton(AF_INET, address, &parsed) == 1 || inet_pton(AF_INET6, address, &parsed) == 1;
}

static bool add_given(List *list, const char *const *addresses, GError **error)
{
    for (size_t i = 0; addresses[i] != NULL; i++) {
        if (!is_numeric(addresses[i])) {
            g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                        "\"%s\" is not a numeric IPv4 or IPv6 address (media.address)",
                        addresses[i]);
            return false;
        }
        add(list, addresses[i]);
    }
    return true;
}

/* Empty unless peers elsewhere can reach it. */
static void write_reachable(const struct ifaddrs *at, char text[INET6_ADDRSTRLEN])
{
    text[0] = '\0';
    if (at->ifa_addr == NULL || !(at->ifa_flags & IFF_UP) || at->ifa_flags & IFF_LOOPBACK) {
        return;
    }
    if (at->ifa_addr->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)at->ifa_addr;
        inet_ntop(AF_INET, &v4->sin_addr, text, INET6_ADDRSTRLEN);
    } else if (at->ifa_addr->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)at->ifa_addr;
        if (!IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr) && !IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
            inet_ntop(AF_INET6, &v6->sin6_addr, text, INET6_ADDRSTRLEN);
        }
    }
}

static void add_interfaces(List *list)
{
    struct ifaddrs *all = NULL;
    if (getifaddrs(&all) < 0) {
        return;
    }
    for (const struct ifaddrs *at = all; at != NULL; at = at->ifa_next) {
        char text[INET6_ADDRSTRLEN];
        write_reachable(at, text);
        if (text[0] != '\0') {
            add(list, text);
        }
    }
    freeifaddrs(all);
}

size_t candidates_gather(const CandidatesOptions *options,
                         SdpCandidate ret_candidates[CANDIDATES_MAX], GError **error)
{
    List list = {.port = options->port, .candidates = ret_candidates};
    if (options->addresses != NULL && options->addresses[0] != NULL) {
        if (!add_given(&list, options->addresses, error)) {
            return 0;
        }
    } else {
        add_interfaces(&list);
    }
    if (options->has_loopback) {
        add(&list, "127.0.0.1");
    }
    if (list.count == 0) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                    "this machine has no address to offer: connect it to a network, or give "
                    "--address or --loopback");
    }
    return list.count;
}

#include "signalling/callers.h"

#include <arpa/inet.h>
#include <glib.h>
#include <netinet/in.h>
#include <string.h>

#include "bridge/base/limits.h"

typedef struct Origin {
    char *address;
    bool is_loopback;
    unsigned connections; /* not identified */
    unsigned sockets;     /* of these, WebSockets */
    unsigned references;
} Origin;

struct Callers {
    GHashTable *by_address; /* address → Origin * */
    unsigned connections;   /* not identified, without loopback */
    unsigned sockets;
    size_t refused;
};

struct Caller {
    Callers *owner;
    Origin *origin;
    bool is_identified;
    bool has_socket;
};

static void origin_free(gpointer data)
{
    Origin *origin = data;
    g_free(origin->address);
    g_free(origin);
}

Callers *callers_new(void)
{
    Callers *callers = g_new0(Callers, 1);
    callers->by_address = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, origin_free);
    return callers;
}

void callers_free(Callers *callers)
{
    if (callers == NULL) {
        return;
    }
    g_hash_table_unref(callers->by_address);
    g_free(callers);
}

static bool is_loopback(const char *address)
{
    return g_str_has_prefix(address, "127.") || strcmp(address, "::1") == 0;
}

/* A dual-stack socket writes IPv4 addresses as ::ffff:1.2.3.4. */
static const char *unmapped(const char *address)
{
    return g_str_has_prefix(address, "::ffff:") ? address + strlen("::ffff:") : address;
}

/* One customer of an IPv6 network owns a whole /64. */
static char *network_of(const char *address)
{
    struct in6_addr six;
    char text[INET6_ADDRSTRLEN];
    if (inet_pton(AF_INET6, address, &six) != 1 || is_loopback(address)) {
        return g_strdup(address);
    }
    memset(six.s6_addr + 8, 0, 8);
    inet_ntop(AF_INET6, &six, text, sizeof text);
    return g_strdup(text);
}

static Origin *get_origin(Callers *callers, const char *address)
{
    g_autofree char *network = network_of(address);
    Origin *origin = g_hash_table_lookup(callers->by_address, network);
    if (origin == NULL) {
        origin = g_new0(Origin, 1);
        origin->address = g_steal_pointer(&network);
        origin->is_loopback = is_loopback(address);
        g_hash_table_insert(callers->by_address, origin->address, origin);
    }
    return origin;
}

static void drop_reference(Callers *callers, Origin *origin)
{
    if (--origin->references == 0) {
        g_hash_table_remove(callers->by_address, origin->address);
    }
}

static bool has_room_for_connection(const Callers *callers, const Origin *origin)
{
    if (origin->is_loopback) {
        return origin->connections < LIMIT_UNAUTHENTICATED_LOOPBACK;
    }
    return origin->connections < LIMIT_YOUNG_CONNECTIONS_PER_ADDRESS &&
           callers->connections < LIMIT_YOUNG_CONNECTIONS;
}

Caller *callers_arrive(Callers *callers, const char *address)
{
    Origin *origin = get_origin(callers, unmapped(address));
    origin->references++;
    if (!has_room_for_connection(callers, origin)) {
        callers->refused++;
        drop_reference(callers, origin);
        return NULL;
    }
    origin->connections++;
    callers->connections += !origin->is_loopback;
    Caller *caller = g_new0(Caller, 1);
    caller->owner = callers;
    caller->origin = origin;
    return caller;
}

bool caller_open_socket(Caller *caller)
{
    Callers *callers = caller->owner;
    Origin *origin = caller->origin;
    bool has_room = origin->is_loopback ? origin->sockets < LIMIT_UNAUTHENTICATED_LOOPBACK
                                        : origin->sockets < LIMIT_UNAUTHENTICATED_PER_ADDRESS &&
                                              callers->sockets < LIMIT_UNAUTHENTICATED;
    if (caller->has_socket || !has_room) {
        callers->refused++;
        return false;
    }
    caller->has_socket = true;
    origin->sockets++;
    callers->sockets += !origin->is_loopback;
    return true;
}

void caller_identify(Caller *caller)
{
    if (caller->is_identified) {
        return;
    }
    caller->is_identified = true;
    caller->origin->connections--;
    caller->owner->connections -= !caller->origin->is_loopback;
    if (caller->has_socket) {
        caller->origin->sockets--;
        caller->owner->sockets -= !caller->origin->is_loopback;
    }
}

void caller_leave(Caller *caller)
{
    if (caller == NULL) {
        return;
    }
    caller_identify(caller);
    drop_reference(caller->owner, caller->origin);
    g_free(caller);
}

const char *caller_address(const Caller *caller)
{
    return caller->origin->address;
}

bool caller_is_loopback(const Caller *caller)
{
    return caller->origin->is_loopback;
}

size_t callers_refused(const Callers *callers)
{
    return callers->refused;
}

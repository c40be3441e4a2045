#include "bridge/relay/address.h"

#include <netinet/in.h>
#include <string.h>

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

bool address_is_mapped(const uint8_t ip[16])
{
    return memcmp(ip, mapped_prefix, sizeof mapped_prefix) == 0;
}

bool address_read(const struct sockaddr *from, Address *ret_address)
{
    memset(ret_address, 0, sizeof *ret_address);
    if (from->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
        memcpy(ret_address->ip, &v6->sin6_addr, 16);
        ret_address->port = ntohs(v6->sin6_port);
        ret_address->scope = v6->sin6_scope_id;
        return true;
    }
    if (from->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
        memcpy(ret_address->ip, mapped_prefix, sizeof mapped_prefix);
        memcpy(ret_address->ip + 12, &v4->sin_addr, 4);
        ret_address->port = ntohs(v4->sin_port);
        return true;
    }
    return false;
}

static socklen_t write_v6(const Address *address, struct sockaddr_storage *ret_to)
{
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret_to;
    memset(v6, 0, sizeof *v6);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(address->port);
    v6->sin6_scope_id = address->scope;
    memcpy(&v6->sin6_addr, address->ip, 16);
    return sizeof *v6;
}

static socklen_t write_v4(const Address *address, struct sockaddr_storage *ret_to)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)ret_to;
    memset(v4, 0, sizeof *v4);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(address->port);
    memcpy(&v4->sin_addr, address->ip + 12, 4);
    return sizeof *v4;
}

socklen_t address_write_native(const Address *address, struct sockaddr_storage *ret_to)
{
    return address_is_mapped(address->ip) ? write_v4(address, ret_to) : write_v6(address, ret_to);
}

socklen_t address_write(const Address *address, int family, struct sockaddr_storage *ret_to)
{
    if (family == AF_INET6) {
        return write_v6(address, ret_to);
    }
    return address_is_mapped(address->ip) ? write_v4(address, ret_to) : 0;
}

guint address_hash(gconstpointer pointer)
{
    const Address *address = pointer;
    uint64_t high;
    uint64_t low;
    memcpy(&high, address->ip, 8);
    memcpy(&low, address->ip + 8, 8);
    uint64_t mixed = (high ^ (low * UINT64_C(0x9e3779b97f4a7c15)) ^ address->port) *
                     UINT64_C(0xff51afd7ed558ccd);
    return (guint)(mixed >> 32);
}

gboolean address_equal(gconstpointer a, gconstpointer b)
{
    const Address *left = a;
    const Address *right = b;
    return left->port == right->port && left->scope == right->scope &&
           memcmp(left->ip, right->ip, sizeof left->ip) == 0;
}

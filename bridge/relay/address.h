/* Where a datagram came from and where the answer goes. Addresses are IPv6, IPv4 ones mapped
 * (::ffff:a.b.c.d), so that one table and one socket serve both. Plain values. Any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

typedef struct Address {
    uint8_t ip[16];
    uint32_t scope; /* interface of a link-local address, else 0 */
    uint16_t port;
} Address;

/* Remote end and the local address it spoke to: answers leave from there (a machine with two
 * networks would otherwise pick the wrong one and ICE would fail). All zero: the system's choice.
 */
typedef struct Tuple {
    Address remote;
    uint8_t local_ip[16];
} Tuple;

/* False when it is neither IPv4 nor IPv6. */
bool address_read(const struct sockaddr *from, Address *ret_address);
/* As the peer knows it: a mapped address becomes AF_INET again. Returns the length. */
socklen_t address_write_native(const Address *address, struct sockaddr_storage *ret_to);
/* For a socket of this family: AF_INET6 takes mapped addresses. 0 when it cannot be reached. */
socklen_t address_write(const Address *address, int family, struct sockaddr_storage *ret_to);
bool address_is_mapped(const uint8_t ip[16]);

/* For GHashTable. */
guint address_hash(gconstpointer address);
gboolean address_equal(gconstpointer a, gconstpointer b);

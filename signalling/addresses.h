/* The addresses of this machine. Any thread. */
#pragma once

/* Non-loopback, non-link-local IPv4 and IPv6 addresses as text, IPv4 first, NULL-terminated; free
 * with g_strfreev. */
char **addresses_local(void);

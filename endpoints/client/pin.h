/* The pin of a server's TLS certificate: the SHA-256 of its DER form, as the technician copied it
 * from the server's start-up line. Plain values. Any thread. */
#pragma once

#include <stdbool.h>

#define PIN_HEX_CHARS 64

/* Accepts 64 hex digits, with or without colons, in either case, optionally after "SHA256:". False
 * when it is none. */
bool pin_parse(const char *text, char ret_hex[PIN_HEX_CHARS + 1]);
/* Is `hex` (from pin_parse) the certificate the peer of this OpenSSL connection showed? `ssl` is an
 * SSL pointer; NULL never matches. */
bool pin_matches(void *ssl, const char *hex);

/* A TLS client that sends any bytes, in the same thread as the server it tests: while it waits it
 * runs the main loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct RawClient RawClient;

/* Connects to 127.0.0.1 and shakes hands; `alpn` is in wire format or NULL. */
RawClient *raw_open(uint16_t port, const char *alpn);
void raw_close(RawClient *client);
/* The protocol the server chose; "" for none. */
const char *raw_alpn(RawClient *client);

void raw_send(RawClient *client, const void *bytes, size_t size);
void raw_send_text(RawClient *client, const char *text);
/* Sends as much as goes without waiting. */
void raw_push(RawClient *client, const void *bytes, size_t size);
/* One masked WebSocket frame; `opcode` without the FIN bit. */
void raw_send_frame(RawClient *client, int opcode, bool is_final, const void *bytes, size_t size);

/* Reads until `text` has come or the connection has ended; what has come so far, NUL-terminated. */
const char *raw_read_until(RawClient *client, const char *text);
/* Reads until the connection has ended; false when it has not within so many milliseconds. */
bool raw_read_to_end(RawClient *client, int64_t patience_ms);
const char *raw_text(const RawClient *client);
/* What has come so far is done with. */
void raw_forget(RawClient *client);
/* The code of the close frame that ended it; 0 when there was none. */
int raw_close_code(const RawClient *client);

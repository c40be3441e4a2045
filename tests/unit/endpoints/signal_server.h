/* A small TLS WebSocket server for the client's tests: its own thread, its own certificate, and a
 * handler that answers each message. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct json_t json_t;
typedef struct SignalServer SignalServer;

/* Replies beginning with this are commands. */
#define SIGNAL_SERVER_CLOSE "!close"
#define SIGNAL_SERVER_BINARY "!binary"

typedef struct SignalServerOptions {
    uint16_t port; /* 0: any */
    /* Sent when a WebSocket opens; NULL: a welcome whose nonce is 32 bytes of 7. */
    const char *greeting;
    /* On the server's thread. A reply to g_free, or NULL; "$ID" in it becomes the message's id. */
    char *(*on_message)(json_t *message, void *data);
    void *data;
} SignalServerOptions;

SignalServer *signal_server_start(const SignalServerOptions *options);
void signal_server_stop(SignalServer *server);
uint16_t signal_server_port(const SignalServer *server);
/* SHA-256 of the certificate, 64 hex digits. */
const char *signal_server_pin(const SignalServer *server);
/* WebSockets opened so far. */
int signal_server_opened(const SignalServer *server);
/* Sends to the open WebSocket from any thread. */
void signal_server_say(SignalServer *server, const char *text);

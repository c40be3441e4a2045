/* The audit trail: who did what to which object, and how it ended. Written to the store, never read
 * by the server. Main loop only. */
#pragma once

typedef struct Server Server;

/* `who` is a user's name, a device's key, or "ctl"; `what` a message of PROTOCOL.md. */
void audit(Server *server, const char *who, const char *what, const char *object,
           const char *result);

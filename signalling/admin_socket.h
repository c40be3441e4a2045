/* The UNIX socket of diemcau-ctl: the messages of PROTOCOL.md, one a line, role admin. Whoever may
 * open the socket file may do everything. Main loop only. */
#pragma once

#include <glib.h>

typedef struct AdminSocket AdminSocket;
typedef struct Server Server;

/* The error says when another server has this runtime directory. */
AdminSocket *admin_socket_new(Server *server, GError **error);
void admin_socket_free(AdminSocket *admin);

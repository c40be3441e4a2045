#include <jansson.h>

#include "signalling/directory.h"
#include "signalling/dispatch.h"
#include "signalling/meetings.h"
#include "signalling/users.h"

static void on_page_watch(Server *server, Client *client, json_t *message, Request request)
{
    client_set_watching(client);
    json_t *user = json_pack("{s:s, s:s}", "name", client_user(client), "role",
                             role_to_text(client_role(client)));
    request_ok(server, request,
               json_pack("{s:o, s:o, s:o, s:o, s:o}", "user", user, "sites",
                         directory_to_json(server->directory), "meetings",
                         meetings_to_json(server->meetings), "layouts",
                         meetings_layouts_to_json(server->meetings), "presets",
                         meetings_presets_to_json(server->meetings)));
}

const MessageRow page_rows[] = {
    {"page.watch", ROLES_PAGE, on_page_watch},
    {NULL, 0, NULL},
};

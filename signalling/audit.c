#include "signalling/audit.h"

#include <glib.h>
#include <jansson.h>

#include "signalling/server.h"
#include "signalling/store.h"

void audit(Server *server, const char *who, const char *what, const char *object,
           const char *result)
{
    store_query(
        server->store,
        "INSERT INTO audit (at_ms, who, what, object, result) VALUES (?, ?, ?, ?, ?)",
        json_pack("[Issss]", (json_int_t)(g_get_real_time() / 1000), who, what, object, result),
        NULL, NULL);
}

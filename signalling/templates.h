/* The templates of meetings ("Giao ban tuần UBND tỉnh"): plans kept under a name. All are in memory
 * and in the store. Owned by Server. Main loop only. */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "signalling/dispatch.h"

typedef struct json_t json_t;

/* Reads them from the store. */
Templates *templates_new(Server *server, GError **error);
void templates_free(Templates *templates);

/* [{template,name,title,sites}] (`sites`: how many), as they were made; the caller owns it. */
json_t *templates_to_json(const Templates *templates);
/* {template,name,plan}; NULL: there is none. The caller owns it. */
json_t *templates_find(const Templates *templates, int64_t id);

/* Makes one (id 0) or replaces it; `plan` is copied. Answers the request with `template` once it is
 * on disk; "conflict" when another has the name, "limit", "not_found". */
void templates_set(Templates *templates, int64_t id, const char *name, json_t *plan,
                   Request request);
/* Answers the request; fine when there is none. */
void templates_remove(Templates *templates, int64_t id, Request request);

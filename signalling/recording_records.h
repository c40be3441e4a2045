/* Recordings in the store. Main loop only. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "signalling/recording.h"
#include "signalling/store.h"

/* Appends them to `list` (Recording, to be freed with g_free), by id. */
bool recording_records_load(Store *store, GPtrArray *list, int64_t *ret_last_id, GError **error);
/* `reply` when it is on the disk; may be NULL. */
void recording_records_add(Store *store, const Recording *recording, StoreReply reply, void *data);
/* What changes in its life. */
void recording_records_put(Store *store, const Recording *recording);
void recording_records_remove(Store *store, int64_t id);

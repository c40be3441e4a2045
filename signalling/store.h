/* The database: SQLite on a thread of its own with the only connection (it writes and checkpoints).
 * SQL stands beside the noun that needs it; statements and rows travel as JSON values, so nothing
 * is shared between the threads. Answers arrive on the main loop in the order of the questions. A
 * full disk or a locked file is answered as a problem (code "unavailable"), never waited for. */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "bridge/base/problem.h"

typedef struct json_t json_t;
typedef struct Store Store;

/* `rows` is a borrowed array of objects (column name → value); NULL when there is a problem. */
typedef void (*StoreReply)(json_t *rows, const Problem *problem, void *data);

/* Opens or creates the database and runs the numbered migrations; the error names the file and what
 * to do (no space, newer schema, not a database). */
Store *store_open(const char *path, GError **error);
/* Waits until every question is answered: before those who asked are freed. */
void store_finish(Store *store);
/* Finishes what is queued, checkpoints, closes. */
void store_close(Store *store);

/* One statement with ? parameters; takes over `parameters` (an array of strings, integers, reals,
 * null, or NULL). `reply` may be NULL: a failure is then logged. Never calls back before returning.
 */
void store_query(Store *store, const char *sql, json_t *parameters, StoreReply reply, void *data);
/* All or nothing; takes over `statements`, an array of [sql, [parameters]]. `rows` are the last
 * statement's. */
void store_transaction(Store *store, json_t *statements, StoreReply reply, void *data);
/* Waits for the answer: only while the server starts and stops. NULL and a problem on failure. */
json_t *store_query_now(Store *store, const char *sql, json_t *parameters, Problem *problem);

/* A column of a row; "" and 0 for null. The text is borrowed. */
const char *store_text(json_t *row, const char *column);
int64_t store_integer(json_t *row, const char *column);

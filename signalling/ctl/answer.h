/* What the commands have in common: a question to the server and reading what it answers. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "signalling/ctl/commands.h"

typedef struct json_t json_t;

/* Takes over `message`. The answer, which the caller owns; NULL when it failed, and also when
 * --json was given and it has been printed as it is: then *ret_done is true. */
json_t *answer_ask(Arguments *arguments, const char *type, json_t *message, bool *ret_done,
                   GError **error);
/* The same for an answer that holds nothing but that it is done; prints `done`. */
bool answer_ask_and_say(Arguments *arguments, const char *type, json_t *message, const char *done,
                        GError **error);
/* A field; "" or 0 when it is not there. */
const char *answer_text(json_t *object, const char *name);
long long answer_number(json_t *object, const char *name);
/* False, with a mistake of whoever typed the command. */
bool answer_fail(GError **error, const char *message);

/* A server without meetings and without doors, in a directory of its own, and people who come to
 * it. For unit tests. */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "signalling/client.h"
#include "signalling/server.h"

typedef struct House {
    Server server;
    char *directory;
    char **overrides; /* of the configuration */
} House;

typedef struct Visitor {
    House *house;
    Client *client;
    GPtrArray *heard; /* json_t *, in order */
    int close_code;   /* 0: open */
} Visitor;

/* Sites TG, TG-A and TG-B. `settings` (may be NULL) are lines "group.key=value". */
House *house_new(const char *settings);
/* Closes everything and opens it again from the store. Visitors must have left. */
void house_reopen(House *house);
void house_free(House *house);

/* Runs the main loop until `is_done` says so; fails the test after 40 s. */
void run_until(bool (*is_done)(void *data), void *data);
/* Runs what is ready. */
void run_ready(void);

Visitor *visitor_new(House *house, ClientRole role, const char *user);
/* The connection ends. */
void visitor_leave(Visitor *visitor);
/* Sends a message (taken over) with this id and waits for the answer; borrowed. */
json_t *visitor_ask(Visitor *visitor, int id, const char *type, json_t *message);
void visitor_say(Visitor *visitor, const char *text);
/* The answer with this id; NULL when there is none yet. */
json_t *visitor_answer(const Visitor *visitor, int id);
/* The last event of this type; NULL when there is none. */
json_t *visitor_event(const Visitor *visitor, const char *type);
/* The code of the error with this id; "" when there is none. */
const char *visitor_error(const Visitor *visitor, int id);
/* Waits until it is closed. */
int visitor_wait_closed(Visitor *visitor);

const char *text_at(json_t *object, const char *name);
json_int_t number_at(json_t *object, const char *name);

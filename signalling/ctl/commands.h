/* The commands of diemcau-ctl: one row each. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "signalling/ctl/connection.h"

/* What the options of the command line say; NULL and 0 where they were not given. */
typedef struct Arguments {
    Connection *connection;
    char **words; /* after the command's own, NULL-terminated */
    bool as_json;
    char *title;
    char *sites;
    char *layout;
    char *role;
    char *name;
    char *site;
    char *view; /* a number */
    gint ttl_s;
    gboolean all_online;
    gboolean password_stdin;
} Arguments;

typedef struct Command {
    const char *words; /* "sites import" */
    const char *usage; /* what follows them */
    guint word_count;  /* exactly so many words follow */
    /* Prints its result; false and an error otherwise. */
    bool (*run)(Arguments *arguments, GError **error);
    const char *help;
} Command;

/* Ends with NULL words. */
extern const Command commands[];

/* What is wrong with a request, in the words the asker gets: a code of signalling/PROTOCOL.md, the
 * path of the offending field ("" when there is none) and a sentence. A plain value. Any thread. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct Problem {
    char code[24];
    char field[96];
    char message[320];
} Problem;

/* Fills the problem in (NULL is ignored) and returns false, so that a check can end with it. */
bool problem_set(Problem *problem, const char *code, const char *field, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
/* Puts a path ("cells[3]") before the field and the message of a problem found further in. Returns
 * false. */
bool problem_within(Problem *problem, const char *path_format, ...) G_GNUC_PRINTF(2, 3);

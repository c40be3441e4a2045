/* The buttons of the box: a FIFO `buttons` in the state directory, one command a line, written by
 * whatever hardware there is (a GPIO daemon, a remote control, a person over ssh). Owned by the
 * device; lives on the main loop. */
#pragma once

#include <glib.h>

typedef struct Buttons Buttons;

/* A line without its end, UTF-8; borrowed for the call. */
typedef void (*ButtonsFunc)(const char *line, void *data);

/* Makes the FIFO (mode 0600) when there is none; an error names it. */
Buttons *buttons_open(const char *state_dir, ButtonsFunc call, void *data, GError **error);
void buttons_close(Buttons *buttons);

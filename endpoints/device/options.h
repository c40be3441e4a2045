/* What the device was told on its command line and in its configuration file (a GKeyFile, group
 * [device], the long option names as keys; the command line wins). Owned by main; never changes
 * after. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bridge/base/log.h"
#include "endpoints/client/pin.h"
#include "endpoints/device/player.h"
#include "endpoints/device/source.h"

typedef struct Options {
    char *host;
    uint16_t port;
    bool has_pin;
    char pin_hex[PIN_HEX_CHARS + 1];
    bool insecure;
    char *state_dir;
    char *token; /* NULL: none */
    char *name;
    Source video; /* borrow from the texts below */
    Source audio;
    PlayerOptions player;
    char *report_path; /* NULL: none; "-": standard output */
    LogLevel log_level;
    bool show_version;

    char *video_text;
    char *audio_text;
    char *sink_text;
} Options;

/* NULL and an error whose message is one line for the user. `argc` and `argv` are left alone. */
Options *options_parse(int argc, char **argv, GError **error);
void options_free(Options *options);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Options, options_free)

/* The site's device: answers invitations by itself, keeps one media session with the relay alive,
 * obeys demands and mutes, and measures. Made by main; lives on the main loop until the process
 * ends. */
#pragma once

#include <glib.h>

#include "endpoints/client/identity.h"
#include "endpoints/device/options.h"

typedef struct Device Device;

/* Options and identity must outlive it. An error says what is missing. */
Device *device_new(const Options *options, const Identity *identity, GError **error);
void device_free(Device *device);

/* diemcau-ctl recording …: as Command.run. */
#pragma once

#include "signalling/ctl/commands.h"

bool recording_start(Arguments *arguments, GError **error);
bool recording_stop(Arguments *arguments, GError **error);
bool recording_list(Arguments *arguments, GError **error);
bool recording_delete(Arguments *arguments, GError **error);

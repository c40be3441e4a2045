/* The commands of diemcau-ctl about encoders and players: rows of commands.c. */
#pragma once

#include "signalling/ctl/commands.h"

bool stream_token_whip(Arguments *arguments, GError **error);
bool stream_token_whep(Arguments *arguments, GError **error);
bool stream_token_list(Arguments *arguments, GError **error);
bool stream_token_revoke(Arguments *arguments, GError **error);

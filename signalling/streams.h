/* Media sessions that come by HTTP (WHIP and WHEP): a publisher has a seat that stays with its
 * token, a watcher watches a view. Nobody can be told or asked anything here: they send what they
 * send, and call again by themselves. Main loop only. */
#pragma once

#include "signalling/meeting.h"
#include "signalling/stream_tokens.h"

/* `sdp` (borrowed) is the answer, or NULL and there is a problem. Later, in the loop. */
typedef void (*StreamReply)(const char *sdp, uint32_t peer, const Problem *problem, void *data);

/* A new session for whoever showed this token. "conflict": the token's publisher is there already;
 * "limit"; "bad_sdp": "line N: …"; "unavailable". */
void streams_begin(Meetings *meetings, Meeting *meeting, const StreamToken *token, const char *sdp,
                   StreamReply reply, void *data);
/* False when there is no such session of this token. */
bool streams_end(Meetings *meetings, const StreamToken *token, uint32_t peer);
/* All of a token that is no more, and its seat. */
void streams_drop_token(Meetings *meetings, int64_t token);

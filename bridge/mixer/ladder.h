/* The rungs of one view that are received now: each is encoded once, from a picture that is scaled
 * once for all rungs of its size. Owned by the picture thread and used on it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/mixer/i420.h"
#include "bridge/mixer/rung.h"
#include "bridge/mixer/scene.h"

typedef struct Ladder Ladder;

/* `send` gets the packets of all rungs; the workshop as in RungOptions. */
Ladder *ladder_new(Workshop *workshop, RungSend send, void *data);
void ladder_free(Ladder *ladder);

/* Makes exactly those rungs of the view that the scene's watch names; one that was made before goes
 * on as it is, a new one begins with a key frame. */
void ladder_set_scene(Ladder *ladder, const Scene *scene, const SceneView *view);
/* Of the rung with this number, if it is one of these; -1: of all. */
void ladder_ask_keyframe(Ladder *ladder, int rung);
/* `picture` is that of the view; tick and time as in rung_encode. */
void ladder_encode(Ladder *ladder, const I420 *picture, uint64_t tick, int64_t time_us);

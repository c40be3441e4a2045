/* Hands the newest scene from the main loop to another thread. A scene that was not taken is
 * replaced: only the newest counts, so that the slot is never full. Any thread; the lock is held
 * for a pointer swap only. */
#pragma once

#include "bridge/mixer/scene.h"

typedef struct SceneSlot SceneSlot;

SceneSlot *scene_slot_new(void);
void scene_slot_free(SceneSlot *slot);
/* Keeps a reference of its own. */
void scene_slot_put(SceneSlot *slot, Scene *scene);
/* NULL when there is none since the last take; otherwise the caller's reference. */
Scene *scene_slot_take(SceneSlot *slot);

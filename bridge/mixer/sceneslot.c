#include "bridge/mixer/sceneslot.h"

#include <glib.h>
#include <pthread.h>

struct SceneSlot {
    pthread_mutex_t lock;
    Scene *scene;
};

SceneSlot *scene_slot_new(void)
{
    SceneSlot *slot = g_new0(SceneSlot, 1);
    pthread_mutex_init(&slot->lock, NULL);
    return slot;
}

void scene_slot_free(SceneSlot *slot)
{
    if (slot == NULL) {
        return;
    }
    scene_unref(slot->scene);
    pthread_mutex_destroy(&slot->lock);
    g_free(slot);
}

static Scene *swap(SceneSlot *slot, Scene *scene)
{
    pthread_mutex_lock(&slot->lock);
    Scene *before = slot->scene;
    slot->scene = scene;
    pthread_mutex_unlock(&slot->lock);
    return before;
}

void scene_slot_put(SceneSlot *slot, Scene *scene)
{
    scene_unref(swap(slot, scene_ref(scene)));
}

Scene *scene_slot_take(SceneSlot *slot)
{
    return swap(slot, NULL);
}

/* One view on the picture thread: its wall and the rungs made of it. Owned by the picture and used
 * on its thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bridge/mixer/ladder.h"
#include "bridge/mixer/scene.h"
#include "bridge/mixer/shelf.h"

typedef struct Screen Screen;

/* As ladder_new. */
Screen *screen_new(Workshop *workshop, RungSend send, void *data);
/* NULL is fine. */
void screen_free(Screen *screen);

/* Shows the scene's view of this index. */
void screen_set_scene(Screen *screen, Scene *scene, size_t view);
/* As ladder_ask_keyframe. */
void screen_ask_keyframe(Screen *screen, int rung);
typedef struct ScreenTick {
    uint64_t number;
    int64_t now_us;
    int64_t real_us; /* Time of day. */
} ScreenTick;

/* Paints and encodes one tick; returns how many cells were painted. */
size_t screen_tick(Screen *screen, const Shelf *shelf, const ScreenTick *tick);

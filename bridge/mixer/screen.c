#include "bridge/mixer/screen.h"

#include <glib.h>

#include "bridge/mixer/wall.h"

struct Screen {
    Wall *wall;
    Ladder *ladder;
};

Screen *screen_new(Workshop *workshop, RungSend send, void *data)
{
    Screen *screen = g_new0(Screen, 1);
    screen->wall = wall_new();
    screen->ladder = ladder_new(workshop, send, data);
    return screen;
}

void screen_free(Screen *screen)
{
    if (screen == NULL) {
        return;
    }
    wall_free(screen->wall);
    ladder_free(screen->ladder);
    g_free(screen);
}

void screen_set_scene(Screen *screen, Scene *scene, size_t view)
{
    wall_set_scene(screen->wall, scene, view);
    ladder_set_scene(screen->ladder, scene, &scene->views[view]);
}

void screen_ask_keyframe(Screen *screen, int rung)
{
    ladder_ask_keyframe(screen->ladder, rung);
}

size_t screen_tick(Screen *screen, const Shelf *shelf, const ScreenTick *tick)
{
    size_t painted = wall_tick(screen->wall, shelf, tick->now_us, tick->real_us);
    ladder_encode(screen->ladder, wall_picture(screen->wall), tick->number, tick->now_us);
    return painted;
}

/* What a cell shows while its seat has no picture: the name, and why under it, on a calm ground.
 * Drawn once. Owned by the picture thread. */
#pragma once

#include "bridge/mixer/i420.h"
#include "bridge/mixer/icon.h"

typedef struct CardText {
    const char *name;
    const char *note; /* May be empty. */
    Icons icons;
} CardText;

/* A picture of this size (even); release with i420_release. */
I420 card_draw(const CardText *text, int width, int height);
/* The ground of a cell that nobody has. */
I420Color card_empty_color(void);

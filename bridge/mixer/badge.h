/* The speaking timer in the right upper corner of the cell of who has the floor, where no name bar
 * can be: "02:31 / 05:00". Amber in the last fifth of the time, red when it is over. Drawn once a
 * second, blended whenever the cell is painted. Owned by the picture thread. */
#pragma once

#include <stdint.h>

#include "bridge/mixer/i420.h"

typedef struct Badge Badge;

typedef enum BadgeLook { BADGE_CALM, BADGE_SOON_OVER, BADGE_OVER } BadgeLook;

/* `limit_s` 0: no limit. For a cell of this size (even). */
Badge *badge_new(int64_t used_s, int64_t limit_s, int cell_width, int cell_height);
/* NULL is fine. */
void badge_free(Badge *badge);

BadgeLook badge_look(int64_t used_s, int64_t limit_s);
/* Where in the cell it lies: in its upper third. */
LayoutRect badge_rect(const Badge *badge);
/* `cell` is the picture of the cell it was made for. */
void badge_blend(const Badge *badge, const I420 *cell);

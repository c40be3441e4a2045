/* For the tests of the mixer: programs and scenes without their JSON. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bridge/mixer/program.h"
#include "bridge/mixer/scene.h"

/* A program at 25 fps without seats, with `views` views of this size (numbers 0, 1, …), each with
 * an empty layout that has room for LIMIT_LAYOUT_CELLS cells. */
Program *fixture_program(size_t views, int width, int height);
/* Adds a present seat with a name and no note, if the source has none. */
void fixture_seat(Program *program, uint32_t source);
/* Adds a cell to the layout of a view. */
void fixture_cell(Program *program, size_t view, LayoutCell cell);
/* Adds cells of the role side by side, or a grid of side × side. */
void fixture_row(Program *program, size_t view, LayoutRole role, int count);
void fixture_grid(Program *program, size_t view, int side);
/* Adds a VP8 rung of 25 fps with the number view * 8 + its position. */
void fixture_rung(Program *program, size_t view, int width, int height, int kbps);

/* A watch of these rungs. */
Watch fixture_watch(const uint16_t *rungs, size_t count);
/* The scene in which every view shows these sources in its cells, the first in the first, as far as
 * they go; takes over the program. NULL for the watch: all are watched, nothing is encoded. */
Scene *fixture_scene(Program *program, const uint32_t *sources, size_t count, const Watch *watch);

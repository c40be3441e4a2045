/* The clips there are: for each film and each demanded size, rate and bit rate one, made by a
 * worker thread the first time it is wanted and kept in a directory for later runs. Until it is
 * ready the nearest one is given. Lives on the main loop. */
#pragma once

#include <glib.h>
#include <stddef.h>

#include "endpoints/device/demand.h"
#include "endpoints/fleet/clip.h"

/* Films, and clips of all films together. */
#define SHELF_FILMS_MAX 8
#define SHELF_CLIPS_MAX 96

typedef struct Shelf Shelf;

/* `film_dir` (NULL: test patterns) holds film files; the first SHELF_FILMS_MAX in alphabetical
 * order are taken. `cache_dir` is made if need be. */
Shelf *shelf_new(const char *cache_dir, const char *film_dir, GError **error);
/* Waits for the clip that is being made. */
void shelf_free(Shelf *shelf);

/* The clip of this site's film for this demand, or the nearest; NULL while there is none. Borrowed,
 * lives as long as the shelf. */
const Clip *shelf_find(Shelf *shelf, size_t site, const Demand *demand);
/* A number that changes whenever a clip has become ready: ask again then. */
unsigned shelf_revision(const Shelf *shelf);
/* Clips that are still to be made. */
size_t shelf_waiting(const Shelf *shelf);

/* The bit rate a clip is made for: the next lower step of a ladder, so that demands that hardly
 * differ share one. */
int shelf_kbps_step(int kbps);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Shelf, shelf_free)

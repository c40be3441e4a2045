/* Decides what is shown: from the program, who receives which rung, who speaks and who has a
 * picture it makes the next scene. Owned by the mixer, on the main loop; time is given, never
 * read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/mixer/program.h"
#include "bridge/mixer/scene.h"

typedef struct Director Director;

Director *director_new(void);
void director_free(Director *director);

/* Each may change the next scene. The director keeps a reference of the program. */
void director_set_program(Director *director, Program *program, int64_t now_us);
/* As watch_update. */
bool director_update_watch(Director *director, const uint8_t *body, size_t size);
/* 0: nobody speaks. */
void director_set_speaker(Director *director, uint32_t source);
void director_set_live(Director *director, uint32_t source, bool is_live);

/* Makes the scene of now; NULL before the first program. Borrowed, good until the next call. */
Scene *director_direct(Director *director, int64_t now_us);
/* The latest scene; NULL before the first. */
Scene *director_scene(const Director *director);
/* When the scene would be another one by itself; INT64_MAX for never. */
int64_t director_next_us(const Director *director);

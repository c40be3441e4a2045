/* Plays the file of a pipeline for ever: sets it to the place that the wall clock gives, starts it
 * there, and lets each round begin where the last one ended, without a gap or a jump in running
 * time. Owned by a feed; lives on the main loop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "endpoints/device/pipeline.h"

typedef struct Film Film;

/* The pipeline holds a demuxer and sinks that do not wait for their first frame. */
Film *film_new(Pipeline *pipeline);
void film_free(Film *film);

/* All streams are known: begin. False when the file cannot be played from any place. */
bool film_begin(Film *film);
/* For every message of the pipeline; a message that is not the film's business is left alone. */
void film_on_message(Film *film, GstMessage *message);

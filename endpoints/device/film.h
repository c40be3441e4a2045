/* Plays the file of a pipeline for ever: sets it to the place that the wall clock gives, starts it
 * there, and lets each round begin exactly one duration after the last one began, whatever the
 * demuxer makes of it. Owned by a feed; lives on the main loop, its probes on streaming threads. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "endpoints/device/pipeline.h"

typedef struct _GstPad GstPad;
typedef struct Film Film;

/* The pipeline holds a demuxer and sinks that do not wait for their first frame. */
Film *film_new(Pipeline *pipeline);
/* After the pipeline. */
void film_free(Film *film);

/* A stream of the file, before it reaches anything that looks at running time. Any thread. */
void film_add_stream(Film *film, GstPad *pad);
/* All streams are known: begin. False when the file cannot be played from any place. */
bool film_begin(Film *film);
/* For every message of the pipeline; a message that is not the film's business is left alone. */
void film_on_message(Film *film, GstMessage *message);

/* The recorder: the thread that may wait for a disk, so that nobody else does. It takes the packets
 * of the recorded rungs and of the common sound from a bounded queue; what finds it full is lost
 * and counted. Owned by the mixer; the calls below are for the main loop but for the two that say
 * so. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/mixer/program.h"
#include "bridge/mixer/recording.h"
#include "bridge/mixer/rung.h"

typedef struct Recorder Recorder;

/* Options are called on the recorder's thread and must not wait. */
Recorder *recorder_new(const RecordingOptions *options);
/* Ends the thread; what is in the queue is written first, what is posted later is not. */
void recorder_end(Recorder *recorder);
/* After those who post. */
void recorder_free(Recorder *recorder);

/* Begins and ends recordings so that there are those of the program. */
void recorder_set_program(Recorder *recorder, Program *program);
/* On the thread of the picture, of the sound. Never wait. */
void recorder_post_picture(Recorder *recorder, const RungPacket *packet);
void recorder_post_sound(Recorder *recorder, const uint8_t *rtp, size_t size, int64_t time_us);

/* Each recording, once a second; readable while some wait; owned by the recorder. */
int recorder_report_fd(const Recorder *recorder);
bool recorder_take_report(Recorder *recorder, RecordingReport *ret_report);
/* Packets that found the queue full, since the start. */
uint64_t recorder_dropped(const Recorder *recorder);

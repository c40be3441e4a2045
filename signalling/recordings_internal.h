/* What the files of Recordings share. Nobody else includes this. */
#pragma once

#include "bridge/base/loop.h"
#include "signalling/recordings.h"

struct Recordings {
    Server *server;
    GPtrArray *all;    /* Recording, by id */
    GHashTable *joins; /* id → RecordingJoin, borrowed from its process */
    char boot[RECORDING_BOOT_BYTES];
    int64_t last_id;
    int64_t alarms; /* since the start */
    int64_t bytes;
    LoopWatch *tick;
    LoopWatch *sweep;
};

/* recordings.c. The directory of a recording; the caller frees it. */
char *recordings_directory(const Recordings *recordings, int64_t id);
bool recordings_make_place(const Recordings *recordings, int64_t id, Problem *problem);
/* A new one that is on, not in the store yet; its place must be there. */
Recording *recordings_begin(Recordings *recordings, const Meeting *meeting, int view,
                            const char *by);
/* It is on no more; then comes recordings_finish. */
void recordings_end(Recordings *recordings, Recording *recording, const char *reason);
void recordings_finish(Recordings *recordings, Recording *recording);
/* Pages, devices and the next program learn of it. */
void recordings_tell(Recordings *recordings, const Recording *recording);
/* Tells when its alarm has changed. */
void recordings_judge(Recordings *recordings, Recording *recording);

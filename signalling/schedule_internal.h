/* What the files of Schedule share: its state. Nobody else includes this. */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "bridge/base/loop.h"
#include "signalling/schedule.h"

struct Schedule {
    Server *server;
    GPtrArray *bookings; /* by id */
    int64_t last_id;
    int64_t (*now_ms)(void);
    LoopWatch *tick;
};

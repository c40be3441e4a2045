/* Makes the `stats` event of bridge/PROTOCOL.md out of counters, once a second. Owned by the mixer,
 * on the main loop. */
#pragma once

#include <stdint.h>

#include "bridge/mixer/crew.h"
#include "bridge/mixer/picture.h"
#include "bridge/mixer/sound.h"

typedef struct json_t json_t;
typedef struct Tally Tally;

typedef struct TallyInput {
    PictureStats picture;
    CrewStats crew;
    SoundStats sound;
    uint64_t link_full;
} TallyInput;

Tally *tally_new(void);
void tally_free(Tally *tally);
/* What happened since the last call; the caller's. */
json_t *tally_second(Tally *tally, const TallyInput *input, int64_t now_us);

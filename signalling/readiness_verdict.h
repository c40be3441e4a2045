/* What to think of a site's test of itself: one light for each part, and the reason when it is not
 * green, in words of the protocol. Plain values. Main loop only. */
#pragma once

#include <stdbool.h>

#include "bridge/base/problem.h"

typedef struct json_t json_t;

typedef enum Light {
    LIGHT_UNTESTED,
    LIGHT_GOOD,
    LIGHT_FAIR,
    LIGHT_BAD,
} Light;

/* "untested", "good", "fair", "bad" */
const char *light_name(Light light);

/* The [Checks] of PROTOCOL.md from the fields of device.checked: {network,camera,microphone,
 * speaker,clock,disk}, each {light,reason,…}. NULL and a problem (bad_field) when they are
 * malformed; the caller owns it. */
json_t *verdict_make(json_t *message, Problem *problem);
/* The worst of them; good when nothing was found and something was tested. */
Light verdict_worst(json_t *checks);

/* How bright a picture is, and whether anything is to be seen in it: a covered lens gives an even
 * black. Any thread. */
#pragma once

#include <stdbool.h>

typedef struct _GstSample GstSample;

typedef struct Light {
    double mean;   /* of the luma, 0 … 255 */
    double spread; /* its standard deviation */
} Light;

/* False when the picture cannot be read. */
bool light_read(GstSample *sample, Light *ret_light);
bool light_is_black(const Light *light);

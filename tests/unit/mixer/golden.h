/* For tests of what is drawn: pictures as they should look, kept as PNG files beside the tests. */
#pragma once

#include "bridge/mixer/i420.h"

/* The mean difference of a colour value, 0 to 255, to the kept picture of this name in that block
 * of 16 × 16 pixels where it is largest; 255 when there is none of the same size. With
 * DIEMCAU_GOLDEN_WRITE in the environment the picture is kept instead, in that directory. */
double golden_difference(const I420 *picture, const char *name);

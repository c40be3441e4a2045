/* How good a seat's link is, as people would say it: from what is measured each second, but not
 * faster than the eye likes. A plain value, zero at first. Any thread. */
#pragma once

#include <stdbool.h>

#include "signalling/media_stats.h"

/* A change must last so many seconds to count. */
#define LINK_GRADE_SECONDS 3

typedef enum LinkQuality { LINK_UNKNOWN, LINK_GOOD, LINK_FAIR, LINK_POOR } LinkQuality;

typedef struct LinkGrade {
    LinkQuality quality;
    LinkQuality seen; /* In the last second, */
    int seconds;      /* and for so long. */
} LinkGrade;

/* One second's figures; true when the quality has changed. */
bool link_grade_update(LinkGrade *grade, const MediaStats *stats);
/* "good", "fair", "poor"; NULL: not known. */
const char *link_grade_name(const LinkGrade *grade);

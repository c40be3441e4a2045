/* How good the way to the server is, both ways, and how far its clock is from ours: a few pings,
 * then so many bytes up and as many down, over the connection that is there. One check; it ends by
 * itself. Owned by who started it; free it after its client. Main loop only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "endpoints/client/client.h"

#define LINK_CHECK_BYTES (32 * 1024)
/* More than this is not told apart: the sample is small. */
#define LINK_CHECK_KBPS_MAX 100000

typedef struct LinkCheck LinkCheck;

typedef struct LinkResult {
    bool is_answered; /* false: the connection was lost meanwhile; nothing else counts */
    int64_t rtt_us;   /* the best of a few */
    bool has_rates;   /* false: they were not measured */
    int up_kbps, down_kbps;
    int64_t clock_ms; /* ours less the server's */
} LinkResult;

typedef void (*LinkCheckDone)(const LinkResult *result, void *data);

/* `is_quiet`: nothing that takes room on the line. Never calls back before it returns; the check
 * may be freed from within the call. */
LinkCheck *link_check_start(Client *client, bool is_quiet, LinkCheckDone done, void *data);
void link_check_free(LinkCheck *check);

/* The addresses of this machine that peers are told to try: host candidates. Plain values. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/rtc/sdp.h"

#define CANDIDATES_MAX 16

typedef struct CandidatesOptions {
    const char *const *addresses; /* NULL-terminated; NULL or empty: all of the machine's */
    bool has_loopback;            /* 127.0.0.1 too: for programs on this machine */
    uint16_t port;
} CandidatesOptions;

/* Highest priority first. 0 and an error when an address is not numeric or there is none at all. */
size_t candidates_gather(const CandidatesOptions *options,
                         SdpCandidate ret_candidates[CANDIDATES_MAX], GError **error);

/* One site as the bench simulates it, alike against any server: ICE (controlling), DTLS, SRTP over
 * a socket of its own; it receives, and may talk. It reports once a second as a browser does, and
 * never asks for a packet again. Lives on the main loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/problem.h"
#include "bridge/rtc/dtls.h"
#include "endpoints/fleet/switchboard.h"
#include "tests/bench/ear.h"
#include "tests/bench/reel.h"

typedef struct Listener Listener;

typedef struct ListenerOptions {
    Switchboard *board;
    DtlsIdentity *identity;
    const char *address; /* our own, for the candidate */
    const Reel *voice;   /* NULL: it never talks */
    size_t voice_first;  /* packet the voice begins with */
    bool receives_video;
    bool sends_audio; /* says so in its description, even when it never talks */
} ListenerOptions;

typedef enum ListenerState {
    LISTENER_NEW,
    LISTENER_CONNECTING,
    LISTENER_CONNECTED,
    LISTENER_FAILED,
} ListenerState;

/* Everything in `options` is borrowed and outlives the listener. */
Listener *listener_new(const ListenerOptions *options, GError **error);
void listener_free(Listener *listener);

/* Either it offers and is answered, or it answers an offer. Texts are to g_free; NULL and false:
 * `problem` says what is wrong with the other side's description. */
char *listener_offer(Listener *listener);
bool listener_set_answer(Listener *listener, const char *sdp, Problem *problem);
char *listener_answer(Listener *listener, const char *offer, Problem *problem);
/* Or there is no other side to agree with: keys are known, and packets come to this port. */
uint16_t listener_open_bare(Listener *listener, const SrtpKeys *keys);

void listener_tick(Listener *listener, int64_t now_us);
ListenerState listener_state(const Listener *listener);
/* Why it failed; "" otherwise. */
const char *listener_failure(const Listener *listener);
/* Everything it was promised has come. */
bool listener_is_served(const Listener *listener);
/* The negotiated SRTP profile; "" before. */
const char *listener_profile(const Listener *listener);
EarCounts listener_counts(const Listener *listener);
/* Packets so far that our own socket dropped: no fault of the server. */
uint32_t listener_unread(const Listener *listener);

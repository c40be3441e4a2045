/* Invitations to booked meetings: one letter to each site that has an address, again when the
 * booking changes (the same UID, a greater SEQUENCE) and when it is removed (METHOD:CANCEL), and
 * what the invited answer: whether they come, and who. All is in the store; letters wait in the
 * mailer. Every change is told to watching pages as the event `invitation`. Owned by Server. Main
 * loop only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "signalling/booking.h"
#include "signalling/dispatch.h"
#include "signalling/store.h"

typedef struct json_t json_t;

#define INVITATION_NAMES_BYTES_MAX 2000
/* "ID.SIGNATURE" and the NUL. */
#define INVITATION_TOKEN_SIZE 60

Invitations *invitations_new(Server *server, GError **error);
void invitations_free(Invitations *invitations);

/* Letters to all sites of the booking; to those that are no more in it, that it is cancelled for
 * them. Answers the request with `queued` and `without` (sites without an address), both how many;
 * "unavailable" when no mail server is set. */
void invitations_send(Invitations *invitations, const Booking *booking, Request request);
/* The same once more, if its sites were invited before. */
void invitations_on_changed(Invitations *invitations, const Booking *booking);
/* Says that it is cancelled to all that were invited. */
void invitations_on_removed(Invitations *invitations, const Booking *booking);
/* Answers the request with `invitations` [Invitation] of PROTOCOL.md. */
void invitations_list(Invitations *invitations, int64_t booking, Request request);

/* The number in a token of ours; 0: it is none. */
int64_t invitations_read_token(const Invitations *invitations, const char *token);
/* The row of this invitation (booking, site, answer, names), or none. */
void invitations_find(Invitations *invitations, int64_t id, StoreReply reply, void *data);
/* What the invited says. */
void invitations_answer(Invitations *invitations, int64_t id, bool is_accepted, const char *names,
                        StoreReply reply, void *data);

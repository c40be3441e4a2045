/* The pace at which devices are let in: after a power cut all of them come back at once, and each
 * one costs an invitation, an offer and a handshake. A bounded queue, emptied at so many a second;
 * who comes alone does not wait. Owned by Devices. Main loop only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "signalling/dispatch.h"

typedef struct json_t json_t;
typedef struct Admission Admission;

typedef struct AdmissionTicket {
    Request request;
    json_t *media; /* what the device says it still holds, or NULL */
} AdmissionTicket;

/* The ticket is borrowed for the call. */
typedef void (*AdmissionFunc)(const AdmissionTicket *ticket, void *data);

Admission *admission_new(int per_s, AdmissionFunc call, void *data);
void admission_free(Admission *admission);

/* `media` is kept by reference. May call back before returning. False when the queue is full. */
bool admission_add(Admission *admission, Request request, json_t *media);
size_t admission_waiting_count(const Admission *admission);

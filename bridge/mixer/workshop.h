/* Makes encoders, and frees them, on a thread of its own: allocating one takes longer than a
 * picture lasts, and the others must not wait for it. Made and freed by the picture; orders are
 * given and taken on its thread. */
#pragma once

#include "bridge/mixer/encoder.h"

typedef struct Workshop Workshop;
typedef struct WorkshopOrder WorkshopOrder;

Workshop *workshop_new(void);
/* After the last order was taken or dropped; waits for what is being made. */
void workshop_free(Workshop *workshop);

WorkshopOrder *workshop_order(Workshop *workshop, const ProgramRung *shape);
/* The encoder, which is the caller's then, and the order has ended; NULL: not yet. */
Encoder *workshop_take(WorkshopOrder *order);
/* It is not wanted any more. Never waits; NULL is fine. */
void workshop_drop(WorkshopOrder *order);
/* Frees it; NULL is fine. */
void workshop_scrap(Workshop *workshop, Encoder *encoder);

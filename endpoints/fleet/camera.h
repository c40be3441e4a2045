/* The camera of a probe: in place of a film it shows the time, drawn and encoded live by the
 * device's own encoder, and remembers when each picture went out, so that the way of a picture
 * through the bridge can be measured on one clock. Owned by the inspection, outlives the media
 * sessions that send its pictures; lives on the main loop, encodes on a thread of its own. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "endpoints/device/demand.h"
#include "endpoints/device/outgoing.h"

typedef struct Camera Camera;

/* `sender` tells its pictures from those of another camera. */
Camera *camera_new(uint16_t sender, GError **error);
void camera_free(Camera *camera);

void camera_set_demand(Camera *camera, const Demand *demand);
void camera_request_keyframe(Camera *camera);
/* Takes a picture when one is due. */
void camera_tick(Camera *camera, int64_t now_us);
/* The next packet to send, if one is ready; it counts as sent now. */
bool camera_take(Camera *camera, int64_t now_us, Outgoing *ret_outgoing);
/* When the last packet of the picture with this time in it was sent; 0: unknown. Answers once for
 * each picture. */
int64_t camera_take_sent_us(Camera *camera, uint32_t time_ms);

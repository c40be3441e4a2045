/* A simulated site's answer to the server's question before a meeting: the way to the server, the
 * clock and the disk are measured as a device does; camera and microphone are said to be simulated,
 * for there are none. Owned by the site. Main loop only. */
#pragma once

#include "endpoints/client/client.h"

typedef struct json_t json_t;
typedef struct SiteExam SiteExam;

/* `state_dir` is copied. */
SiteExam *site_exam_new(const char *state_dir);
void site_exam_free(SiteExam *exam);
/* The event `check`; answers it later. */
void site_exam_on_check(SiteExam *exam, Client *client, json_t *event);
/* The client is gone. */
void site_exam_stop(SiteExam *exam);

/* Where reports become files: a thread of its own with a bounded queue, because a PDF of 207 sites
 * takes longer than the loop may. Answers arrive on the main loop. Main loop only. */
#pragma once

#include <stdbool.h>

#include "signalling/report_file.h"

typedef struct ReportPress ReportPress;

/* `file` is borrowed for the call; NULL when it could not be made. */
typedef void (*ReportPrinted)(GBytes *file, void *data);

ReportPress *report_press_new(void);
/* Waits for the file that is being made; who waits is answered with NULL. */
void report_press_free(ReportPress *press);
/* Takes over `report`. False when the queue is full; `call` is not called then. Never calls back
 * before returning. */
bool report_press_print(ReportPress *press, Report *report, ReportFormat format, ReportPrinted call,
                        void *data);

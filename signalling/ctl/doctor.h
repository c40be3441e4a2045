/* `diemcau-ctl doctor`: what this machine lacks to run Điểm Cầu, each with its remedy in one line.
 * Needs no server. */
#pragma once

#include <stdbool.h>

typedef struct Config Config;

/* Prints a line for each check; true when nothing is wrong. */
bool doctor_run(const Config *config);

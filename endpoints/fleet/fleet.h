/* Many simulated sites in one process and on one thread: makes them, starts them at a pace, gives
 * them the floor in turn, drives them a few hundred times a second, and adds up what they have
 * seen. Owned by main; lives on the main loop. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct json_t json_t;
typedef struct Fleet Fleet;

#define FLEET_SITES_MAX 2200
#define FLEET_TALKERS_MAX 64

typedef struct FleetOptions {
    const char *server_host;
    uint16_t server_port;
    const char *pin_hex; /* NULL: see insecure */
    bool insecure;
    const char *state_dir;
    const char *cache_dir;
    const char *film_dir;     /* NULL: test patterns */
    const char *sound_dir;    /* NULL: a synthesised voice */
    const char *admin_socket; /* for tokens; NULL: only those in `tokens` */
    GHashTable *tokens;       /* code → token; NULL: none */
    char **codes;             /* of the sites, NULL-terminated */
    size_t starts_per_s;
    size_t talkers;
    int64_t turn_us;
    bool sends_silence;
    size_t probes;     /* sites that measure latency, at most INSPECTION_PROBES_MAX */
    int64_t sample_us; /* how long one site's picture is decoded; 0: none is */
} FleetOptions;

/* A range of sites by index; the whole fleet when count is 0. */
typedef struct FleetRange {
    size_t first;
    size_t count;
} FleetRange;

/* Strings are copied. */
Fleet *fleet_new(const FleetOptions *options, GError **error);
void fleet_free(Fleet *fleet);

/* Sites that are off are started at the pace; `at_once`: without it. */
void fleet_start(Fleet *fleet, FleetRange range, bool at_once);
void fleet_kill(Fleet *fleet, FleetRange range);
void fleet_leave(Fleet *fleet, FleetRange range);
void fleet_set_talkers(Fleet *fleet, size_t talkers, int64_t turn_us);

/* How many sites are in which phase, and clips that are still to be made. */
json_t *fleet_status(const Fleet *fleet);
/* The last second; begins the next one. */
json_t *fleet_take_second(Fleet *fleet);
void fleet_begin_window(Fleet *fleet);
/* From fleet_begin_window to now, with the join times and, for each site, its numbers. */
json_t *fleet_window(Fleet *fleet);

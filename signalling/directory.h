/* The directory: the sites of the province as a tree, held in memory, kept in the store. A Site
 * keeps its identity when its box is replaced, and its address in memory until it is removed by an
 * import. Main loop only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/limits.h"
#include "bridge/base/problem.h"

typedef struct json_t json_t;
typedef struct Server Server;
typedef struct Directory Directory;

#define SITE_CODE_BYTES_MAX 31
#define SITE_TIER_BYTES_MAX 15

typedef struct Site {
    char code[SITE_CODE_BYTES_MAX + 1];
    char name[LIMIT_NAME_BYTES + 1];
    char tier[SITE_TIER_BYTES_MAX + 1];   /* central, province, agency, district, commune: data */
    char parent[SITE_CODE_BYTES_MAX + 1]; /* "" for the root */
    uint64_t client;                      /* its device's connection; 0 while offline */
    int64_t meeting;                      /* the open meeting it has a seat in; 0: none */
    bool has_device;                      /* a device is approved for it */
} Site;

/* Reads the sites from the store. */
Directory *directory_new(Server *server, GError **error);
void directory_free(Directory *directory);

/* NULL when there is none. */
Site *directory_find(Directory *directory, const char *code);
size_t directory_count(const Directory *directory);
/* In the order of the file they came from. */
Site *directory_at(Directory *directory, size_t index);

/* The name of the body it is counted with: its own when there are sites below it, otherwise that of
 * the site above it; "" when there is none. Borrowed. */
const char *directory_agency(Directory *directory, const Site *site);

/* A Site as PROTOCOL.md says; the caller owns it. */
json_t *site_to_json(const Site *site);
/* [Site], in order; the caller owns it. */
json_t *directory_to_json(Directory *directory);
/* Tells every watching page that this site changed (event `site`). */
void directory_announce(Directory *directory, const Site *site);

typedef struct DirectoryChange {
    int added, changed, removed;
} DirectoryChange;
/* `change` or `problem` is NULL. */
typedef void (*DirectoryReply)(const DirectoryChange *change, const Problem *problem, void *data);
/* Replaces the directory by a CSV (header code,name,tier,parent). All or nothing: the problem names
 * file, line and column. A site with a seat in an open meeting is not removed ("conflict"). The
 * device of a removed site has to be approved again. May reply before it returns. */
void directory_import(Directory *directory, const char *csv, const char *file, DirectoryReply reply,
                      void *data);

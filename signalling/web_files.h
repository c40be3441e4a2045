/* The files of the page, held in memory with their media types: what is asked for is looked up in a
 * table, never in the file system, so that no path leads out of the directory. Read again when
 * index.html has changed. Main loop only. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct WebFiles WebFiles;

typedef struct WebFile {
    GBytes *plain;
    GBytes *gzip; /* NULL when it would not be smaller */
    const char *content_type;
    const char *cache_control;
    char *etag;
} WebFile;

/* The error names the directory and what to do (no index.html, too large). */
WebFiles *web_files_new(const char *root, GError **error);
void web_files_free(WebFiles *files);

/* NULL when there is none; "/" is index.html. Valid until the next call. */
const WebFile *web_files_find(WebFiles *files, const char *path);

/* diemcau-join DIRECTORY: finishes the recording in a directory and prints what came of it as one
 * JSON line. Started by the server; whoever has lost the server may type it. */
#include <glib.h>
#include <stdio.h>

#include "bridge/recording/join.h"

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    JoinResult result;
    if (argc != 2) {
        fprintf(stderr, "usage: diemcau-join DIRECTORY\n");
        return 2;
    }
    if (!join_directory(argv[1], &result, &error)) {
        fprintf(stderr, "diemcau-join: %s\n", error->message);
        return 1;
    }
    printf("{\"duration_ms\":%" G_GINT64_FORMAT ",\"bytes\":%" G_GINT64_FORMAT
           ",\"gap_ms\":%" G_GINT64_FORMAT "}\n",
           result.duration_ms, result.bytes, result.gap_ms);
    return 0;
}

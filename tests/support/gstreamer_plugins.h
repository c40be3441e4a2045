/* GStreamer for a test that needs a few elements: loads the named plugins only. A whole registry
 * makes GLib outgrow its first table of names, which it then leaves behind on purpose, and a leak
 * checker cannot tell that from a leak. */
#pragma once

#include <criterion/criterion.h>
#include <gst/gst.h>

static inline void gstreamer_load(const char *const *names)
{
    g_setenv("GST_REGISTRY_DISABLE", "yes", TRUE);
    gst_init(NULL, NULL);
    for (; *names != NULL; names++) {
        g_autofree char *path =
            g_strdup_printf("%s/libgst%s.so", DIEMCAU_GSTREAMER_PLUGINS, *names);
        GstPlugin *plugin = gst_plugin_load_file(path, NULL);
        cr_assert_not_null(plugin, "%s is missing", path);
        gst_object_unref(plugin);
    }
}

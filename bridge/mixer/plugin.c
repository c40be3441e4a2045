#include "bridge/mixer/plugin.h"

#include <gst/gst.h>

typedef struct Plugin {
    const char *file;
    const char *package;
    const char *elements[4]; /* Those that we use, then NULL. */
} Plugin;

static const Plugin plugins[] = {
    {"libgstrtp.so", "gstreamer1.0-plugins-good", {"rtpvp8depay", "rtpvp8pay", "rtph264pay"}},
    {"libgstvpx.so", "gstreamer1.0-plugins-good", {"vp8dec", "vp8enc"}},
    {"libgstopenh264.so", "gstreamer1.0-plugins-bad", {"openh264enc"}},
};

static bool missing(GError **error, const char *what, const char *package)
{
    g_set_error(error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
                "GStreamer's %s is missing: install the Debian package %s", what, package);
    return false;
}

static bool load(const Plugin *plugin, GError **error)
{
    g_autofree char *path = g_build_filename(DIEMCAU_GSTREAMER_PLUGINS, plugin->file, NULL);
    GstPlugin *loaded = gst_plugin_load_file(path, NULL);
    if (loaded == NULL) {
        return missing(error, plugin->file, plugin->package);
    }
    gst_object_unref(loaded);
    for (const char *const *name = plugin->elements; *name != NULL; name++) {
        GstElementFactory *factory = gst_element_factory_find(*name);
        if (factory == NULL) {
            return missing(error, *name, plugin->package);
        }
        gst_object_unref(factory);
    }
    return true;
}

bool plugin_load_all(GError **error)
{
    g_setenv("GST_REGISTRY_DISABLE", "yes", TRUE);
    if (!gst_init_check(NULL, NULL, error)) {
        return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(plugins); i++) {
        if (!load(&plugins[i], error)) {
            return false;
        }
    }
    return true;
}

#include "endpoints/device/parts.h"

#include <gst/gst.h>
#include <string.h>

typedef struct Part {
    const char *element;
    const char *package;
} Part;

static const Part parts[] = {
    {"alsasink", "gstreamer1.0-alsa"},
    {"alsasrc", "gstreamer1.0-alsa"},
    {"appsink", "gstreamer1.0-plugins-base"},
    {"appsrc", "gstreamer1.0-plugins-base"},
    {"audiobuffersplit", "gstreamer1.0-plugins-bad"},
    {"audioconvert", "gstreamer1.0-plugins-base"},
    {"audioresample", "gstreamer1.0-plugins-base"},
    {"audiotestsrc", "gstreamer1.0-plugins-base"},
    {"autoaudiosink", "gstreamer1.0-plugins-good"},
    {"autovideosink", "gstreamer1.0-plugins-good"},
    {"clocksync", "libgstreamer1.0-0"},
    {"decodebin", "gstreamer1.0-plugins-base"},
    {"filesink", "libgstreamer1.0-0"},
    {"filesrc", "libgstreamer1.0-0"},
    {"jpegdec", "gstreamer1.0-plugins-good"},
    {"kmssink", "gstreamer1.0-plugins-bad"},
    {"opusdec", "gstreamer1.0-plugins-base"},
    {"pulsesrc", "gstreamer1.0-pulseaudio"},
    {"v4l2src", "gstreamer1.0-plugins-good"},
    {"videoconvert", "gstreamer1.0-plugins-base"},
    {"videotestsrc", "gstreamer1.0-plugins-base"},
    {"vp8dec", "gstreamer1.0-plugins-good"},
    {"vp8enc", "gstreamer1.0-plugins-good"},
    {"waylandsink", "gstreamer1.0-plugins-bad"},
    {"webmmux", "gstreamer1.0-plugins-good"},
};

static const char *package_of(const char *element)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (strcmp(parts[i].element, element) == 0) {
            return parts[i].package;
        }
    }
    return "gstreamer1.0-plugins-good";
}

bool parts_require(const char *const *names, GError **error)
{
    for (; *names != NULL; names++) {
        g_autoptr(GstElementFactory) factory = gst_element_factory_find(*names);
        if (factory == NULL) {
            g_set_error(error, PARTS_ERROR, PARTS_ERROR_MISSING,
                        "GStreamer element %s is missing: install the package %s", *names,
                        package_of(*names));
            return false;
        }
    }
    return true;
}

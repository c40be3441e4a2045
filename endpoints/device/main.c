#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>

#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "endpoints/client/identity.h"
#include "endpoints/device/device.h"
#include "endpoints/device/options.h"

static int fail(const GError *error)
{
    fprintf(stderr, "diemcau-device: %s\n", error->message);
    return EXIT_FAILURE;
}

static int run(const Options *options)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Identity) identity = identity_load(options->state_dir, &error);
    if (identity == NULL) {
        return fail(error);
    }
    Device *device = device_new(options, identity, &error);
    if (device == NULL) {
        return fail(error);
    }
    log_info("device.start", "version=%s name=\"%s\" key=%.12s", DIEMCAU_VERSION, options->name,
             identity_public_key(identity));
    loop_run();
    device_free(device);
    log_info("device.stop", "name=\"%s\"", options->name);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Options) options = options_parse(argc, argv, &error);
    if (options == NULL) {
        return fail(error);
    }
    if (options->show_version) {
        printf("diemcau-device %s\n", DIEMCAU_VERSION);
        return EXIT_SUCCESS;
    }
    log_init("device", options->log_level);
    log_take_over_glib();
    gst_init(NULL, NULL);
    int status = run(options);
    return status;
}

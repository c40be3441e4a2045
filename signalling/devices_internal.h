/* What devices.c (the memory of devices), device_login.c (who says what it is) and
 * device_enrolment.c (which key serves which site) share. Nobody else includes this. Main loop
 * only. */
#pragma once

#include <glib.h>
#include <sodium.h>

#include "bridge/base/limits.h"
#include "signalling/admission.h"
#include "signalling/devices.h"
#include "signalling/directory.h"

typedef struct LoopWatch LoopWatch;

#define DEVICE_KEY_TEXT_SIZE 45 /* base64 of 32 bytes and the NUL */
#define DEVICE_SOFTWARE_BYTES_MAX 64
#define CLOSE_NORMAL 1000
#define CLOSE_POLICY 1008

typedef enum DeviceState { DEVICE_PENDING, DEVICE_APPROVED, DEVICE_REVOKED } DeviceState;

typedef struct Device {
    char key[DEVICE_KEY_TEXT_SIZE];
    DeviceState state;
    char site[SITE_CODE_BYTES_MAX + 1]; /* "" unless approved */
    char name[LIMIT_NAME_BYTES + 1];
    char software[DEVICE_SOFTWARE_BYTES_MAX + 1];
    char pairing_code[DEVICE_PAIRING_CODE_SIZE]; /* "" unless pending */
    uint64_t client;                             /* 0: not connected */
    bool is_online;                              /* let in */
    bool is_seen_unsaved;
    int64_t last_seen_ms; /* wall clock */
} Device;

struct Devices {
    Server *server;
    GHashTable *by_key;  /* key inside the device → Device *; owns them */
    GHashTable *by_site; /* site inside the device → Device *, approved ones */
    size_t pending_count;
    size_t online_count;
    Admission *admission;
    LoopWatch *seen_timer;
    uint8_t
        code_secret[crypto_generichash_KEYBYTES]; /* so that nobody can aim for a pairing code */
};

int64_t devices_wall_ms(void);

/* A device that is not known yet. */
Device *devices_add(Devices *devices, const char *key, DeviceState state);
void devices_remove(Devices *devices, Device *device);
void devices_describe(Device *device, const char *name, const char *software);
/* The device serves the site from now on. */
void devices_bind(Devices *devices, Device *device, Site *site);
/* Its site loses it: no longer online, no longer served. */
void devices_unbind(Devices *devices, Device *device);
/* NULL when it serves none. */
Site *devices_site_of(Devices *devices, const Device *device);
/* The approved device whose connection this is, or NULL. */
Device *devices_find_by_client(Devices *devices, const Client *client);
/* Its connection ends; its site's seat stays. */
void devices_cut(Devices *devices, Device *device, int code, const char *reason);

/* The client proved that it holds the key of an approved device: it is let in when its turn has
 * come. */
void devices_admit(Devices *devices, Device *device, Client *client, Request request,
                   json_t *media);
void devices_on_admitted(const AdmissionTicket *ticket, void *data);
/* Answers "bad_credentials" and closes. */
void devices_refuse(Devices *devices, Client *client, Request request, const char *why);
/* An unknown key brought a token. */
void devices_enrol_by_token(Devices *devices, Client *client, const char *key,
                            const DeviceClaim *claim, Request request);

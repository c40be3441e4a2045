/* The boxes of the sites: which key serves which site, who waits for approval, enrolment tokens,
 * and the pace at which they are let in after a power cut. An approved device is in the store; a
 * pending one only as long as its connection lives. Main loop only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bridge/base/problem.h"
#include "signalling/dispatch.h"

typedef struct json_t json_t;
typedef struct Client Client;
typedef struct Server Server;
typedef struct Site Site;
typedef struct Devices Devices;

#define DEVICE_KEY_BYTES 32
#define DEVICE_SIGNATURE_BYTES 64
/* What is signed is this and the 32 bytes of the nonce. */
#define DEVICE_AUTH_CONTEXT "diemcau-device-auth-v1\n"
/* 7F3K-9QXW and the NUL. */
#define DEVICE_PAIRING_CODE_SIZE 10
/* Four groups of four letters and the NUL: 80 bits. */
#define DEVICE_TOKEN_SIZE 20

/* Reads the approved devices from the store. */
Devices *devices_new(Server *server, GError **error);
void devices_free(Devices *devices);

/* What device.auth says. Borrowed for the call. */
typedef struct DeviceClaim {
    uint8_t key[DEVICE_KEY_BYTES];
    uint8_t signature[DEVICE_SIGNATURE_BYTES];
    const char *name;
    const char *software;
    const char *token; /* "": none */
    json_t *media;     /* NULL: none */
} DeviceClaim;

/* Checks the signature over the client's nonce, then lets the device in, or puts it on the list of
 * pending ones. Answers the request, at once or when its turn has come. */
void devices_authenticate(Devices *devices, Client *client, const DeviceClaim *claim,
                          Request request);
/* Gives the pending device with this code to a site; the site's old box is replaced. */
void devices_approve(Devices *devices, const char *pairing_code, const char *site, const char *by,
                     Request request);
/* The key is refused from now on; its socket and media end at once. */
void devices_revoke(Devices *devices, const char *key, Request request);
/* A one-time enrolment token for a site; answered with "token". */
void devices_make_token(Devices *devices, const char *site, int64_t ttl_s, const char *by,
                        Request request);
/* [{key,site,state,name,software,pairing_code,last_seen_ms}]; the caller owns it. */
json_t *devices_to_json(Devices *devices);

void devices_on_client_gone(Devices *devices, Client *client);
/* Its device has to be approved again. */
void devices_on_site_removed(Devices *devices, const Site *site);
/* Devices that are connected and let in. */
size_t devices_online_count(const Devices *devices);
/* Devices whose answer waits for the admission pace. */
size_t devices_waiting_count(const Devices *devices);

/* The TLS certificate of the web door: the one the configuration names, or a self-signed ECDSA
 * P-256 one that is made at the first start and kept in the data directory. Any thread. */
#pragma once

#include <glib.h>
#include <stdint.h>

typedef struct Certificate {
    char *certificate_file;
    char *private_key_file;
    char *fingerprint;  /* SHA-256, "AB:CD:…" */
    int64_t expires_ms; /* wall clock */
} Certificate;

/* `certificate_file` "": the self-signed one in `data_dir`. The error says what to do. */
Certificate *certificate_load(const char *certificate_file, const char *private_key_file,
                              const char *data_dir, GError **error);
void certificate_free(Certificate *certificate);
/* Without making one; for diemcau-ctl doctor. */
Certificate *certificate_read(const char *certificate_file, GError **error);

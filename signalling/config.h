/* What the configuration file says (config/diemcau.conf, GKeyFile), checked and with defaults. Read
 * once; an unreadable file or a wrong value is an error that names file, line and column. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Config {
    char *listen; /* address of the TCP port; "::" is every address */
    uint16_t port;
    char *data_dir;
    char *runtime_dir;
    char *bin_dir;  /* where diemcau-relay and diemcau-mixer are; beside the server by default */
    char *web_root; /* the built page */
    char *layouts_file;
    char *rehearsal_command; /* the load test that the page may start; "": none */
    char *views_file;        /* "": views.json beside the layouts, if it is there */
    char *certificate_file;  /* "": self-signed, in data_dir */
    char *private_key_file;
    char **allowed_origins; /* beside the server's own */
    char **metrics_tokens;  /* each lets another machine read /metrics */
    uint16_t media_port;    /* UDP */
    char **media_addresses; /* empty: all non-loopback */
    bool media_loopback;
    char *default_layout;
    int max_seats;
    char *mail_url; /* smtp://HOST[:PORT] or smtps://…; "": no mail */
    char *mail_user;
    char *mail_password;
    char *mail_from;     /* the sender's address */
    char *mail_link;     /* how the invited reach the page, https://…/; "": as the server does */
    char *recording_dir; /* "recordings" in data_dir by default */
    int recording_reserve_mib; /* of its disk, that recordings leave free */
    int recording_keep_days;   /* 0: until somebody deletes them */
    int admissions_per_s;      /* devices invited or let in a second */
} Config;

/* `path` NULL: the defaults. `overrides` are "group.key=value" strings of the command line, or
 * NULL. */
Config *config_load(const char *path, char **overrides, GError **error);
void config_free(Config *config);

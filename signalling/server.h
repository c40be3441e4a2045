/* The signalling server: the root of the ownership tree. Every noun below lives on the main loop
 * and reaches its siblings through this struct; main.c builds it in this order and frees it in the
 * reverse one. */
#pragma once

typedef struct Config Config;
typedef struct Store Store;
typedef struct Directory Directory;
typedef struct Devices Devices;
typedef struct Users Users;
typedef struct Clients Clients;
typedef struct Supervisor Supervisor;
typedef struct Meetings Meetings;
typedef struct Rehearsal Rehearsal;
typedef struct ReportPress ReportPress;
typedef struct Templates Templates;
typedef struct Schedule Schedule;
typedef struct Readiness Readiness;
typedef struct Invitations Invitations;
typedef struct Recordings Recordings;

typedef struct Server {
    Config *config;         /* what the configuration file says; never changes */
    Store *store;           /* SQLite, on its own thread */
    Directory *directory;   /* the sites */
    Devices *devices;       /* keys, tokens, pending devices */
    Users *users;           /* passwords, login sessions */
    Clients *clients;       /* everybody who is connected */
    Supervisor *supervisor; /* the relay and the mixers */
    Meetings *meetings;
    Rehearsal *rehearsal;
    ReportPress *press;       /* reports as files, on its own thread */
    Templates *templates;     /* plans by name */
    Schedule *schedule;       /* plans by time */
    Readiness *readiness;     /* which sites are fit for a meeting */
    Invitations *invitations; /* letters to the sites of bookings, and their answers */
    Recordings *recordings;   /* what is recorded, and what was */
    const char *fingerprint;  /* of the TLS certificate, SHA-256; borrowed from main */
} Server;

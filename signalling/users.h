/* The people: names, roles, passwords, and the one-time link by which the first of them comes in.
 * There is no default password. Names and password hashes are in memory and in the store; the hash
 * of a set-up link is in memory only: every start makes a new one. Main loop only. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/problem.h"
#include "signalling/client.h"
#include "signalling/sessions.h"

typedef struct Server Server;
typedef struct Users Users;

#define USER_NAME_BYTES_MAX 64
#define USER_PASSWORD_BYTES_MIN 8
/* 140 bits as a code of seven groups, and the NUL. */
#define SETUP_TOKEN_SIZE 35

#define SETUP_LINK_MS (INT64_C(30) * 60 * 1000)

/* `token` is what goes into the cookie; NULL when there is a problem. With the code "limit",
 * `retry_after_s` says how long to wait. */
typedef struct LoginResult {
    const char *token;
    const Session *session;
    const Problem *problem;
    int retry_after_s;
} LoginResult;
typedef void (*LoginReply)(const LoginResult *result, void *data);
typedef void (*UsersReply)(const Problem *problem, void *data);

/* Reads users and sessions from the store. */
Users *users_new(Server *server, GError **error);
void users_free(Users *users);
/* Replaces the wall clock (milliseconds), for tests. */
void users_set_clock(Users *users, int64_t (*now_ms)(void));

size_t users_count(const Users *users);
/* ROLE_GUEST when there is no such role. */
ClientRole role_from_text(const char *text);
const char *role_to_text(ClientRole role);

/* Replies may come before these return. */
void users_add(Users *users, const char *name, const char *password, ClientRole role,
               UsersReply reply, void *data);
void users_login(Users *users, const char *name, const char *password, const char *address,
                 LoginReply reply, void *data);
/* The first user, by the token of a set-up link; then logged in. */
void users_setup(Users *users, const char *token, const char *name, const char *password,
                 LoginReply reply, void *data);

/* The session of a cookie's token, which is seen just now; NULL when there is none or it has ended.
 */
const Session *users_find_session(Users *users, const char *token);
/* Ends it and closes its sockets. */
void users_logout(Users *users, const char *session_hash);

/* A new one-time token for the set-up link; earlier ones end. False ("conflict") once there is a
 * user. */
bool users_make_setup_token(Users *users, char ret_token[SETUP_TOKEN_SIZE], Problem *problem);

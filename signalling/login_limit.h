/* How fast somebody may guess passwords: per account and per address a delay that doubles with each
 * failure and is forgotten with time. Nobody is locked out: an address that has logged in to an
 * account before does not wait for what others try on it. Bounded memory; times are the caller's,
 * monotonic microseconds. Any one thread. */
#pragma once

#include <stdint.h>

typedef struct LoginLimit LoginLimit;

LoginLimit *login_limit_new(void);
void login_limit_free(LoginLimit *limit);

/* How long this attempt has to wait; 0: it may go on, and counts as failed until login_limit_pass
 * says otherwise, so that parallel attempts do not slip through. */
int64_t login_limit_try_us(LoginLimit *limit, const char *user, const char *address,
                           int64_t now_us);
void login_limit_pass(LoginLimit *limit, const char *user, const char *address, int64_t now_us);

/* Password hashing (argon2id) on a thread of its own, with a bounded queue: a hash costs about 20
 * ms and 19 MiB, and nobody may make the server spend more than that at a time. Answers arrive on
 * the main loop. Main loop only. */
#pragma once

#include <stdbool.h>

typedef struct Passwords Passwords;

/* `hash` is the text to store, or NULL when there was no memory. Borrowed for the call. */
typedef void (*PasswordHashed)(const char *hash, void *data);
typedef void (*PasswordVerified)(bool is_right, void *data);

Passwords *passwords_new(void);
/* Waits for the hash that is being made; the waiting ones are answered with NULL or false. */
void passwords_free(Passwords *passwords);

/* False when the queue is full; `call` is not called then. Never call back before returning. */
bool passwords_hash(Passwords *passwords, const char *password, PasswordHashed call, void *data);
/* `hash` NULL: an unknown user. Takes as long as a known one and is never right. */
bool passwords_verify(Passwords *passwords, const char *password, const char *hash,
                      PasswordVerified call, void *data);

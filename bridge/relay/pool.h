/* Buffers for packets that wait for a missing one before them: a fixed number, shared by all
 * senders, so that no sender can make the relay grow. Owned by the relay, on its loop. */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct Pool Pool;

#define POOL_NONE (-1)

Pool *pool_new(size_t count, size_t buffer_bytes);
/* Everything taken has been returned. */
void pool_free(Pool *pool);
/* A buffer's number, or POOL_NONE when all are taken. */
int pool_take(Pool *pool);
/* The contents stay readable until the next pool_take. */
void pool_return(Pool *pool, int buffer);
uint8_t *pool_bytes(Pool *pool, int buffer);
size_t pool_free_count(const Pool *pool);

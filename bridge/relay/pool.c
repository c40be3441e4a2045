#include "bridge/relay/pool.h"

#include <glib.h>

struct Pool {
    size_t buffer_bytes;
    size_t count;
    size_t free_count;
    int *free_buffers; /* a stack */
    uint8_t *bytes;
};

Pool *pool_new(size_t count, size_t buffer_bytes)
{
    Pool *pool = g_new0(Pool, 1);
    pool->buffer_bytes = buffer_bytes;
    pool->count = count;
    pool->free_count = count;
    pool->free_buffers = g_new(int, count);
    for (size_t i = 0; i < count; i++) {
        pool->free_buffers[i] = (int)i;
    }
    pool->bytes = g_malloc(count * buffer_bytes);
    return pool;
}

void pool_free(Pool *pool)
{
    if (pool == NULL) {
        return;
    }
    g_free(pool->bytes);
    g_free(pool->free_buffers);
    g_free(pool);
}

int pool_take(Pool *pool)
{
    return pool->free_count == 0 ? POOL_NONE : pool->free_buffers[--pool->free_count];
}

void pool_return(Pool *pool, int buffer)
{
    pool->free_buffers[pool->free_count++] = buffer;
}

uint8_t *pool_bytes(Pool *pool, int buffer)
{
    return pool->bytes + (size_t)buffer * pool->buffer_bytes;
}

size_t pool_free_count(const Pool *pool)
{
    return pool->free_count;
}

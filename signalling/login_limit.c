#include "signalling/login_limit.h"

#include <glib.h>
#include <stdbool.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"

/* Free of delay: a person mistypes; an office shares one address. */
#define ACCOUNT_FREE 5
#define ADDRESS_FREE 20
#define DELAY_MAX_US (30 * CLOCK_US_PER_S)
#define FORGET_US (15 * 60 * CLOCK_US_PER_S)
#define KNOWN_US (INT64_C(30) * 24 * 3600 * CLOCK_US_PER_S)

typedef struct Entry {
    int failures;
    int64_t last_us;
    int64_t next_us;
    int64_t expires_us;
} Entry;

struct LoginLimit {
    GHashTable *entries; /* "u:name", "a:address", "k:name address" → Entry * */
};

LoginLimit *login_limit_new(void)
{
    LoginLimit *limit = g_new0(LoginLimit, 1);
    limit->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return limit;
}

void login_limit_free(LoginLimit *limit)
{
    if (limit == NULL) {
        return;
    }
    g_hash_table_unref(limit->entries);
    g_free(limit);
}

static void make_room(LoginLimit *limit, int64_t now_us)
{
    if (g_hash_table_size(limit->entries) < LIMIT_LOGIN_MEMORY) {
        return;
    }
    GHashTableIter iter;
    gpointer key;
    gpointer value;
    gpointer oldest = NULL;
    int64_t oldest_us = INT64_MAX;
    g_hash_table_iter_init(&iter, limit->entries);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        const Entry *entry = value;
        if (entry->expires_us <= now_us) {
            g_hash_table_iter_remove(&iter);
        } else if (entry->last_us < oldest_us) {
            oldest_us = entry->last_us;
            oldest = key;
        }
    }
    if (oldest != NULL && g_hash_table_size(limit->entries) >= LIMIT_LOGIN_MEMORY) {
        g_hash_table_remove(limit->entries, oldest);
    }
}

static Entry *find(LoginLimit *limit, const char *key, int64_t now_us)
{
    Entry *entry = g_hash_table_lookup(limit->entries, key);
    return entry != NULL && entry->expires_us > now_us ? entry : NULL;
}

static Entry *get(LoginLimit *limit, const char *key, int64_t now_us)
{
    Entry *entry = find(limit, key, now_us);
    if (entry == NULL) {
        make_room(limit, now_us);
        entry = g_new0(Entry, 1);
        g_hash_table_replace(limit->entries, g_strdup(key), entry);
    }
    entry->last_us = now_us;
    return entry;
}

static int64_t wait_us(LoginLimit *limit, const char *key, int64_t now_us)
{
    const Entry *entry = find(limit, key, now_us);
    return entry != NULL ? MAX(0, entry->next_us - now_us) : 0;
}

static void count_failure(LoginLimit *limit, const char *key, int free, int64_t now_us)
{
    Entry *entry = get(limit, key, now_us);
    entry->failures++;
    int doublings = MIN(entry->failures - free, 10);
    if (doublings > 0) {
        entry->next_us =
            now_us + MIN(DELAY_MAX_US, (INT64_C(1) << (doublings - 1)) * CLOCK_US_PER_S);
    }
    entry->expires_us = now_us + FORGET_US;
}

static char *account_key(LoginLimit *limit, const char *user, const char *address, int64_t now_us)
{
    char *known = g_strdup_printf("k:%s %s", user, address);
    if (find(limit, known, now_us) != NULL) {
        return known;
    }
    g_free(known);
    return g_strdup_printf("u:%s", user);
}

int64_t login_limit_try_us(LoginLimit *limit, const char *user, const char *address, int64_t now_us)
{
    g_autofree char *account = account_key(limit, user, address, now_us);
    g_autofree char *from = g_strdup_printf("a:%s", address);
    int64_t delay_us = MAX(wait_us(limit, account, now_us), wait_us(limit, from, now_us));
    if (delay_us == 0) {
        bool is_known = account[0] == 'k';
        int64_t expires_us = is_known ? find(limit, account, now_us)->expires_us : 0;
        count_failure(limit, account, ACCOUNT_FREE, now_us);
        count_failure(limit, from, ADDRESS_FREE, now_us);
        if (is_known) {
            find(limit, account, now_us)->expires_us = expires_us;
        }
    }
    return delay_us;
}

void login_limit_pass(LoginLimit *limit, const char *user, const char *address, int64_t now_us)
{
    g_autofree char *account = g_strdup_printf("u:%s", user);
    g_autofree char *from = g_strdup_printf("a:%s", address);
    g_autofree char *known = g_strdup_printf("k:%s %s", user, address);
    g_hash_table_remove(limit->entries, account);
    /* A right password pays back its own attempt only: an attacker may own one account. */
    Entry *entry = find(limit, from, now_us);
    if (entry != NULL && entry->failures > 0) {
        entry->failures--;
        entry->next_us = entry->failures <= ADDRESS_FREE ? 0 : entry->next_us;
    }
    entry = get(limit, known, now_us);
    entry->failures = 0;
    entry->next_us = 0;
    entry->expires_us = now_us + KNOWN_US;
}

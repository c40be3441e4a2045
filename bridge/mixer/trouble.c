#include "bridge/mixer/trouble.h"

#include <glib.h>
#include <jansson.h>

typedef struct Trouble {
    Look look;
    bool is_howling;
} Trouble;

struct Troubles {
    GHashTable *sources; /* source → Trouble; none for one that is well. */
};

Troubles *troubles_new(void)
{
    Troubles *troubles = g_new0(Troubles, 1);
    troubles->sources = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    return troubles;
}

void troubles_free(Troubles *troubles)
{
    if (troubles == NULL) {
        return;
    }
    g_hash_table_destroy(troubles->sources);
    g_free(troubles);
}

static Trouble find(const Troubles *troubles, uint32_t source)
{
    const Trouble *known = g_hash_table_lookup(troubles->sources, GUINT_TO_POINTER(source));
    return known == NULL ? (Trouble){0} : *known;
}

static bool set(Troubles *troubles, uint32_t source, Trouble now)
{
    Trouble before = find(troubles, source);
    if (before.look == now.look && before.is_howling == now.is_howling) {
        return false;
    }
    if (now.look == LOOK_FINE && !now.is_howling) {
        g_hash_table_remove(troubles->sources, GUINT_TO_POINTER(source));
    } else {
        g_hash_table_insert(troubles->sources, GUINT_TO_POINTER(source),
                            g_memdup2(&now, sizeof now));
    }
    return true;
}

bool troubles_set_look(Troubles *troubles, uint32_t source, Look look)
{
    Trouble trouble = find(troubles, source);
    trouble.look = look;
    return set(troubles, source, trouble);
}

bool troubles_set_howl(Troubles *troubles, uint32_t source, bool is_howling)
{
    Trouble trouble = find(troubles, source);
    trouble.is_howling = is_howling;
    return set(troubles, source, trouble);
}

json_t *troubles_event(const Troubles *troubles, uint32_t source)
{
    Trouble trouble = find(troubles, source);
    return json_pack("{s:I, s:s?, s:s?}", "source", (json_int_t)source, "picture",
                     look_name(trouble.look), "sound", trouble.is_howling ? "howling" : NULL);
}

void troubles_each(const Troubles *troubles, void (*call)(uint32_t source, void *data), void *data)
{
    GHashTableIter iter;
    void *source;
    g_hash_table_iter_init(&iter, troubles->sources);
    while (g_hash_table_iter_next(&iter, &source, NULL)) {
        call(GPOINTER_TO_UINT(source), data);
    }
}

#include "bridge/relay/peers.h"

#include <glib.h>

typedef struct Entry {
    uint64_t id;
    Peer *peer;
    size_t address_count;
    size_t next_address; /* the one that is replaced next */
    Address addresses[LIMIT_PEER_ADDRESSES];
} Entry;

struct Peers {
    GPtrArray *all;         /* Peer *, in no order */
    GHashTable *by_id;      /* uint64_t → Entry, owned */
    GHashTable *by_ufrag;   /* the transport's string → Entry */
    GHashTable *by_address; /* Address within the entry → Entry */
};

static void free_entry(gpointer data)
{
    Entry *entry = data;
    peer_free(entry->peer);
    g_free(entry);
}

Peers *peers_new(void)
{
    Peers *peers = g_new0(Peers, 1);
    peers->all = g_ptr_array_new();
    peers->by_id = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free_entry);
    peers->by_ufrag = g_hash_table_new(g_str_hash, g_str_equal);
    peers->by_address = g_hash_table_new(address_hash, address_equal);
    return peers;
}

void peers_free(Peers *peers)
{
    if (peers == NULL) {
        return;
    }
    g_hash_table_destroy(peers->by_address);
    g_hash_table_destroy(peers->by_ufrag);
    g_hash_table_destroy(peers->by_id);
    g_ptr_array_free(peers->all, TRUE);
    g_free(peers);
}

static Entry *find_entry(const Peers *peers, uint64_t id)
{
    return g_hash_table_lookup(peers->by_id, &id);
}

void peers_add(Peers *peers, Peer *peer)
{
    Entry *entry = g_new0(Entry, 1);
    entry->id = peer_id(peer);
    entry->peer = peer;
    g_ptr_array_add(peers->all, peer);
    g_hash_table_insert(peers->by_id, &entry->id, entry);
    g_hash_table_insert(peers->by_ufrag, (char *)transport_ufrag(peer_transport(peer)), entry);
}

static void forget_address(Peers *peers, Entry *entry, size_t index)
{
    Address *address = &entry->addresses[index];
    if (g_hash_table_lookup(peers->by_address, address) == entry) {
        g_hash_table_remove(peers->by_address, address);
    }
}

void peers_remove(Peers *peers, Peer *peer)
{
    Entry *entry = find_entry(peers, peer_id(peer));
    g_ptr_array_remove_fast(peers->all, peer);
    for (size_t i = 0; i < entry->address_count; i++) {
        forget_address(peers, entry, i);
    }
    g_hash_table_remove(peers->by_ufrag, transport_ufrag(peer_transport(peer)));
    g_hash_table_remove(peers->by_id, &entry->id);
}

size_t peers_count(const Peers *peers)
{
    return peers->all->len;
}

void peers_each(Peers *peers, void (*call)(Peer *peer, void *data), void *data)
{
    for (guint i = peers->all->len; i > 0; i--) {
        call(peers->all->pdata[i - 1], data);
    }
}

Peer *peers_find(const Peers *peers, uint64_t id)
{
    const Entry *entry = find_entry(peers, id);
    return entry == NULL ? NULL : entry->peer;
}

Peer *peers_find_ufrag(const Peers *peers, const char *local_ufrag)
{
    const Entry *entry = g_hash_table_lookup(peers->by_ufrag, local_ufrag);
    return entry == NULL ? NULL : entry->peer;
}

Peer *peers_find_address(const Peers *peers, const Address *address)
{
    const Entry *entry = g_hash_table_lookup(peers->by_address, address);
    return entry == NULL ? NULL : entry->peer;
}

static size_t take_place(Peers *peers, Entry *entry)
{
    if (entry->address_count < LIMIT_PEER_ADDRESSES) {
        return entry->address_count++;
    }
    size_t place = entry->next_address;
    entry->next_address = (place + 1) % LIMIT_PEER_ADDRESSES;
    forget_address(peers, entry, place);
    return place;
}

void peers_learn_address(Peers *peers, Peer *peer, const Address *address)
{
    Entry *entry = find_entry(peers, peer_id(peer));
    if (g_hash_table_lookup(peers->by_address, address) == entry) {
        return;
    }
    size_t place = take_place(peers, entry);
    entry->addresses[place] = *address;
    g_hash_table_replace(peers->by_address, &entry->addresses[place], entry);
}

#include "bridge/relay/history.h"

#include <glib.h>

struct History {
    HistoryPacket packets[LIMIT_HISTORY_PACKETS]; /* index 0: empty */
};

History *history_new(void)
{
    return g_new0(History, 1);
}

void history_free(History *history)
{
    g_free(history);
}

HistoryPacket *history_put(History *history, uint64_t index)
{
    HistoryPacket *packet = &history->packets[index % LIMIT_HISTORY_PACKETS];
    packet->index = index;
    return packet;
}

const HistoryPacket *history_find(const History *history, uint64_t index)
{
    const HistoryPacket *packet = &history->packets[index % LIMIT_HISTORY_PACKETS];
    return index != 0 && packet->index == index ? packet : NULL;
}

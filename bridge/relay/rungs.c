#include "bridge/relay/rungs.h"

#include <glib.h>

#include "bridge/relay/fanout.h"
#include "bridge/relay/pacer.h"

/* A rung and its receivers, those among them that wait for its key frame, and those that have gone
 * over to another one since the last look. */
typedef struct Feed {
    Rung *rung; /* NULL: nobody has watched it yet */
    GPtrArray *audience;
    FanoutJob job;
    int64_t watched_us;
} Feed;

struct Rungs {
    Counters *counters;
    Views views;
    Feed feeds[LIMIT_RUNGS];
};

Rungs *rungs_new(Counters *counters)
{
    Rungs *rungs = g_new0(Rungs, 1);
    rungs->counters = counters;
    rungs->views = views_default;
    return rungs;
}

static bool belongs(const Feed *feed, Peer *peer)
{
    const Downlink *downlink = peer_downlink(peer);
    return downlink_rung(downlink) == feed->rung || downlink_next_rung(downlink) == feed->rung;
}

static void clear_feed(Feed *feed)
{
    g_clear_pointer(&feed->audience, g_ptr_array_unref);
    rung_free(feed->rung);
    *feed = (Feed){0};
}

/* Its receivers get nothing until they are steered again. */
static void close_feed(Feed *feed)
{
    for (guint i = 0; i < feed->audience->len; i++) {
        if (belongs(feed, feed->audience->pdata[i])) {
            downlink_watch(peer_downlink(feed->audience->pdata[i]), NULL);
        }
    }
    clear_feed(feed);
}

void rungs_free(Rungs *rungs)
{
    if (rungs == NULL) {
        return;
    }
    for (size_t i = 0; i < LIMIT_RUNGS; i++) {
        clear_feed(&rungs->feeds[i]);
    }
    g_free(rungs);
}

void rungs_set_views(Rungs *rungs, const Views *views)
{
    rungs->views = *views;
    for (size_t i = 0; i < LIMIT_RUNGS; i++) {
        const ViewRung *wanted = views_find_rung(views, (uint16_t)i);
        Feed *feed = &rungs->feeds[i];
        if (feed->rung != NULL && (wanted == NULL || wanted->codec != rung_codec(feed->rung))) {
            close_feed(feed);
        }
    }
}

void rungs_restart(Rungs *rungs)
{
    for (size_t i = 0; i < LIMIT_RUNGS; i++) {
        if (rungs->feeds[i].rung != NULL) {
            rung_restart(rungs->feeds[i].rung);
        }
    }
}

/* Watching. */

static Feed *open_feed(Rungs *rungs, uint16_t id)
{
    Feed *feed = &rungs->feeds[id];
    if (feed->rung == NULL) {
        feed->rung = rung_new(id, views_find_rung(&rungs->views, id)->codec);
        feed->audience = g_ptr_array_new();
    }
    return feed;
}

static void make_ladder(const Rungs *rungs, const Peer *peer, int64_t now_us, Ladder *ret_ladder)
{
    const View *view = views_find(&rungs->views, peer_view(peer));
    int cap_kbps = peer_view_kbps(peer);
    *ret_ladder = (Ladder){0};
    for (size_t i = 0; i < view->rung_count; i++) {
        const ViewRung *rung = &view->rungs[i];
        if (!downlink_takes(peer_downlink(peer), rung->codec) || rung->kbps > cap_kbps) {
            continue;
        }
        const Feed *feed = &rungs->feeds[rung->id];
        ret_ladder->steps[ret_ladder->count++] = (LadderStep){
            .rung = rung->id,
            .nominal_bps = rung->kbps * 1000.0,
            .rate_bps = feed->rung == NULL ? 0 : rung_rate_bps(feed->rung, now_us),
        };
    }
}

bool rungs_steer(Rungs *rungs, Peer *peer, int64_t now_us)
{
    if (!peer_is_sending(peer)) {
        return false;
    }
    Ladder ladder;
    make_ladder(rungs, peer, now_us, &ladder);
    Downlink *downlink = peer_downlink(peer);
    size_t step = downlink_choose(downlink, &ladder, now_us);
    if (step == ladder.count) {
        return downlink_watch(downlink, NULL);
    }
    Feed *feed = open_feed(rungs, ladder.steps[step].rung);
    if (!belongs(feed, peer) && !g_ptr_array_find(feed->audience, peer, NULL)) {
        g_ptr_array_add(feed->audience, peer);
    }
    feed->watched_us = now_us;
    return downlink_watch(downlink, feed->rung);
}

void rungs_leave(Rungs *rungs, Peer *peer)
{
    for (size_t i = 0; i < LIMIT_RUNGS; i++) {
        if (rungs->feeds[i].audience != NULL) {
            g_ptr_array_remove_fast(rungs->feeds[i].audience, peer);
        }
    }
}

/* Those who went over to another rung leave. */
static void tidy(Feed *feed)
{
    for (guint i = feed->audience->len; i > 0; i--) {
        if (!belongs(feed, feed->audience->pdata[i - 1])) {
            g_ptr_array_remove_index_fast(feed->audience, i - 1);
        }
    }
}

size_t rungs_wanted(Rungs *rungs, int64_t now_us, uint16_t *ret_ids)
{
    size_t count = 0;
    for (size_t i = 0; i < LIMIT_RUNGS; i++) {
        Feed *feed = &rungs->feeds[i];
        if (feed->rung == NULL) {
            continue;
        }
        tidy(feed);
        if (feed->audience->len > 0) {
            feed->watched_us = now_us;
        }
        if (now_us - feed->watched_us < RUNGS_LINGER_US) {
            ret_ids[count++] = (uint16_t)i;
        }
    }
    return count;
}

void rungs_ask_keyframes(Rungs *rungs, int64_t now_us, void (*ask)(uint16_t rung, void *data),
                         void *data)
{
    for (size_t i = 0; i < LIMIT_RUNGS; i++) {
        Rung *rung = rungs->feeds[i].rung;
        if (rung != NULL && keyframe_take(rung_governor(rung), now_us)) {
            rungs->counters->keyframes_asked++;
            ask((uint16_t)i, data);
        }
    }
}

/* Packets. */

bool rungs_on_picture(Rungs *rungs, const MedialinkHeader *header, const RtpPacket *packet)
{
    const ViewRung *known = views_find_rung(&rungs->views, header->rung);
    if (known == NULL) {
        return false;
    }
    int payload_type =
        known->codec == VIDEO_H264 ? MEDIALINK_H264_PAYLOAD_TYPE : MEDIALINK_VP8_PAYLOAD_TYPE;
    if (packet->payload_type != payload_type) {
        return false;
    }
    Rung *rung = rungs->feeds[header->rung].rung;
    bool ends_frame = (header->flags & MEDIALINK_FLAG_FRAME_END) != 0;
    return rung == NULL || rung_on_packet(rung, packet, ends_frame, header->time_us);
}

int64_t rungs_fan_out(Rungs *rungs, int64_t now_us)
{
    int64_t again_us = -1;
    for (size_t i = 0; i < LIMIT_RUNGS; i++) {
        Feed *feed = &rungs->feeds[i];
        if (feed->rung == NULL) {
            continue;
        }
        if (rung_pace(feed->rung, now_us, &rungs->counters->packets_paced) && again_us < 0) {
            again_us = now_us + PACER_SLOT_US;
        }
        if (fanout_pictures(&feed->job, feed->audience, feed->rung, now_us)) {
            again_us = now_us;
        }
    }
    return again_us;
}

#include "endpoints/client/linkcheck.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/clock.h"

#define PINGS 4

struct LinkCheck {
    Client *client;
    bool is_quiet;
    LinkCheckDone done;
    void *data;
    int pings;
    int64_t asked_us;
    int64_t asked_ms; /* wall clock */
    LinkResult result;
};

static int64_t wall_ms(void)
{
    return g_get_real_time() / 1000;
}

static void ask(LinkCheck *check, json_t *request, ClientReply reply)
{
    check->asked_us = clock_now_us();
    check->asked_ms = wall_ms();
    client_request(check->client, request, reply, check);
}

static void give_up(LinkCheck *check)
{
    check->result = (LinkResult){.is_answered = false};
    check->done(&check->result, check->data);
}

/* The time beyond that of a ping is what the bytes took. */
static int rate_of(const LinkCheck *check)
{
    int64_t took_us = clock_now_us() - check->asked_us - check->result.rtt_us;
    int64_t kbps = (int64_t)LINK_CHECK_BYTES * 8 * 1000 / MAX(took_us, 1);
    return (int)MIN(kbps, LINK_CHECK_KBPS_MAX);
}

static void on_down(json_t *ok, const Problem *problem, void *data)
{
    LinkCheck *check = data;
    if (problem != NULL) {
        give_up(check);
        return;
    }
    check->result.down_kbps = rate_of(check);
    check->result.has_rates = true;
    check->done(&check->result, check->data);
}

static void on_up(json_t *ok, const Problem *problem, void *data)
{
    LinkCheck *check = data;
    if (problem != NULL) {
        give_up(check);
        return;
    }
    check->result.up_kbps = rate_of(check);
    ask(check, json_pack("{s:s, s:i}", "type", "device.probe", "bytes", LINK_CHECK_BYTES), on_down);
}

static void send_up(LinkCheck *check)
{
    g_autofree char *fill = g_malloc(LINK_CHECK_BYTES + 1);
    memset(fill, 'x', LINK_CHECK_BYTES);
    fill[LINK_CHECK_BYTES] = '\0';
    ask(check, json_pack("{s:s, s:s}", "type", "device.probe", "fill", fill), on_up);
}

static void note_ping(LinkCheck *check, json_t *ok)
{
    int64_t rtt_us = clock_now_us() - check->asked_us;
    LinkResult *result = &check->result;
    if (result->is_answered && rtt_us >= result->rtt_us) {
        return;
    }
    int64_t theirs_ms = json_integer_value(json_object_get(ok, "time_ms"));
    result->is_answered = true;
    result->rtt_us = rtt_us;
    result->clock_ms = (check->asked_ms + wall_ms()) / 2 - theirs_ms;
}

static void ping(LinkCheck *check);

static void on_ping(json_t *ok, const Problem *problem, void *data)
{
    LinkCheck *check = data;
    if (problem != NULL) {
        give_up(check);
        return;
    }
    note_ping(check, ok);
    if (++check->pings < PINGS) {
        ping(check);
    } else if (check->is_quiet) {
        check->done(&check->result, check->data);
    } else {
        send_up(check);
    }
}

static void ping(LinkCheck *check)
{
    ask(check, json_pack("{s:s}", "type", "ping"), on_ping);
}

LinkCheck *link_check_start(Client *client, bool is_quiet, LinkCheckDone done, void *data)
{
    LinkCheck *check = g_new0(LinkCheck, 1);
    check->client = client;
    check->is_quiet = is_quiet;
    check->done = done;
    check->data = data;
    ping(check);
    return check;
}

void link_check_free(LinkCheck *check)
{
    g_free(check);
}

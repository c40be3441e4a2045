/* bench_receivers: many simulated sites in one process, told over a control socket whom to agree
 * with. The same for every server under test. */
#include <gio/gio.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "bridge/base/clock.h"
#include "bridge/base/control.h"
#include "bridge/base/fields.h"
#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "tests/bench/bare.h"
#include "tests/bench/listener.h"

#define COUNT_MAX 2200
/* Sockets and some. */
#define FILES_WANTED (COUNT_MAX + 64)
/* Packets wait in the sockets for so long: reading them in batches is what makes many cheap. */
#define POLL_US (20 * CLOCK_US_PER_MS)
/* While they connect, nobody should wait for us. */
#define HASTY_POLL_US (2 * CLOCK_US_PER_MS)
#define ORPHAN_US (60 * CLOCK_US_PER_S)
/* Voices begin at different places of the reel. */
#define VOICE_STEP 97

typedef struct Arguments {
    char *control;
    char *address;
    char *voice;
    int count;
    int talkers;
    gboolean is_sound_only;
} Arguments;

typedef struct Mark {
    EarCounts counts;
    uint32_t unread;
} Mark;

typedef struct Receivers {
    Switchboard *board;
    DtlsIdentity *identity;
    Reel *voice;
    Control *control;
    LoopWatch *tick;
    bool is_hasty;
    size_t count;
    Listener **listeners;
    Mark *marks; /* where the window began */
    int64_t begun_us;
} Receivers;

static Listener *find_listener(Receivers *receivers, json_t *request, Problem *problem)
{
    int64_t index;
    bool is_found = field_int(request, "peer", 0, (int64_t)receivers->count - 1, &index, problem);
    return is_found ? receivers->listeners[index] : NULL;
}

static bool read_sdp(json_t *request, const char **ret_sdp, Problem *problem)
{
    return field_string(request, "sdp", 1, LIMIT_SDP_BYTES, ret_sdp, problem);
}

static json_t *take_sdp(char *sdp)
{
    json_t *ok = json_pack("{s:s}", "sdp", sdp);
    g_free(sdp);
    return ok;
}

static json_t *on_offer(void *owner, json_t *request, Problem *problem)
{
    Listener *listener = find_listener(owner, request, problem);
    return listener == NULL ? NULL : take_sdp(listener_offer(listener));
}

static json_t *on_accept(void *owner, json_t *request, Problem *problem)
{
    const char *sdp;
    Listener *listener = find_listener(owner, request, problem);
    if (listener == NULL || !read_sdp(request, &sdp, problem) ||
        !listener_set_answer(listener, sdp, problem)) {
        return NULL;
    }
    return json_object();
}

static json_t *on_answer(void *owner, json_t *request, Problem *problem)
{
    const char *sdp;
    Listener *listener = find_listener(owner, request, problem);
    if (listener == NULL || !read_sdp(request, &sdp, problem)) {
        return NULL;
    }
    char *answer = listener_answer(listener, sdp, problem);
    return answer == NULL ? NULL : take_sdp(answer);
}

static json_t *on_bare(void *owner, json_t *request, Problem *problem)
{
    Receivers *receivers = owner;
    json_t *ports = json_array();
    const SrtpKeys keys = bare_keys(BARE_RECEIVER);
    for (size_t i = 0; i < receivers->count; i++) {
        json_array_append_new(ports,
                              json_integer(listener_open_bare(receivers->listeners[i], &keys)));
    }
    return json_pack("{s:o}", "ports", ports);
}

static json_t *on_status(void *owner, json_t *request, Problem *problem)
{
    Receivers *receivers = owner;
    int connected = 0;
    int served = 0;
    int failed = 0;
    const char *failure = "";
    for (size_t i = 0; i < receivers->count; i++) {
        const Listener *listener = receivers->listeners[i];
        connected += listener_state(listener) == LISTENER_CONNECTED;
        served += listener_is_served(listener);
        if (listener_state(listener) == LISTENER_FAILED) {
            failed++;
            failure = listener_failure(listener);
        }
    }
    return json_pack("{s:i, s:i, s:i, s:s, s:s}", "connected", connected, "served", served,
                     "failed", failed, "failure", failure, "profile",
                     listener_profile(receivers->listeners[0]));
}

static Mark mark_of(const Listener *listener)
{
    return (Mark){.counts = listener_counts(listener), .unread = listener_unread(listener)};
}

static json_t *on_window_begin(void *owner, json_t *request, Problem *problem)
{
    Receivers *receivers = owner;
    receivers->begun_us = clock_now_us();
    for (size_t i = 0; i < receivers->count; i++) {
        receivers->marks[i] = mark_of(receivers->listeners[i]);
    }
    return json_object();
}

static void add_since(Mark *sum, const Mark *now, const Mark *before)
{
    sum->counts.expected += now->counts.expected - before->counts.expected;
    sum->counts.received += now->counts.received - before->counts.received;
    sum->counts.bytes += now->counts.bytes - before->counts.bytes;
    sum->counts.decrypted += now->counts.decrypted - before->counts.decrypted;
    sum->counts.rejected += now->counts.rejected - before->counts.rejected;
    sum->unread += now->unread - before->unread;
}

/* Stalled: who was given less than half of what most was given. */
static int count_stalled(const Receivers *receivers)
{
    uint64_t most = 0;
    int stalled = 0;
    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < receivers->count; i++) {
            uint64_t received = listener_counts(receivers->listeners[i]).received -
                                receivers->marks[i].counts.received;
            most = MAX(most, received);
            stalled += pass == 1 && received < most / 2;
        }
    }
    return stalled;
}

static json_t *on_window(void *owner, json_t *request, Problem *problem)
{
    Receivers *receivers = owner;
    Mark sum = {0};
    for (size_t i = 0; i < receivers->count; i++) {
        Mark now = mark_of(receivers->listeners[i]);
        add_since(&sum, &now, &receivers->marks[i]);
    }
    return json_pack("{s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:i}", "seconds",
                     (double)(clock_now_us() - receivers->begun_us) / (double)CLOCK_US_PER_S,
                     "expected", (json_int_t)sum.counts.expected, "received",
                     (json_int_t)sum.counts.received, "bytes", (json_int_t)sum.counts.bytes,
                     "decrypted", (json_int_t)sum.counts.decrypted, "rejected",
                     (json_int_t)sum.counts.rejected, "unread", (json_int_t)sum.unread, "stalled",
                     count_stalled(receivers));
}

static const ControlOp ops[] = {
    {"offer", on_offer},   {"accept", on_accept}, {"answer", on_answer},
    {"bare", on_bare},     {"status", on_status}, {"window.begin", on_window_begin},
    {"window", on_window}, {NULL, NULL},
};

static bool is_connecting(const Listener *listener)
{
    return listener_state(listener) == LISTENER_CONNECTING;
}

static void on_tick(void *data)
{
    Receivers *receivers = data;
    int64_t now_us = clock_now_us();
    size_t connecting = 0;
    switchboard_poll(receivers->board);
    for (size_t i = 0; i < receivers->count; i++) {
        listener_tick(receivers->listeners[i], now_us);
        connecting += is_connecting(receivers->listeners[i]);
    }
    if ((connecting > 0) != receivers->is_hasty) {
        receivers->is_hasty = connecting > 0;
        loop_drop(&receivers->tick);
        receivers->tick =
            loop_every(receivers->is_hasty ? HASTY_POLL_US : POLL_US, on_tick, receivers);
    }
}

static void on_orphaned(void *owner)
{
    loop_stop();
}

static bool parse_arguments(int *argc, char ***argv, Arguments *a, GError **error)
{
    const GOptionEntry entries[] = {
        {"control", 0, 0, G_OPTION_ARG_FILENAME, &a->control, "Takes commands here", "SOCKET"},
        {"address", 0, 0, G_OPTION_ARG_STRING, &a->address, "Our own address", "A"},
        {"count", 0, 0, G_OPTION_ARG_INT, &a->count, "How many there are", "N"},
        {"sound-only", 0, 0, G_OPTION_ARG_NONE, &a->is_sound_only, "They want no picture", NULL},
        {"talkers", 0, 0, G_OPTION_ARG_INT, &a->talkers, "The first N talk (0)", "N"},
        {"voice", 0, 0, G_OPTION_ARG_FILENAME, &a->voice, "Packets of what they say", "FILE"},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new("— many simulated sites");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error)) {
        return false;
    }
    if (a->control == NULL || a->address == NULL || a->count < 1 || a->count > COUNT_MAX ||
        a->talkers < 0 || a->talkers > a->count || (a->talkers > 0 && a->voice == NULL)) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "--control, --address and --count 1…%d are needed; see --help", COUNT_MAX);
        return false;
    }
    return true;
}

static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < FILES_WANTED) {
        limit.rlim_cur = MIN((rlim_t)FILES_WANTED, limit.rlim_max);
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool open_listeners(Receivers *receivers, const Arguments *arguments, GError **error)
{
    receivers->listeners = g_new0(Listener *, (gsize)arguments->count);
    receivers->marks = g_new0(Mark, (gsize)arguments->count);
    for (int i = 0; i < arguments->count; i++) {
        const ListenerOptions options = {
            .board = receivers->board,
            .identity = receivers->identity,
            .address = arguments->address,
            .voice = i < arguments->talkers ? receivers->voice : NULL,
            .voice_first = (size_t)i * VOICE_STEP,
            .receives_video = !arguments->is_sound_only,
            .sends_audio = arguments->is_sound_only,
        };
        receivers->listeners[i] = listener_new(&options, error);
        if (receivers->listeners[i] == NULL) {
            return false;
        }
        receivers->count++;
    }
    return true;
}

static bool open_receivers(Receivers *receivers, const Arguments *arguments, GError **error)
{
    const ControlOptions control = {
        .path = arguments->control,
        .ops = ops,
        .owner = receivers,
        .orphan_us = ORPHAN_US,
        .on_orphaned = on_orphaned,
    };
    receivers->board = switchboard_new(error);
    receivers->identity = receivers->board == NULL ? NULL : dtls_identity_new(error);
    if (receivers->identity == NULL) {
        return false;
    }
    if (arguments->voice != NULL) {
        receivers->voice = reel_load(arguments->voice, REEL_SOUND, error);
    }
    if ((arguments->voice != NULL && receivers->voice == NULL) ||
        !open_listeners(receivers, arguments, error)) {
        return false;
    }
    receivers->tick = loop_every(POLL_US, on_tick, receivers);
    receivers->control = control_new(&control, error);
    return receivers->control != NULL;
}

static void close_receivers(Receivers *receivers)
{
    control_free(receivers->control);
    loop_drop(&receivers->tick);
    for (size_t i = 0; i < receivers->count; i++) {
        listener_free(receivers->listeners[i]);
    }
    g_free(receivers->listeners);
    g_free(receivers->marks);
    reel_free(receivers->voice);
    dtls_identity_free(receivers->identity);
    switchboard_free(receivers->board);
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    Arguments arguments = {0};
    Receivers receivers = {0};
    log_init("receivers", LOG_WARNING);
    raise_file_limit();
    bool is_open = parse_arguments(&argc, &argv, &arguments, &error) &&
                   open_receivers(&receivers, &arguments, &error);
    if (is_open) {
        loop_run();
    } else {
        fprintf(stderr, "bench_receivers: %s\n", error->message);
    }
    close_receivers(&receivers);
    g_free(arguments.control);
    g_free(arguments.address);
    g_free(arguments.voice);
    return is_open ? EXIT_SUCCESS : EXIT_FAILURE;
}

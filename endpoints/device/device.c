#include "endpoints/device/device.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bridge/base/clock.h"
#include "bridge/base/fields.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "bridge/base/mailbox.h"
#include "endpoints/client/client.h"
#include "endpoints/device/call.h"
#include "endpoints/device/capture.h"
#include "endpoints/device/encoder.h"
#include "endpoints/device/panel.h"
#include "endpoints/device/report.h"
#include "endpoints/device/selftest.h"
#include "endpoints/device/voice.h"

#define DEVICE_OUTBOX 256
/* Packets sent before the loop looks at something else. */
#define DEVICE_OUTBOX_TURN 64
/* A picture sent so lately shows that the camera works. */
#define PICTURE_RECENT_US (2 * CLOCK_US_PER_S)

struct Device {
    const Options *options;
    SocketHub *hub;
    Client *client;
    DtlsIdentity *dtls;
    Mailbox *outbox;
    LoopWatch *outbox_watch;
    Encoder *encoder;
    Voice *voice;
    Capture *capture;
    Player *player;
    Call *call;
    Panel *panel;
    SelfTest *selftest;
    Report *report;
    LoopWatch *report_timer;

    Meter *frames_sent;
    int64_t picture_sent_us; /* the latest */
    uint64_t octets_sent;
    uint64_t octets_reported;
    double kbps_sent;
    int64_t kbps_since_us;
};

static void on_outbox(int fd, GIOCondition condition, void *data)
{
    Device *device = data;
    Outgoing outgoing;
    for (int i = 0; i < DEVICE_OUTBOX_TURN && mailbox_take(device->outbox, &outgoing); i++) {
        call_send(device->call, &outgoing);
        device->octets_sent += outgoing.size;
        if (outgoing.kind == OUTGOING_VIDEO && outgoing.marker) {
            device->picture_sent_us = clock_now_us();
            meter_count(device->frames_sent, device->picture_sent_us);
        }
    }
}

static void set_demand(Device *device, const Demand *demand)
{
    Demand before = encoder_current(device->encoder);
    if (!demand_equals(&before, demand)) {
        log_info("demand", "width=%d height=%d fps=%d kbps=%d", demand->width, demand->height,
                 demand->fps, demand->kbps);
    }
    encoder_set_demand(device->encoder, demand);
}

static void on_begin(const Meeting *meeting, void *data)
{
    Device *device = data;
    selftest_yield(device->selftest);
    player_open(device->player);
    if (meeting->sends) {
        capture_start(device->capture);
    }
}

static void on_end(const char *reason, void *data)
{
    Device *device = data;
    set_demand(device, &(Demand){0});
    capture_stop(device->capture);
    panel_clear(device->panel);
    player_close(device->player);
}

static void on_mute(bool muted, void *data)
{
    Device *device = data;
    voice_set_muted(device->voice, muted);
}

static void on_keyframe_wanted(void *data)
{
    Device *device = data;
    encoder_request_keyframe(device->encoder);
}

static void on_cap(int kbps, void *data)
{
    Device *device = data;
    encoder_set_cap(device->encoder, kbps);
}

static void on_demand(Device *device, json_t *event)
{
    Demand demand;
    Problem problem = {0};
    if (!meeting_is_of(call_meeting(device->call), event)) {
        return;
    }
    if (!demand_parse(event, &demand, &problem)) {
        log_warning("demand.refused", "field=%s message=\"%s\"", problem.field, problem.message);
        return;
    }
    set_demand(device, &demand);
}

static void on_check(Device *device, json_t *event)
{
    SelfTestMeeting meeting = {
        .sends_picture = clock_now_us() - device->picture_sent_us < PICTURE_RECENT_US,
        .level = voice_level(device->voice),
    };
    bool is_in_meeting = call_state(device->call) != CALL_NONE;
    selftest_on_check(device->selftest, event, is_in_meeting ? &meeting : NULL);
}

static void on_recorded(Device *device, json_t *event)
{
    bool is_recorded;
    Problem problem;
    if (meeting_is_of(call_meeting(device->call), event) &&
        field_bool(event, "recorded", &is_recorded, &problem)) {
        log_info("meeting.recorded", "recorded=%d", is_recorded);
    }
}

static void on_event(const char *type, json_t *event, void *data)
{
    Device *device = data;
    if (strcmp(type, "demand") == 0) {
        on_demand(device, event);
    } else if (strcmp(type, "check") == 0) {
        on_check(device, event);
    } else if (strcmp(type, "recorded") == 0) {
        on_recorded(device, event);
    } else if (!panel_on_event(device->panel, type, event) &&
               !call_on_event(device->call, type, event)) {
        log_debug("event.ignored", "type=%s", type);
    }
}

/* For whoever stands before the box; the log is for whoever reads it later. */
static void show_pairing_code(const Device *device, const char *code)
{
    bool is_busy = g_strcmp0(device->options->report_path, "-") == 0;
    FILE *to = is_busy ? stderr : stdout;
    fprintf(to,
            "\n  ┌──────────────────────────────────────────────┐\n"
            "  │  Mã ghép nối / pairing code:  %-14s │\n"
            "  └──────────────────────────────────────────────┘\n"
            "  %s: chờ kỹ thuật viên duyệt / waiting for approval by a technician\n\n",
            code, device->options->name);
    fflush(to);
}

static const char *text_at(json_t *object, const char *outer, const char *inner)
{
    const char *text = json_string_value(json_object_get(json_object_get(object, outer), inner));
    return text != NULL ? text : "";
}

static void on_state(ClientState state, json_t *detail, const char *reason, void *data)
{
    Device *device = data;
    if (state == CLIENT_ONLINE) {
        log_info("device.online", "site=%s name=\"%s\"", text_at(detail, "site", "code"),
                 text_at(detail, "site", "name"));
    } else if (state == CLIENT_PENDING) {
        const char *code = json_string_value(json_object_get(detail, "pairing_code"));
        log_info("device.pending", "pairing_code=%s", code != NULL ? code : "");
        show_pairing_code(device, code != NULL ? code : "?");
    }
}

static json_t *get_media(void *data)
{
    return call_get_media(((Device *)data)->call);
}

static const char *state_name(const Device *device)
{
    static const char *const call_names[] = {
        [CALL_JOINING] = "joining", [CALL_JOINED] = "joined", [CALL_LOST] = "lost"};
    static const char *const client_names[] = {
        [CLIENT_OFFLINE] = "offline", [CLIENT_PENDING] = "pending", [CLIENT_ONLINE] = "online"};
    CallState call = call_state(device->call);
    return call != CALL_NONE ? call_names[call] : client_names[client_state(device->client)];
}

static void measure_kbps(Device *device, int64_t now_us)
{
    int64_t since_us = now_us - device->kbps_since_us;
    if (since_us >= CLOCK_US_PER_S) {
        device->kbps_sent = (double)(device->octets_sent - device->octets_reported) * 8.0 *
                            (double)CLOCK_US_PER_MS / (double)since_us;
        device->octets_reported = device->octets_sent;
        device->kbps_since_us = now_us;
    }
}

static void on_report(void *data)
{
    Device *device = data;
    int64_t now_us = clock_now_us();
    measure_kbps(device, now_us);
    const Meeting *meeting = call_meeting(device->call);
    Demand demand = encoder_current(device->encoder);
    ReportLine line = {
        .now_us = now_us,
        .state = state_name(device),
        .server = client_state(device->client) == CLIENT_ONLINE,
        .meeting = meeting->id,
        .source = meeting->source,
        .peer = meeting->peer,
        .muted = meeting->muted,
        .video = player_read_video(device->player, now_us),
        .audio = player_read_audio(device->player, now_us),
        .sent_width = demand.width,
        .sent_height = demand.height,
        .sent_fps = meter_read(device->frames_sent, now_us).per_s,
        .sent_kbps = device->kbps_sent,
        .own_level = voice_level(device->voice),
    };
    line.has_level = player_get_level(device->player, &line.level_dbfs);
    report_write(device->report, &line);
}

static bool make_media(Device *device, GError **error)
{
    const Options *options = device->options;
    device->outbox = mailbox_new(sizeof(Outgoing), DEVICE_OUTBOX);
    device->outbox_watch = loop_watch(mailbox_fd(device->outbox), G_IO_IN, on_outbox, device);
    device->frames_sent = meter_new();
    device->dtls = dtls_identity_new(error);
    device->player = device->dtls != NULL ? player_new(&options->player, error) : NULL;
    device->encoder = device->player != NULL ? encoder_new(device->outbox, error) : NULL;
    device->voice = device->encoder != NULL ? voice_new(device->outbox, error) : NULL;
    if (device->voice == NULL) {
        return false;
    }
    CaptureOptions capture = {
        .video = options->video,
        .audio = options->audio,
        .encoder = device->encoder,
        .voice = device->voice,
    };
    device->capture = capture_new(&capture, error);
    return device->capture != NULL;
}

static void make_call(Device *device)
{
    static const CallHandlers handlers = {
        .on_begin = on_begin,
        .on_end = on_end,
        .on_mute = on_mute,
        .on_keyframe_wanted = on_keyframe_wanted,
        .on_cap = on_cap,
    };
    g_autofree char *cname = g_strdup_printf("%08x%08x", g_random_int(), g_random_int());
    CallOptions options = {
        .client = device->client,
        .identity = device->dtls,
        .player = device->player,
        .cname = cname,
    };
    device->call = call_new(&options, &handlers, device);
}

static bool make_panel(Device *device, GError **error)
{
    PanelOptions options = {
        .client = device->client,
        .call = device->call,
        .player = device->player,
        .state_dir = device->options->state_dir,
    };
    device->panel = panel_new(&options, error);
    return device->panel != NULL;
}

static bool make_client(Device *device, const Identity *identity, GError **error)
{
    static const ClientHandlers handlers = {
        .on_state = on_state, .on_event = on_event, .get_media = get_media};
    device->hub = socket_hub_new(error);
    if (device->hub == NULL) {
        return false;
    }
    ClientOptions options = {
        .hub = device->hub,
        .host = device->options->host,
        .port = device->options->port,
        .pin_hex = device->options->has_pin ? device->options->pin_hex : NULL,
        .insecure = device->options->insecure,
        .identity = identity,
        .name = device->options->name,
        .token = device->options->token,
    };
    device->client = client_new(&options, &handlers, device);
    return true;
}

static bool make_selftest(Device *device, GError **error)
{
    const Options *options = device->options;
    SelfTestOptions test = {
        .client = device->client,
        .video = options->video,
        .audio = options->audio,
        .has_speaker = options->player.sink == PLAYER_WINDOW,
        .state_dir = options->state_dir,
    };
    device->selftest = selftest_new(&test, error);
    return device->selftest != NULL;
}

static bool make_report(Device *device, GError **error)
{
    if (device->options->report_path == NULL) {
        return true;
    }
    device->report = report_open(device->options->report_path, error);
    if (device->report == NULL) {
        return false;
    }
    device->report_timer = loop_every(REPORT_EVERY_US, on_report, device);
    return true;
}

Device *device_new(const Options *options, const Identity *identity, GError **error)
{
    Device *device = g_new0(Device, 1);
    device->options = options;
    if (!make_media(device, error) || !make_client(device, identity, error)) {
        device_free(device);
        return NULL;
    }
    make_call(device);
    if (!make_panel(device, error) || !make_selftest(device, error) ||
        !make_report(device, error)) {
        device_free(device);
        return NULL;
    }
    return device;
}

void device_free(Device *device)
{
    if (device == NULL) {
        return;
    }
    loop_drop(&device->report_timer);
    loop_drop(&device->outbox_watch);
    panel_free(device->panel);
    client_free(device->client);
    selftest_free(device->selftest);
    call_free(device->call);
    socket_hub_free(device->hub);
    capture_free(device->capture);
    encoder_free(device->encoder);
    voice_free(device->voice);
    player_free(device->player);
    dtls_identity_free(device->dtls);
    mailbox_free(device->outbox);
    meter_free(device->frames_sent);
    report_close(device->report);
    g_free(device);
}

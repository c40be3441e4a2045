#include "endpoints/device/panel.h"

#include <jansson.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/fields.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "endpoints/device/buttons.h"
#include "endpoints/device/standing.h"

/* A note stays on the screen so long. */
#define PANEL_NOTICE_US (60 * CLOCK_US_PER_S)

struct Panel {
    Client *client;
    Call *call;
    Player *player;
    Buttons *buttons;
    LoopWatch *refresh;
    Standing standing;
    char notice[LIMIT_NOTE_BYTES + 1];
    int64_t notice_until_us;
};

static void on_refresh(void *data)
{
    Panel *panel = data;
    StandingTone tone;
    int64_t now_us = clock_now_us();
    g_autofree char *standing = standing_write(&panel->standing, now_us, &tone);
    g_autoptr(GString) words = g_string_new(standing);
    if (now_us < panel->notice_until_us) {
        g_string_append_printf(words, "%s%s", standing != NULL ? "\n" : "", panel->notice);
    }
    player_set_notice(panel->player, words->len > 0 ? words->str : NULL, tone);
}

static void on_answer(json_t *ok, const Problem *problem, void *data)
{
    if (problem != NULL) {
        log_warning("button.refused", "code=%s message=\"%s\"", problem->code, problem->message);
    }
}

static void request(Panel *panel, const char *type, const char *text_or_null)
{
    json_t *message =
        json_pack("{s:s, s:I}", "type", type, "meeting", (json_int_t)call_meeting(panel->call)->id);
    if (text_or_null != NULL) {
        json_object_set_new(message, "text", json_string(text_or_null));
    }
    client_request(panel->client, message, on_answer, panel);
}

static void on_button(const char *line, void *data)
{
    static const struct {
        const char *word;
        const char *type;
    } commands[] = {
        {"hand up", "hand.raise"}, {"hand down", "hand.lower"}, {"present", "roll.answer"}};
    Panel *panel = data;
    if (call_meeting(panel->call)->id == 0) {
        log_info("button.idle", "command=\"%s\"", line);
        return;
    }
    if (strcmp(line, "hand") == 0) { /* One button for both. */
        request(panel, panel->standing.place > 0 ? "hand.lower" : "hand.raise", NULL);
        return;
    }
    if (g_str_has_prefix(line, "say ")) {
        request(panel, "note.send", line + strlen("say "));
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (strcmp(commands[i].word, line) == 0) {
            request(panel, commands[i].type, NULL);
            return;
        }
    }
    log_warning("button.unknown", "command=\"%s\"", line);
}

static void on_status(Panel *panel, json_t *event)
{
    Problem problem = {0};
    if (!meeting_is_of(call_meeting(panel->call), event)) {
        return;
    }
    if (!standing_parse(event, clock_now_us(), &panel->standing, &problem)) {
        log_warning("status.refused", "field=%s message=\"%s\"", problem.field, problem.message);
        return;
    }
    const Standing *standing = &panel->standing;
    log_info("seat.status", "place=%d waiting=%d floor=%d limit_s=%d called=%d marked=%d",
             standing->place, standing->waiting, standing->has_floor, (int)standing->limit_s,
             standing->is_called, standing->is_marked);
    on_refresh(panel);
}

static void on_notice(Panel *panel, json_t *event)
{
    const char *text;
    Problem problem = {0};
    if (!meeting_is_of(call_meeting(panel->call), event)) {
        return;
    }
    if (!field_string(event, "text", 1, LIMIT_NOTE_BYTES, &text, &problem)) {
        log_warning("notice.refused", "message=\"%s\"", problem.message);
        return;
    }
    g_strlcpy(panel->notice, text, sizeof panel->notice);
    panel->notice_until_us = clock_now_us() + PANEL_NOTICE_US;
    log_info("notice", "text=\"%s\"", text);
    on_refresh(panel);
}

bool panel_on_event(Panel *panel, const char *type, json_t *event)
{
    bool is_status = strcmp(type, "seat.status") == 0;
    if (is_status) {
        on_status(panel, event);
    } else if (strcmp(type, "notice") == 0) {
        on_notice(panel, event);
    } else {
        return false;
    }
    return true;
}

void panel_clear(Panel *panel)
{
    panel->standing = (Standing){0};
    panel->notice_until_us = 0;
    on_refresh(panel);
}

Panel *panel_new(const PanelOptions *options, GError **error)
{
    Panel *panel = g_new0(Panel, 1);
    panel->client = options->client;
    panel->call = options->call;
    panel->player = options->player;
    panel->buttons = buttons_open(options->state_dir, on_button, panel, error);
    if (panel->buttons == NULL) {
        panel_free(panel);
        return NULL;
    }
    panel->refresh = loop_every(CLOCK_US_PER_S, on_refresh, panel);
    return panel;
}

void panel_free(Panel *panel)
{
    if (panel == NULL) {
        return;
    }
    loop_drop(&panel->refresh);
    buttons_close(panel->buttons);
    g_free(panel);
}

/* The meetings in Prometheus' words: what was counted and measured elsewhere, in its base units. */
#include <jansson.h>
#include <string.h>

#include "signalling/meetings_internal.h"

/* One gauge of every seat whose session is measured. `value` returns false where it is unknown. */
typedef struct SeatGauge {
    const char *name;
    const char *label; /* after the seat's own; "": none */
    double scale;
    double (*value)(const MediaStats *stats);
} SeatGauge;

static double loss_in(const MediaStats *stats)
{
    return stats->loss_in_pct;
}

static double loss_out(const MediaStats *stats)
{
    return stats->loss_out_pct;
}

static double rtt(const MediaStats *stats)
{
    return stats->rtt_ms;
}

static double jitter(const MediaStats *stats)
{
    return stats->jitter_ms;
}

static double rate_in(const MediaStats *stats)
{
    return stats->in_kbps;
}

static double rate_out(const MediaStats *stats)
{
    return stats->out_kbps;
}

static double estimate(const MediaStats *stats)
{
    return stats->estimate_kbps;
}

static double view(const MediaStats *stats)
{
    return stats->view;
}

static double rung(const MediaStats *stats)
{
    return stats->rung;
}

/* Gauges of one name stand together: Prometheus asks for it. */
static const SeatGauge seat_gauges[] = {
    {"diemcau_seat_loss_ratio", ",direction=\"in\"", 0.01, loss_in},
    {"diemcau_seat_loss_ratio", ",direction=\"out\"", 0.01, loss_out},
    {"diemcau_seat_rtt_seconds", "", 0.001, rtt},
    {"diemcau_seat_jitter_seconds", "", 0.001, jitter},
    {"diemcau_seat_bits_per_second", ",direction=\"in\"", 1000, rate_in},
    {"diemcau_seat_bits_per_second", ",direction=\"out\"", 1000, rate_out},
    {"diemcau_seat_estimate_bits_per_second", "", 1000, estimate},
    {"diemcau_seat_view", "", 1, view},
    {"diemcau_seat_rung", "", 1, rung},
};

typedef void (*SeatFunc)(const Meeting *meeting, const Seat *seat, const MediaStats *stats,
                         const SeatGauge *gauge, GString *text);

static void each_seat(Meetings *meetings, SeatFunc call, const SeatGauge *gauge, GString *text)
{
    for (guint i = 0; i < meetings->open->len; i++) {
        const Meeting *meeting = g_ptr_array_index(meetings->open, i);
        for (guint j = 0; j < meeting->seats->len; j++) {
            const Seat *seat = g_ptr_array_index(meeting->seats, j);
            const MediaSession *session = calls_find_peer(meetings, seat->peer);
            if (session != NULL && session->stats.is_known) {
                call(meeting, seat, &session->stats, gauge, text);
            }
        }
    }
}

/* meeting="…",source="…",site="…"; a code cannot hold what would have to be escaped. */
static void write_labels(const Meeting *meeting, const Seat *seat, GString *text)
{
    g_string_append_printf(text, "meeting=\"%" G_GINT64_FORMAT "\",source=\"%u\",site=\"%s\"",
                           meeting->id, seat->source, seat->site);
}

static void write_gauge(const Meeting *meeting, const Seat *seat, const MediaStats *stats,
                        const SeatGauge *gauge, GString *text)
{
    double value = gauge->value(stats);
    if (value < 0) {
        return;
    }
    g_string_append_printf(text, "%s{", gauge->name);
    write_labels(meeting, seat, text);
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append_printf(text, "%s} %s\n", gauge->label,
                           g_ascii_formatd(number, sizeof number, "%.10g", value * gauge->scale));
}

static void write_profile(const Meeting *meeting, const Seat *seat, const MediaStats *stats,
                          const SeatGauge *gauge, GString *text)
{
    if (stats->profile[0] == '\0') {
        return;
    }
    g_string_append(text, "diemcau_seat_srtp_info{");
    write_labels(meeting, seat, text);
    g_string_append_printf(text, ",profile=\"%s\"} 1\n", stats->profile);
}

static void write_seats(Meetings *meetings, GString *text)
{
    const char *last = "";
    for (size_t i = 0; i < G_N_ELEMENTS(seat_gauges); i++) {
        const SeatGauge *gauge = &seat_gauges[i];
        if (strcmp(last, gauge->name) != 0) {
            g_string_append_printf(text, "# TYPE %s gauge\n", gauge->name);
        }
        last = gauge->name;
        each_seat(meetings, write_gauge, gauge, text);
    }
    g_string_append(text, "# TYPE diemcau_seat_srtp_info gauge\n");
    each_seat(meetings, write_profile, NULL, text);
}

/* How many watch each view without a seat: pages and players. */
static void write_watchers(Meetings *meetings, GString *text)
{
    GHashTableIter at;
    gpointer value;
    g_string_append(text, "# TYPE diemcau_watchers gauge\n");
    for (guint i = 0; i < meetings->open->len; i++) {
        const Meeting *meeting = g_ptr_array_index(meetings->open, i);
        unsigned counts[LIMIT_VIEWS] = {0};
        g_hash_table_iter_init(&at, meetings->sessions);
        while (g_hash_table_iter_next(&at, NULL, &value)) {
            const MediaSession *session = value;
            if (session->meeting == meeting && session->source == 0 && session->connected) {
                counts[watching_view_of(meetings, session)]++;
            }
        }
        for (guint j = 0; j < meeting->views->len; j++) {
            int id = ((View *)g_ptr_array_index(meeting->views, j))->id;
            g_string_append_printf(
                text, "diemcau_watchers{meeting=\"%" G_GINT64_FORMAT "\",view=\"%d\"} %u\n",
                meeting->id, id, counts[id]);
        }
    }
}

static void write_relay(const Meetings *meetings, GString *text)
{
    const char *name;
    json_t *value;
    json_object_foreach(meetings->relay_counters, name, value)
    {
        g_string_append_printf(text,
                               "# TYPE diemcau_relay_%s_total counter\n"
                               "diemcau_relay_%s_total %" JSON_INTEGER_FORMAT "\n",
                               name, name, json_integer_value(value));
    }
}

static void write_meetings(const Meetings *meetings, GString *text)
{
    g_string_append(text, "# TYPE diemcau_meeting_seats gauge\n");
    for (guint i = 0; i < meetings->open->len; i++) {
        const Meeting *meeting = g_ptr_array_index(meetings->open, i);
        g_string_append_printf(text, "diemcau_meeting_seats{meeting=\"%" G_GINT64_FORMAT "\"} %u\n",
                               meeting->id, meeting->seats->len);
    }
    g_string_append(text, "# TYPE diemcau_meeting_joined gauge\n");
    for (guint i = 0; i < meetings->open->len; i++) {
        const Meeting *meeting = g_ptr_array_index(meetings->open, i);
        g_string_append_printf(text,
                               "diemcau_meeting_joined{meeting=\"%" G_GINT64_FORMAT "\"} %zu\n",
                               meeting->id, meeting_count_joined(meeting));
    }
}

void meetings_write_metrics(Meetings *meetings, GString *text)
{
    g_string_append_printf(text,
                           "# TYPE diemcau_relay_up gauge\ndiemcau_relay_up %d\n"
                           "# TYPE diemcau_meetings_open gauge\ndiemcau_meetings_open %u\n"
                           "# TYPE diemcau_media_sessions gauge\ndiemcau_media_sessions %u\n",
                           media_process_state(meetings->relay) == PROCESS_UP, meetings->open->len,
                           g_hash_table_size(meetings->sessions));
    write_meetings(meetings, text);
    write_watchers(meetings, text);
    write_seats(meetings, text);
    write_relay(meetings, text);
}

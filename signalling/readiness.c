#include "signalling/readiness.h"

#include <glib.h>
#include <jansson.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "signalling/directory.h"
#include "signalling/nullable.h"
#include "signalling/readiness_verdict.h"
#include "signalling/schedule.h"

/* Sites that are asked at a time: they measure the way to the same server. */
#define AT_ONCE 20
/* A device takes up to ten seconds. */
#define PATIENCE_US (20 * CLOCK_US_PER_S)
#define TICK_US (250 * CLOCK_US_PER_MS)
#define MINUTE_MS INT64_C(60000)

typedef enum ExamState {
    EXAM_NONE,
    EXAM_WAITING,
    EXAM_ASKED,
    EXAM_DONE,
} ExamState;

/* Of one site; kept by its code. */
typedef struct Exam {
    char site[SITE_CODE_BYTES_MAX + 1];
    ExamState state;
    int64_t check;       /* the number of the question */
    int64_t deadline_us; /* while EXAM_ASKED */
    int64_t at_ms;       /* of the result; 0: none yet */
    const char *reason;  /* why there are no checks, in words of the protocol */
    json_t *checks;      /* NULL: it could not answer */
    bool is_simulated;
    bool changed; /* pages have not been told yet */
} Exam;

struct Readiness {
    Server *server;
    GHashTable *exams; /* code inside → Exam, owned */
    GQueue waiting;    /* Exam */
    int asked;
    int64_t last_check;
    int64_t begun_ms;
    char *by;
    LoopWatch *tick;
    int64_t seen_ms; /* the calendar was looked at up to here */
};

static int64_t wall_ms(void)
{
    return g_get_real_time() / 1000;
}

static void exam_free(gpointer data)
{
    Exam *exam = data;
    json_decref(exam->checks);
    g_free(exam);
}

static Exam *get_exam(Readiness *readiness, const char *code)
{
    Exam *exam = g_hash_table_lookup(readiness->exams, code);
    if (exam == NULL) {
        exam = g_new0(Exam, 1);
        g_strlcpy(exam->site, code, sizeof exam->site);
        g_hash_table_insert(readiness->exams, exam->site, exam);
    }
    return exam;
}

/* ---- what others see ---- */

static const char *overall(const Exam *exam)
{
    if (exam->at_ms == 0) {
        return light_name(LIGHT_UNTESTED);
    }
    return light_name(exam->checks != NULL ? verdict_worst(exam->checks) : LIGHT_BAD);
}

static json_t *exam_to_json(const Exam *exam)
{
    static const char *const states[] = {"none", "waiting", "asked", "done"};
    return json_pack("{s:s, s:s, s:s, s:s?, s:o, s:b, s:O?}", "site", exam->site, "state",
                     states[exam->state], "light", overall(exam), "reason", exam->reason, "at_ms",
                     number_or_null(exam->at_ms), "simulated", exam->is_simulated, "checks",
                     exam->checks);
}

static json_t *run_to_json(const Readiness *readiness)
{
    guint waiting = g_queue_get_length((GQueue *)&readiness->waiting) + (guint)readiness->asked;
    return json_pack("{s:b, s:i, s:o, s:s?}", "running", waiting > 0, "left", (int)waiting,
                     "begun_ms", number_or_null(readiness->begun_ms), "by", readiness->by);
}

static json_t *list_exams(const Readiness *readiness, bool only_changed)
{
    json_t *list = json_array();
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, readiness->exams);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        Exam *exam = value;
        if (directory_find(readiness->server->directory, exam->site) != NULL &&
            (exam->changed || !only_changed)) {
            json_array_append_new(list, exam_to_json(exam));
        }
        exam->changed = exam->changed && !only_changed;
    }
    return list;
}

json_t *readiness_to_json(const Readiness *readiness)
{
    return json_pack("{s:o, s:o}", "run", run_to_json(readiness), "sites",
                     list_exams(readiness, false));
}

static void tell_changes(Readiness *readiness)
{
    json_t *sites = list_exams(readiness, true);
    if (json_array_size(sites) == 0) {
        json_decref(sites);
        return;
    }
    clients_broadcast(readiness->server->clients,
                      json_pack("{s:s, s:o, s:o}", "type", "readiness", "run",
                                run_to_json(readiness), "sites", sites));
}

/* ---- asking ---- */

/* Takes over `checks`; NULL: `reason` says why there are none. */
static void finish(Readiness *readiness, Exam *exam, json_t *checks, const char *reason)
{
    readiness->asked -= exam->state == EXAM_ASKED;
    exam->state = EXAM_DONE;
    exam->at_ms = wall_ms();
    json_decref(exam->checks);
    exam->checks = checks;
    exam->reason = reason;
    exam->changed = true;
}

static void ask(Readiness *readiness, Exam *exam)
{
    const Site *site = directory_find(readiness->server->directory, exam->site);
    Client *device = site != NULL ? clients_find(readiness->server->clients, site->client) : NULL;
    if (device == NULL) {
        finish(readiness, exam, NULL, site != NULL && !site->has_device ? "no_device" : "offline");
        return;
    }
    exam->state = EXAM_ASKED;
    exam->check = ++readiness->last_check;
    exam->deadline_us = clock_now_us() + PATIENCE_US;
    exam->changed = true;
    readiness->asked++;
    client_send(device, json_pack("{s:s, s:I, s:b}", "type", "check", "check",
                                  (json_int_t)exam->check, "quiet", site->meeting != 0));
}

static void ask_next(Readiness *readiness)
{
    while (readiness->asked < AT_ONCE && !g_queue_is_empty(&readiness->waiting)) {
        ask(readiness, g_queue_pop_head(&readiness->waiting));
    }
}

static void give_up_late(Readiness *readiness, int64_t now_us)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, readiness->exams);
    while (readiness->asked > 0 && g_hash_table_iter_next(&at, NULL, &value)) {
        Exam *exam = value;
        if (exam->state == EXAM_ASKED && now_us >= exam->deadline_us) {
            const Site *site = directory_find(readiness->server->directory, exam->site);
            bool has_gone = site == NULL || site->client == 0;
            finish(readiness, exam, NULL, has_gone ? "offline" : "no_answer");
        }
    }
}

static void enqueue(Readiness *readiness, const char *code)
{
    Exam *exam = get_exam(readiness, code);
    if (exam->state == EXAM_WAITING || exam->state == EXAM_ASKED) {
        return;
    }
    exam->state = EXAM_WAITING;
    exam->changed = true;
    g_queue_push_tail(&readiness->waiting, exam);
}

void readiness_run(Readiness *readiness, json_t *sites, const char *by)
{
    size_t index;
    json_t *site;
    json_array_foreach(sites, index, site)
    {
        enqueue(readiness, json_string_value(site));
    }
    Directory *directory = readiness->server->directory;
    for (size_t i = 0; sites == NULL && i < directory_count(directory); i++) {
        enqueue(readiness, directory_at(directory, i)->code);
    }
    readiness->begun_ms = wall_ms();
    g_free(readiness->by);
    readiness->by = g_strdup(by);
    log_info("readiness.run", "sites=%u by=%s", g_queue_get_length(&readiness->waiting), by);
    ask_next(readiness);
}

bool readiness_answer(Readiness *readiness, const char *site, int64_t check, json_t *checks,
                      bool is_simulated)
{
    Exam *exam = g_hash_table_lookup(readiness->exams, site);
    if (exam == NULL || exam->state != EXAM_ASKED || exam->check != check) {
        json_decref(checks);
        return false;
    }
    exam->is_simulated = is_simulated;
    finish(readiness, exam, checks, NULL);
    ask_next(readiness);
    return true;
}

/* ---- the calendar ---- */

/* A quarter of an hour and an hour before a meeting its sites are asked. */
static void look_at_calendar(Readiness *readiness, int64_t now_ms)
{
    static const int64_t minutes[] = {60, 15};
    for (size_t i = 0; i < G_N_ELEMENTS(minutes); i++) {
        int64_t before_ms = minutes[i] * MINUTE_MS;
        json_t *sites = schedule_starting(readiness->server->schedule,
                                          readiness->seen_ms + before_ms, now_ms + before_ms);
        if (json_array_size(sites) > 0) {
            readiness_run(readiness, sites, "schedule");
        }
        json_decref(sites);
    }
    readiness->seen_ms = now_ms;
}

static void on_tick(void *data)
{
    Readiness *readiness = data;
    give_up_late(readiness, clock_now_us());
    look_at_calendar(readiness, schedule_now_ms(readiness->server->schedule));
    ask_next(readiness);
    tell_changes(readiness);
}

Readiness *readiness_new(Server *server)
{
    Readiness *readiness = g_new0(Readiness, 1);
    readiness->server = server;
    readiness->exams = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, exam_free);
    g_queue_init(&readiness->waiting);
    readiness->seen_ms = schedule_now_ms(server->schedule);
    readiness->tick = loop_every(TICK_US, on_tick, readiness);
    return readiness;
}

void readiness_free(Readiness *readiness)
{
    if (readiness == NULL) {
        return;
    }
    loop_drop(&readiness->tick);
    g_queue_clear(&readiness->waiting);
    g_hash_table_unref(readiness->exams);
    g_free(readiness->by);
    g_free(readiness);
}

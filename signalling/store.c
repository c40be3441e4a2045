#include "signalling/store.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "bridge/base/mailbox.h"
#include "signalling/migrations.h"

#define BUSY_TIMEOUT_MS 2000
#define STATEMENTS_KEPT_MAX 256

/* Travels to the thread with its question and back with its answer; one side owns it at a time. */
typedef struct Job {
    json_t *statements; /* [[sql, [parameters]], …] */
    json_t *rows;
    bool has_failed;
    bool is_refused; /* the queue was full; it never saw the thread */
    Problem problem;
    StoreReply reply;
    void *data;
} Job;

struct Store {
    char *path;
    sqlite3 *database;    /* the thread's, between its start and its end */
    GHashTable *prepared; /* sql → sqlite3_stmt; the thread's */
    pthread_t thread;
    Mailbox *questions; /* Job *; NULL ends the thread */
    Mailbox *answers;   /* Job * */
    LoopWatch *answers_watch;
    LoopWatch *refused_timer; /* tells the jobs in `refused` that the queue was full */
    GQueue refused;
    size_t waiting; /* questions without an answer */
};

static void job_free(Job *job)
{
    json_decref(job->statements);
    json_decref(job->rows);
    g_free(job);
}

static void describe(Store *store, int code, Problem *problem)
{
    switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
        problem_set(problem, "conflict", "", "it exists already, or something still needs it");
        break;
    case SQLITE_FULL:
        problem_set(problem, "unavailable", "", "no space left on the disk of %s", store->path);
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        problem_set(problem, "unavailable", "", "another program is using %s", store->path);
        break;
    default:
        problem_set(problem, "unavailable", "", "%s: %s", store->path,
                    sqlite3_errmsg(store->database));
    }
}

/* ---- values ---- */

static int bind_value(sqlite3_stmt *statement, int index, json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        return sqlite3_bind_text(statement, index, json_string_value(value),
                                 (int)json_string_length(value), SQLITE_TRANSIENT);
    case JSON_INTEGER:
        return sqlite3_bind_int64(statement, index, json_integer_value(value));
    case JSON_REAL:
        return sqlite3_bind_double(statement, index, json_real_value(value));
    case JSON_TRUE:
    case JSON_FALSE:
        return sqlite3_bind_int(statement, index, json_is_true(value));
    case JSON_NULL:
        return sqlite3_bind_null(statement, index);
    default:
        return SQLITE_MISMATCH;
    }
}

static json_t *column_value(sqlite3_stmt *statement, int column)
{
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
        return json_integer(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
        return json_real(sqlite3_column_double(statement, column));
    case SQLITE_TEXT:
        return json_stringn((const char *)sqlite3_column_text(statement, column),
                            (size_t)sqlite3_column_bytes(statement, column));
    default:
        return json_null();
    }
}

static json_t *read_row(sqlite3_stmt *statement)
{
    json_t *row = json_object();
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        json_object_set_new(row, sqlite3_column_name(statement, i), column_value(statement, i));
    }
    return row;
}

/* ---- the thread ---- */

static sqlite3_stmt *prepare(Store *store, const char *sql, int *ret_code)
{
    sqlite3_stmt *statement = g_hash_table_lookup(store->prepared, sql);
    if (statement != NULL) {
        *ret_code = SQLITE_OK;
        return statement;
    }
    *ret_code = sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL);
    if (*ret_code != SQLITE_OK || statement == NULL) {
        return NULL;
    }
    if (g_hash_table_size(store->prepared) >= STATEMENTS_KEPT_MAX) {
        g_hash_table_remove_all(store->prepared);
    }
    g_hash_table_insert(store->prepared, g_strdup(sql), statement);
    return statement;
}

static int bind_all(sqlite3_stmt *statement, json_t *parameters)
{
    for (size_t i = 0; i < json_array_size(parameters); i++) {
        int code = bind_value(statement, (int)i + 1, json_array_get(parameters, i));
        if (code != SQLITE_OK) {
            return code;
        }
    }
    return SQLITE_OK;
}

/* Appends to `rows`. */
static int run_statement(Store *store, const char *sql, json_t *parameters, json_t *rows)
{
    int code = SQLITE_OK;
    sqlite3_stmt *statement = prepare(store, sql, &code);
    if (statement == NULL) {
        return code;
    }
    code = bind_all(statement, parameters);
    if (code == SQLITE_OK) {
        while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
            json_array_append_new(rows, read_row(statement));
        }
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static void run_all(Store *store, Job *job)
{
    size_t index;
    json_t *statement;
    json_array_foreach(job->statements, index, statement)
    {
        json_array_clear(job->rows);
        int code = run_statement(store, json_string_value(json_array_get(statement, 0)),
                                 json_array_get(statement, 1), job->rows);
        if (code != SQLITE_OK) {
            describe(store, code, &job->problem);
            job->has_failed = true;
            return;
        }
    }
}

static void run_in_transaction(Store *store, Job *job)
{
    int code = sqlite3_exec(store->database, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (code == SQLITE_OK) {
        run_all(store, job);
        if (!job->has_failed) {
            code = sqlite3_exec(store->database, "COMMIT", NULL, NULL, NULL);
        }
    }
    if (code != SQLITE_OK) {
        describe(store, code, &job->problem);
        job->has_failed = true;
    }
    /* A full disk may have ended the transaction by itself. */
    if (job->has_failed && sqlite3_get_autocommit(store->database) == 0) {
        sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
    }
}

static void run_job(Store *store, Job *job)
{
    job->rows = json_array();
    if (json_array_size(job->statements) == 1) {
        run_all(store, job);
    } else {
        run_in_transaction(store, job);
    }
}

static void *run_thread(void *data)
{
    Store *store = data;
    Job *job = NULL;
    while (mailbox_wait(store->questions, &job, -1) && job != NULL) {
        run_job(store, job);
        mailbox_post(store->answers, &job);
    }
    return NULL;
}

/* ---- answers, on the main loop ---- */

static void deliver(Store *store, Job *job)
{
    store->waiting--;
    if (job->has_failed && !job->is_refused && strcmp(job->problem.code, "conflict") != 0) {
        log_error("store.failed", "reason=\"%s\"", job->problem.message);
    }
    if (job->reply != NULL) {
        job->reply(job->has_failed ? NULL : job->rows, job->has_failed ? &job->problem : NULL,
                   job->data);
    } else if (job->has_failed) {
        log_error("store.lost", "reason=\"%s\" sql=\"%s\"", job->problem.message,
                  json_string_value(json_array_get(json_array_get(job->statements, 0), 0)));
    }
    job_free(job);
}

static void on_answers(int fd, GIOCondition condition, void *data)
{
    Store *store = data;
    Job *job = NULL;
    while (mailbox_take(store->answers, &job)) {
        deliver(store, job);
    }
}

static void on_refused(void *data)
{
    Store *store = data;
    Job *job = NULL;
    while ((job = g_queue_pop_head(&store->refused)) != NULL) {
        store->waiting++;
        deliver(store, job);
    }
}

/* ---- questions, on the main loop ---- */

static void refuse(Store *store, Job *job)
{
    if (g_queue_is_empty(&store->refused)) {
        log_error("store.busy", "waiting=%zu", store->waiting);
    }
    job->has_failed = true;
    job->is_refused = true;
    problem_set(&job->problem, "unavailable", "", "the database is busy, try again");
    g_queue_push_tail(&store->refused, job);
    loop_timer_set(store->refused_timer, 0);
}

static Job *job_new(json_t *statements, StoreReply reply, void *data)
{
    Job *job = g_new0(Job, 1);
    job->statements = statements;
    job->reply = reply;
    job->data = data;
    return job;
}

static void post(Store *store, Job *job)
{
    if (store->waiting >= LIMIT_STORE_QUEUE) {
        refuse(store, job);
        return;
    }
    store->waiting++;
    mailbox_post(store->questions, &job);
}

static json_t *one_statement(const char *sql, json_t *parameters)
{
    return json_pack("[[so]]", sql, parameters != NULL ? parameters : json_array());
}

void store_query(Store *store, const char *sql, json_t *parameters, StoreReply reply, void *data)
{
    post(store, job_new(one_statement(sql, parameters), reply, data));
}

void store_transaction(Store *store, json_t *statements, StoreReply reply, void *data)
{
    post(store, job_new(statements, reply, data));
}

typedef struct NowAnswer {
    json_t *rows;
    Problem *problem;
    bool has_come;
} NowAnswer;

static void on_now(json_t *rows, const Problem *problem, void *data)
{
    NowAnswer *answer = data;
    answer->has_come = true;
    answer->rows = json_incref(rows);
    if (problem != NULL && answer->problem != NULL) {
        *answer->problem = *problem;
    }
}

json_t *store_query_now(Store *store, const char *sql, json_t *parameters, Problem *problem)
{
    NowAnswer answer = {.problem = problem};
    Job *job = job_new(one_statement(sql, parameters), on_now, &answer);
    store->waiting++;
    while (!mailbox_post(store->questions, &job)) {
        g_usleep(1000);
    }
    while (!answer.has_come) {
        Job *done = NULL;
        if (mailbox_wait(store->answers, &done, -1)) {
            deliver(store, done);
        }
    }
    return answer.rows;
}

/* ---- opening and closing ---- */

static bool fail(const char *path, GError **error, const char *reason, const char *remedy)
{
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "database %s: %s; %s", path, reason,
                remedy);
    return false;
}

static bool fail_sqlite(sqlite3 *database, const char *path, GError **error)
{
    switch (sqlite3_errcode(database) & 0xff) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return fail(path, error, sqlite3_errmsg(database), "restore it from a backup");
    case SQLITE_BUSY:
        return fail(path, error, "another program is using it",
                    "end the other server, or set another server.data_dir");
    case SQLITE_FULL:
        return fail(path, error, "no space left on the disk", "make room and start again");
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return fail(path, error, "cannot be written", "check the directory and its owner");
    default:
        return fail(path, error, sqlite3_errmsg(database), "check the disk");
    }
}

static const char pragmas[] =
    "PRAGMA locking_mode = EXCLUSIVE;" /* one program writes and checkpoints, nobody else */
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA foreign_keys = ON;"
    "PRAGMA trusted_schema = OFF;";

static int read_version(sqlite3 *database)
{
    sqlite3_stmt *statement = NULL;
    int version = -1;
    if (sqlite3_prepare_v2(database, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        version = sqlite3_column_int(statement, 0);
    }
    sqlite3_finalize(statement);
    return version;
}

static bool run_migration(sqlite3 *database, int number)
{
    g_autofree char *sql = g_strdup_printf(
        "BEGIN IMMEDIATE;\n%s\nPRAGMA user_version = %d;\nCOMMIT;", migrations_sql(number), number);
    bool has_run = sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK;
    if (has_run) {
        log_info("store.migrated", "schema=%d", number);
    }
    return has_run;
}

static bool migrate(sqlite3 *database, const char *path, GError **error)
{
    int version = read_version(database);
    if (version < 0) {
        return fail_sqlite(database, path, error);
    }
    if (version > migrations_count()) {
        g_autofree char *reason =
            g_strdup_printf("it was made by a newer version (schema %d, this one knows %d)",
                            version, migrations_count());
        return fail(path, error, reason, "install that version again or restore a backup");
    }
    for (int number = version + 1; number <= migrations_count(); number++) {
        if (!run_migration(database, number)) {
            return fail_sqlite(database, path, error);
        }
    }
    return true;
}

static sqlite3 *open_database(const char *path, GError **error)
{
    /* SQLite would make the file readable for everybody; it holds password hashes. */
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        fail(path, error, g_strerror(errno), "check the directory and its owner");
        return NULL;
    }
    close(fd);
    sqlite3 *database = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    bool is_open = sqlite3_open_v2(path, &database, flags, NULL) == SQLITE_OK &&
                   sqlite3_busy_timeout(database, BUSY_TIMEOUT_MS) == SQLITE_OK &&
                   sqlite3_exec(database, pragmas, NULL, NULL, NULL) == SQLITE_OK;
    if (!is_open) {
        fail_sqlite(database, path, error);
        sqlite3_close(database);
        return NULL;
    }
    if (!migrate(database, path, error)) {
        sqlite3_close(database);
        return NULL;
    }
    return database;
}

static void finalize(gpointer statement)
{
    sqlite3_finalize(statement);
}

Store *store_open(const char *path, GError **error)
{
    sqlite3 *database = open_database(path, error);
    if (database == NULL) {
        return NULL;
    }
    Store *store = g_new0(Store, 1);
    store->path = g_strdup(path);
    store->database = database;
    store->prepared = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, finalize);
    /* One more for the question that ends the thread, and for store_query_now. */
    store->questions = mailbox_new(sizeof(Job *), LIMIT_STORE_QUEUE + 2);
    store->answers = mailbox_new(sizeof(Job *), LIMIT_STORE_QUEUE + 2);
    store->answers_watch = loop_watch(mailbox_fd(store->answers), G_IO_IN, on_answers, store);
    store->refused_timer = loop_after(0, on_refused, store);
    loop_timer_set(store->refused_timer, -1);
    json_object_seed(0); /* before a second thread makes objects */
    int code = pthread_create(&store->thread, NULL, run_thread, store);
    if (code != 0) {
        g_error("store: thread: %s", g_strerror(code));
    }
    return store;
}

void store_finish(Store *store)
{
    on_refused(store);
    while (store->waiting > 0) {
        Job *done = NULL;
        if (mailbox_wait(store->answers, &done, -1)) {
            deliver(store, done);
        }
        on_refused(store);
    }
}

void store_close(Store *store)
{
    if (store == NULL) {
        return;
    }
    store_finish(store);
    Job *end = NULL;
    mailbox_post(store->questions, &end);
    pthread_join(store->thread, NULL);
    loop_drop(&store->answers_watch);
    loop_drop(&store->refused_timer);
    mailbox_free(store->questions);
    mailbox_free(store->answers);
    g_hash_table_unref(store->prepared);
    sqlite3_close(store->database);
    g_free(store->path);
    g_free(store);
}

const char *store_text(json_t *row, const char *column)
{
    const char *text = json_string_value(json_object_get(row, column));
    return text != NULL ? text : "";
}

int64_t store_integer(json_t *row, const char *column)
{
    return json_integer_value(json_object_get(row, column));
}

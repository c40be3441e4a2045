#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge/base/limits.h"
#include "signalling/migrations.h"
#include "signalling/store.h"
#include "tests/unit/signalling/house.h"

typedef struct Place {
    char *directory;
    char *path;
} Place;

static Place place_new(void)
{
    Place place = {.directory = g_dir_make_tmp("store-XXXXXX", NULL)};
    place.path = g_build_filename(place.directory, "test.db", NULL);
    return place;
}

static void place_clear(Place *place)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *path = g_strconcat(place->path, endings[i], NULL);
        g_unlink(path);
    }
    g_rmdir(place->directory);
    g_free(place->directory);
    g_free(place->path);
}

typedef struct Answer {
    json_t *rows;
    Problem problem;
    bool has_come;
} Answer;

static void on_answer(json_t *rows, const Problem *problem, void *data)
{
    Answer *answer = data;
    answer->has_come = true;
    answer->rows = json_incref(rows);
    if (problem != NULL) {
        answer->problem = *problem;
    }
}

static bool has_come(void *data)
{
    return ((Answer *)data)->has_come;
}

static json_int_t count_sites(Store *store)
{
    json_t *rows = store_query_now(store, "SELECT count(*) AS n FROM sites", NULL, NULL);
    json_int_t count = number_at(json_array_get(rows, 0), "n");
    json_decref(rows);
    return count;
}

static json_t *insert(const char *code, const char *name)
{
    return json_pack("[s[ss]]",
                     "INSERT INTO sites (code, name, tier, position) VALUES (?, ?, 'x', 0)", code,
                     name);
}

Test(store, gives_back_every_kind_of_value)
{
    Place place = place_new();
    Store *store = store_open(place.path, NULL);
    json_t *rows = store_query_now(store, "SELECT ? AS s, ? AS i, ? AS r, ? AS n, ? AS t",
                                   json_pack("[s, I, f, n, b]", "Cái Bè", INT64_MIN, 0.5, 1), NULL);
    json_t *row = json_array_get(rows, 0);
    cr_assert_str_eq(text_at(row, "s"), "Cái Bè");
    cr_assert_eq(number_at(row, "i"), INT64_MIN);
    cr_assert_float_eq(json_real_value(json_object_get(row, "r")), 0.5, 0);
    cr_assert(json_is_null(json_object_get(row, "n")));
    cr_assert_eq(number_at(row, "t"), 1);
    json_decref(rows);
    store_close(store);
    place_clear(&place);
}

Test(store, makes_its_file_for_its_owner_only)
{
    Place place = place_new();
    Store *store = store_open(place.path, NULL);
    struct stat status;
    cr_assert_eq(stat(place.path, &status), 0);
    cr_assert_eq(status.st_mode & 0777, 0600);
    store_close(store);
    place_clear(&place);
}

Test(store, keeps_what_it_was_told_and_migrates_once)
{
    Place place = place_new();
    Store *store = store_open(place.path, NULL);
    store_query(store, "INSERT INTO sites (code, name, tier, position) VALUES ('A', 'a', 'x', 0)",
                NULL, NULL, NULL);
    store_close(store);
    store = store_open(place.path, NULL);
    cr_assert_eq(count_sites(store), 1);
    json_t *rows = store_query_now(store, "PRAGMA user_version", NULL, NULL);
    cr_assert_eq(number_at(json_array_get(rows, 0), "user_version"), migrations_count());
    json_decref(rows);
    store_close(store);
    place_clear(&place);
}

Test(store, answers_on_the_main_loop_in_the_order_of_the_questions)
{
    Place place = place_new();
    Store *store = store_open(place.path, NULL);
    Answer first = {0};
    Answer second = {0};
    store_query(store, "SELECT 1 AS n", NULL, on_answer, &first);
    store_query(store, "SELECT 2 AS n", NULL, on_answer, &second);
    cr_assert_not(first.has_come, "called back before returning");
    run_until(has_come, &second);
    cr_assert(first.has_come);
    cr_assert_eq(number_at(json_array_get(second.rows, 0), "n"), 2);
    json_decref(first.rows);
    json_decref(second.rows);
    store_close(store);
    place_clear(&place);
}

Test(store, does_all_of_a_transaction_and_answers_its_last_rows)
{
    Place place = place_new();
    Store *store = store_open(place.path, NULL);
    Answer answer = {0};
    json_t *statements = json_pack("[o, o, [s]]", insert("A", "a"), insert("B", "b"),
                                   "SELECT code FROM sites ORDER BY code DESC");
    store_transaction(store, statements, on_answer, &answer);
    run_until(has_come, &answer);
    cr_assert_str_eq(text_at(json_array_get(answer.rows, 0), "code"), "B");
    cr_assert_eq(json_array_size(answer.rows), 2);
    json_decref(answer.rows);
    store_close(store);
    place_clear(&place);
}

Test(store, does_nothing_of_a_transaction_that_fails)
{
    Place place = place_new();
    Store *store = store_open(place.path, NULL);
    Answer answer = {0};
    store_transaction(store, json_pack("[o, o]", insert("A", "a"), insert("A", "b")), on_answer,
                      &answer);
    run_until(has_come, &answer);
    cr_assert_null(answer.rows);
    cr_assert_str_eq(answer.problem.code, "conflict");
    cr_assert_eq(count_sites(store), 0);
    store_close(store);
    place_clear(&place);
}

Test(store, answers_wrong_sql_as_unavailable)
{
    Place place = place_new();
    Store *store = store_open(place.path, NULL);
    Problem problem = {{0}, {0}, {0}};
    cr_assert_null(store_query_now(store, "SELECT nothing FROM nowhere", NULL, &problem));
    cr_assert_str_eq(problem.code, "unavailable");
    cr_assert_eq(count_sites(store), 0);
    store_close(store);
    place_clear(&place);
}

/* A database that may not grow behaves as on a full disk. */
Test(store, tells_a_full_disk_and_goes_on)
{
    Place place = place_new();
    Store *store = store_open(place.path, NULL);
    g_autofree char *large = g_strnfill(64 * 1024, 'x');
    Problem problem = {{0}, {0}, {0}};
    Answer answer = {0};
    json_decref(store_query_now(store, "PRAGMA max_page_count = 32", NULL, NULL));
    json_t *statements =
        json_pack("[o, o, o]", insert("A", "a"), insert("B", large), insert("C", large));
    store_transaction(store, statements, on_answer, &answer);
    run_until(has_come, &answer);
    cr_assert_str_eq(answer.problem.code, "unavailable");
    cr_assert_not_null(strstr(answer.problem.message, "no space left"), "%s",
                       answer.problem.message);
    cr_assert_eq(count_sites(store), 0);
    json_decref(store_query_now(store, "PRAGMA max_page_count = 100000", NULL, NULL));
    json_t *rows = store_query_now(
        store, "INSERT INTO sites (code, name, tier, position) VALUES ('A', 'a', 'x', 0)", NULL,
        &problem);
    cr_assert_not_null(rows, "%s", problem.message);
    json_decref(rows);
    store_close(store);
    place_clear(&place);
}

typedef struct Counter {
    int good;
    int refused;
} Counter;

static void on_count(json_t *rows, const Problem *problem, void *data)
{
    Counter *counter = data;
    counter->good += problem == NULL;
    counter->refused += problem != NULL && strcmp(problem->code, "unavailable") == 0;
}

static bool has_counted_all(void *data)
{
    const Counter *counter = data;
    return counter->good + counter->refused == 2 * LIMIT_STORE_QUEUE;
}

Test(store, refuses_questions_over_its_queue_and_answers_each_once)
{
    Place place = place_new();
    Store *store = store_open(place.path, NULL);
    Counter counter = {0};
    for (int i = 0; i < 2 * LIMIT_STORE_QUEUE; i++) {
        store_query(store, "SELECT 1", NULL, on_count, &counter);
    }
    cr_assert_eq(counter.good + counter.refused, 0);
    run_until(has_counted_all, &counter);
    cr_assert_eq(counter.good, LIMIT_STORE_QUEUE);
    store_close(store);
    place_clear(&place);
}

static void assert_not_opened(const char *path, const char *words)
{
    g_autoptr(GError) error = NULL;
    cr_assert_null(store_open(path, &error));
    cr_assert_not_null(strstr(error->message, words), "\"%s\" does not say \"%s\"", error->message,
                       words);
    cr_assert_not_null(strstr(error->message, path));
}

Test(store, refuses_a_newer_schema_politely_and_leaves_it_alone)
{
    Place place = place_new();
    store_close(store_open(place.path, NULL));
    sqlite3 *database = NULL;
    sqlite3_open(place.path, &database);
    sqlite3_exec(database, "PRAGMA user_version = 999", NULL, NULL, NULL);
    sqlite3_close(database);
    assert_not_opened(place.path, "newer version (schema 999");
    assert_not_opened(place.path, "newer version (schema 999");
    place_clear(&place);
}

Test(store, refuses_a_file_that_is_no_database)
{
    Place place = place_new();
    g_autofree char *text = g_strnfill(8192, 'x');
    g_file_set_contents(place.path, text, -1, NULL);
    assert_not_opened(place.path, "restore it from a backup");
    place_clear(&place);
}

Test(store, refuses_a_directory_that_is_not_there)
{
    assert_not_opened("/nowhere/at/all.db", "check the directory");
}

Test(store, refuses_a_database_that_another_program_has)
{
    Place place = place_new();
    Store *store = store_open(place.path, NULL);
    json_decref(store_query_now(
        store, "INSERT INTO sites (code, name, tier, position) VALUES ('A', 'a', 'x', 0)", NULL,
        NULL));
    assert_not_opened(place.path, "another program is using it");
    store_close(store);
    place_clear(&place);
}

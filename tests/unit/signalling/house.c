#include "tests/unit/signalling/house.h"

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "signalling/config.h"
#include "signalling/devices.h"
#include "signalling/directory.h"
#include "signalling/dispatch.h"
#include "signalling/store.h"
#include "signalling/users.h"

#define PATIENCE_US (40 * CLOCK_US_PER_S)

static const char sites_csv[] = "code,name,tier,parent\n"
                                "TG,UBND tỉnh,province,\n"
                                "TG-A,Xã A,commune,TG\n"
                                "TG-B,Xã B,commune,TG\n";

void run_until(bool (*is_done)(void *data), void *data)
{
    int64_t deadline_us = clock_now_us() + PATIENCE_US;
    while (!is_done(data)) {
        cr_assert_lt(clock_now_us(), deadline_us, "nothing happened for 40 s");
        if (!g_main_context_iteration(NULL, FALSE)) {
            g_usleep(200);
        }
    }
}

void run_ready(void)
{
    while (g_main_context_iteration(NULL, FALSE)) {
    }
}

static void open_house(House *house)
{
    GError *error = NULL;
    Server *server = &house->server;
    server->fingerprint = "AB:CD";
    server->config = config_load(NULL, house->overrides, &error);
    cr_assert_not_null(server->config, "%s", error != NULL ? error->message : "");
    g_autofree char *path = g_build_filename(house->directory, "test.db", NULL);
    server->store = store_open(path, &error);
    cr_assert_not_null(server->store, "%s", error != NULL ? error->message : "");
    server->clients = clients_new(server);
    server->directory = directory_new(server, &error);
    server->devices = devices_new(server, &error);
    server->users = users_new(server, &error);
    cr_assert_null(error);
}

static void close_house(House *house)
{
    Server *server = &house->server;
    store_finish(server->store);
    users_free(g_steal_pointer(&server->users));
    devices_free(g_steal_pointer(&server->devices));
    directory_free(g_steal_pointer(&server->directory));
    clients_free(g_steal_pointer(&server->clients));
    store_close(g_steal_pointer(&server->store));
    config_free(g_steal_pointer(&server->config));
}

typedef struct Imported {
    bool has_come;
    bool is_good;
} Imported;

static void on_imported(const DirectoryChange *change, const Problem *problem, void *data)
{
    Imported *imported = data;
    imported->has_come = true;
    imported->is_good = problem == NULL;
}

static bool has_imported(void *data)
{
    return ((Imported *)data)->has_come;
}

House *house_new(const char *settings)
{
    cr_assert_geq(sodium_init(), 0);
    log_init("test", LOG_ERROR);
    House *house = g_new0(House, 1);
    house->directory = g_dir_make_tmp("house-XXXXXX", NULL);
    GPtrArray *overrides = g_ptr_array_new();
    g_ptr_array_add(overrides, g_strdup_printf("server.data_dir=%s", house->directory));
    g_ptr_array_add(overrides, g_strdup_printf("server.runtime_dir=%s", house->directory));
    g_auto(GStrv) lines = g_strsplit(settings != NULL ? settings : "", "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        if (**line != '\0') {
            g_ptr_array_add(overrides, g_strdup(*line));
        }
    }
    g_ptr_array_add(overrides, NULL);
    house->overrides = (char **)g_ptr_array_free(overrides, FALSE);
    open_house(house);
    Imported imported = {0};
    directory_import(house->server.directory, sites_csv, "sites.csv", on_imported, &imported);
    run_until(has_imported, &imported);
    cr_assert(imported.is_good);
    return house;
}

void house_reopen(House *house)
{
    close_house(house);
    open_house(house);
}

static void remove_all(const char *directory)
{
    g_autoptr(GDir) entries = g_dir_open(directory, 0, NULL);
    const char *name = NULL;
    while (entries != NULL && (name = g_dir_read_name(entries)) != NULL) {
        g_autofree char *path = g_build_filename(directory, name, NULL);
        g_unlink(path);
    }
    g_rmdir(directory);
}

void house_free(House *house)
{
    close_house(house);
    remove_all(house->directory);
    g_free(house->directory);
    g_strfreev(house->overrides);
    g_free(house);
}

/* ---- visitors ---- */

static bool on_send(void *transport, const char *text, size_t size)
{
    Visitor *visitor = transport;
    json_t *message = json_loadb(text, size, 0, NULL);
    cr_assert_not_null(message);
    g_ptr_array_add(visitor->heard, message);
    return true;
}

static void on_close(void *transport, int code, const char *reason)
{
    ((Visitor *)transport)->close_code = code;
}

static void drop_message(gpointer message)
{
    json_decref(message);
}

Visitor *visitor_new(House *house, ClientRole role, const char *user)
{
    Visitor *visitor = g_new0(Visitor, 1);
    const ClientTransport transport = {on_send, on_close, visitor};
    visitor->house = house;
    visitor->heard = g_ptr_array_new_with_free_func(drop_message);
    visitor->client = clients_add(house->server.clients, &transport, role, user);
    return visitor;
}

void visitor_leave(Visitor *visitor)
{
    clients_remove(visitor->house->server.clients, visitor->client);
    g_ptr_array_unref(visitor->heard);
    g_free(visitor);
}

void visitor_say(Visitor *visitor, const char *text)
{
    dispatch_text(&visitor->house->server, visitor->client, text, strlen(text));
}

json_t *visitor_answer(const Visitor *visitor, int id)
{
    for (guint i = 0; i < visitor->heard->len; i++) {
        json_t *message = g_ptr_array_index(visitor->heard, i);
        json_t *given = json_object_get(message, "id");
        if (json_is_integer(given) && json_integer_value(given) == id) {
            return message;
        }
    }
    return NULL;
}

json_t *visitor_event(const Visitor *visitor, const char *type)
{
    for (guint i = visitor->heard->len; i > 0; i--) {
        json_t *message = g_ptr_array_index(visitor->heard, i - 1);
        if (strcmp(text_at(message, "type"), type) == 0) {
            return message;
        }
    }
    return NULL;
}

const char *visitor_error(const Visitor *visitor, int id)
{
    json_t *answer = visitor_answer(visitor, id);
    return answer != NULL ? text_at(answer, "code") : "";
}

typedef struct Waiting {
    const Visitor *visitor;
    int id;
} Waiting;

static bool has_answer(void *data)
{
    const Waiting *waiting = data;
    return visitor_answer(waiting->visitor, waiting->id) != NULL;
}

json_t *visitor_ask(Visitor *visitor, int id, const char *type, json_t *message)
{
    json_object_set_new(message, "type", json_string(type));
    json_object_set_new(message, "id", json_integer(id));
    char *text = json_dumps(message, 0);
    visitor_say(visitor, text);
    free(text);
    json_decref(message);
    Waiting waiting = {visitor, id};
    run_until(has_answer, &waiting);
    return visitor_answer(visitor, id);
}

static bool is_closed(void *data)
{
    return ((Visitor *)data)->close_code != 0;
}

int visitor_wait_closed(Visitor *visitor)
{
    run_until(is_closed, visitor);
    return visitor->close_code;
}

const char *text_at(json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

json_int_t number_at(json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

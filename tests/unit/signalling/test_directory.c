#include <criterion/criterion.h>
#include <string.h>

#include "signalling/client.h"
#include "signalling/directory.h"
#include "signalling/store.h"
#include "tests/unit/signalling/house.h"

#define HEADER "code,name,tier,parent\n"

static json_t *import(Visitor *visitor, int id, const char *csv)
{
    return visitor_ask(visitor, id, "site.import",
                       json_pack("{s:s, s:s}", "csv", csv, "file", "moi.csv"));
}

static void assert_sites(House *house, const char *codes)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (size_t i = 0; i < directory_count(house->server.directory); i++) {
        g_string_append_printf(text, "%s ", directory_at(house->server.directory, i)->code);
    }
    cr_assert_str_eq(text->str, codes);
}

Test(directory, counts_what_an_import_changes)
{
    House *house = house_new(NULL);
    Visitor *visitor = visitor_new(house, ROLE_TECHNICIAN, "ky-thuat");
    json_t *answer = import(visitor, 1,
                            HEADER "TG-C,Xã C,commune,TG\nTG,UBND tỉnh,province,\n"
                                   "TG-A,Phường A,commune,TG\n");
    cr_assert_eq(number_at(answer, "added"), 1);
    cr_assert_eq(number_at(answer, "changed"), 1);
    cr_assert_eq(number_at(answer, "removed"), 1);
    assert_sites(house, "TG-C TG TG-A ");
    cr_assert_str_eq(directory_find(house->server.directory, "TG-A")->name, "Phường A");
    cr_assert_null(directory_find(house->server.directory, "TG-B"));
    visitor_leave(visitor);
    house_free(house);
}

Test(directory, keeps_the_order_and_the_names_over_a_restart)
{
    House *house = house_new(NULL);
    Visitor *visitor = visitor_new(house, ROLE_TECHNICIAN, "ky-thuat");
    import(visitor, 1, HEADER "TG-B,Xã B,commune,TG\nTG,UBND tỉnh,province,\n");
    visitor_leave(visitor);
    house_reopen(house);
    assert_sites(house, "TG-B TG ");
    cr_assert_str_eq(directory_find(house->server.directory, "TG-B")->parent, "TG");
    house_free(house);
}

Test(directory, brings_back_a_site_that_was_removed)
{
    House *house = house_new(NULL);
    Visitor *visitor = visitor_new(house, ROLE_TECHNICIAN, "ky-thuat");
    import(visitor, 1, HEADER "TG,UBND tỉnh,province,\n");
    json_t *answer = import(visitor, 2, HEADER "TG,UBND tỉnh,province,\nTG-A,Xã A,commune,TG\n");
    cr_assert_eq(number_at(answer, "added"), 1);
    visitor_leave(visitor);
    house_reopen(house);
    assert_sites(house, "TG TG-A ");
    house_free(house);
}

Test(directory, changes_nothing_for_a_bad_file)
{
    House *house = house_new(NULL);
    Visitor *visitor = visitor_new(house, ROLE_TECHNICIAN, "ky-thuat");
    json_t *answer = import(visitor, 1, HEADER "TG-C,Xã C,commune,\nTG-D,,commune,\n");
    cr_assert_str_eq(text_at(answer, "code"), "bad_field");
    cr_assert_str_eq(text_at(answer, "message"), "moi.csv:3:6: the name is empty");
    assert_sites(house, "TG TG-A TG-B ");
    visitor_leave(visitor);
    house_free(house);
}

Test(directory, does_not_remove_a_site_that_sits_in_a_meeting)
{
    House *house = house_new(NULL);
    Visitor *visitor = visitor_new(house, ROLE_TECHNICIAN, "ky-thuat");
    directory_find(house->server.directory, "TG-B")->meeting = 7;
    import(visitor, 1, HEADER "TG,UBND tỉnh,province,\n");
    cr_assert_str_eq(visitor_error(visitor, 1), "conflict");
    assert_sites(house, "TG TG-A TG-B ");
    visitor_leave(visitor);
    house_free(house);
}

Test(directory, keeps_a_site_that_got_its_seat_while_the_import_was_under_way)
{
    House *house = house_new(NULL);
    Visitor *visitor = visitor_new(house, ROLE_TECHNICIAN, "ky-thuat");
    visitor_say(visitor, "{\"type\":\"site.import\",\"id\":1,\"csv\":\""
                         "code,name,tier,parent\\nTG,UBND,province,\\n\"}");
    Site *site = directory_find(house->server.directory, "TG-B");
    site->meeting = 7;
    visitor_ask(visitor, 2, "token.new", json_pack("{s:s}", "site", "TG"));
    cr_assert_str_eq(text_at(visitor_answer(visitor, 1), "type"), "ok");
    cr_assert_eq(directory_find(house->server.directory, "TG-B"), site);
    assert_sites(house, "TG TG-B ");
    visitor_leave(visitor);
    house_reopen(house);
    cr_assert_not_null(directory_find(house->server.directory, "TG-B"));
    house_free(house);
}

Test(directory, imports_one_file_at_a_time)
{
    House *house = house_new(NULL);
    Visitor *visitor = visitor_new(house, ROLE_TECHNICIAN, "ky-thuat");
    visitor_say(visitor, "{\"type\":\"site.import\",\"id\":1,\"csv\":\""
                         "code,name,tier,parent\\nTG,UBND,province,\\n\"}");
    import(visitor, 2, HEADER "TG,x,province,\n");
    cr_assert_str_eq(visitor_error(visitor, 2), "conflict");
    visitor_leave(visitor);
    house_free(house);
}

Test(directory, changes_nothing_when_the_store_fails)
{
    House *house = house_new(NULL);
    Visitor *visitor = visitor_new(house, ROLE_TECHNICIAN, "ky-thuat");
    json_decref(store_query_now(house->server.store, "DROP TABLE tokens", NULL, NULL));
    import(visitor, 1, HEADER "TG,x,province,\n");
    cr_assert_str_eq(visitor_error(visitor, 1), "unavailable");
    assert_sites(house, "TG TG-A TG-B ");
    visitor_leave(visitor);
    house_free(house);
}

Test(directory, tells_the_pages_that_watch)
{
    House *house = house_new(NULL);
    Visitor *watcher = visitor_new(house, ROLE_HOST, "lan");
    Visitor *other = visitor_new(house, ROLE_HOST, "mai");
    client_set_watching(watcher->client);
    import(other, 1, HEADER "TG,x,province,\n");
    cr_assert_str_eq(visitor_error(other, 1), "not_allowed");
    client_set_role(other->client, ROLE_TECHNICIAN);
    import(other, 2, HEADER "TG,x,province,\n");
    json_t *event = visitor_event(watcher, "sites");
    cr_assert_eq(json_array_size(json_object_get(event, "sites")), 1);
    directory_announce(house->server.directory, directory_at(house->server.directory, 0));
    json_t *site = json_object_get(visitor_event(watcher, "site"), "site");
    cr_assert_str_eq(text_at(site, "code"), "TG");
    cr_assert(json_is_false(json_object_get(site, "online")));
    cr_assert(json_is_null(json_object_get(site, "meeting")));
    cr_assert_null(visitor_event(other, "sites"));
    visitor_leave(watcher);
    visitor_leave(other);
    house_free(house);
}

Test(directory, reads_the_file_of_the_repository)
{
    House *house = house_new(NULL);
    Visitor *visitor = visitor_new(house, ROLE_TECHNICIAN, "ky-thuat");
    g_autofree char *csv = NULL;
    cr_assert(g_file_get_contents(SOURCE_DIR "/config/sites.csv", &csv, NULL, NULL));
    json_t *answer = import(visitor, 1, csv);
    cr_assert_str_eq(text_at(answer, "type"), "ok", "%s", text_at(answer, "message"));
    cr_assert_eq(directory_count(house->server.directory), 207);
    visitor_leave(visitor);
    house_free(house);
}

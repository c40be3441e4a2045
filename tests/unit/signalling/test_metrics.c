#include <criterion/criterion.h>
#include <string.h>

#include "signalling/config.h"
#include "signalling/metrics.h"
#include "tests/unit/signalling/house.h"

#define FIRST "một-mã-đủ-dài-1"
#define SECOND "mot-ma-du-dai-khac-2"

Test(metrics, are_for_this_machine_and_for_who_has_a_token)
{
    House *house = house_new("server.metrics_tokens=" FIRST ";" SECOND);
    const Server *server = &house->server;
    cr_assert(metrics_is_allowed(server, "", true));
    cr_assert_not(metrics_is_allowed(server, "", false));
    cr_assert(metrics_is_allowed(server, "Bearer " FIRST, false));
    cr_assert(metrics_is_allowed(server, "bearer " SECOND, false));
    cr_assert_not(metrics_is_allowed(server, "Bearer ", false));
    cr_assert_not(metrics_is_allowed(server, "Basic " SECOND, false));
    cr_assert_not(metrics_is_allowed(server, "Bearer " SECOND "x", false));
    cr_assert_not(metrics_is_allowed(server, "Bearer mot-ma-du-dai-khac-3", false));
    house_free(house);
}

Test(metrics, without_a_token_they_are_for_this_machine_only)
{
    House *house = house_new(NULL);
    cr_assert_not(metrics_is_allowed(&house->server, "Bearer ", false));
    cr_assert_not(metrics_is_allowed(&house->server, "Bearer " SECOND, false));
    g_autofree char *text = metrics_write(&house->server);
    cr_assert_not_null(strstr(text, "\ndiemcau_sites 3\n"));
    house_free(house);
}

Test(metrics, a_token_that_can_be_guessed_is_an_error)
{
    g_autoptr(GError) error = NULL;
    char setting[] = "server.metrics_tokens=geheim";
    char *overrides[] = {setting, NULL};
    cr_assert_null(config_load(NULL, overrides, &error));
    cr_assert_not_null(strstr(error->message, "metrics_tokens"));
    cr_assert_null(strstr(error->message, "geheim"), "it is not printed");
}

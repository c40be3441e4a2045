#include <criterion/criterion.h>
#include <string.h>

#include "signalling/store.h"
#include "signalling/users.h"
#include "tests/unit/signalling/house.h"

#define PASSWORD "rạch gầm 1785"
#define HOUR_MS (INT64_C(3600) * 1000)

static int64_t fake_ms = 1700000000000;

static int64_t fake_clock(void)
{
    return fake_ms;
}

typedef struct Outcome {
    bool has_come;
    char code[24]; /* of the problem; "" when it went well */
    char field[96];
    char token[SESSION_TOKEN_SIZE];
    char session[CODE_HASH_SIZE];
    char user[64];
    ClientRole role;
    int retry_after_s;
} Outcome;

static bool has_come(void *data)
{
    return ((Outcome *)data)->has_come;
}

static void note_problem(Outcome *outcome, const Problem *problem)
{
    outcome->has_come = true;
    if (problem != NULL) {
        g_strlcpy(outcome->code, problem->code, sizeof outcome->code);
        g_strlcpy(outcome->field, problem->field, sizeof outcome->field);
    }
}

static void on_added(const Problem *problem, void *data)
{
    note_problem(data, problem);
}

static void on_login(const LoginResult *result, void *data)
{
    Outcome *outcome = data;
    note_problem(outcome, result->problem);
    outcome->retry_after_s = result->retry_after_s;
    if (result->problem == NULL) {
        g_strlcpy(outcome->token, result->token, sizeof outcome->token);
        g_strlcpy(outcome->session, result->session->hash, sizeof outcome->session);
        g_strlcpy(outcome->user, result->session->user, sizeof outcome->user);
        outcome->role = result->session->role;
    }
}

static Outcome add(House *house, const char *name, const char *password, ClientRole role)
{
    Outcome outcome = {0};
    users_add(house->server.users, name, password, role, on_added, &outcome);
    run_until(has_come, &outcome);
    return outcome;
}

static Outcome login(House *house, const char *name, const char *password, const char *address)
{
    Outcome outcome = {0};
    users_login(house->server.users, name, password, address, on_login, &outcome);
    run_until(has_come, &outcome);
    return outcome;
}

static Outcome setup(House *house, const char *token, const char *name, const char *password)
{
    Outcome outcome = {0};
    users_setup(house->server.users, token, name, password, on_login, &outcome);
    run_until(has_come, &outcome);
    return outcome;
}

static const Session *find(House *house, const char *token)
{
    return users_find_session(house->server.users, token);
}

Test(users, lets_in_who_knows_the_password)
{
    House *house = house_new(NULL);
    cr_assert_str_eq(add(house, "lan", PASSWORD, ROLE_HOST).code, "");
    Outcome outcome = login(house, "lan", PASSWORD, "10.0.0.1");
    cr_assert_str_eq(outcome.code, "");
    cr_assert_eq(strlen(outcome.token), 43);
    cr_assert_eq(outcome.role, ROLE_HOST);
    cr_assert_str_eq(find(house, outcome.token)->user, "lan");
    house_free(house);
}

Test(users, says_the_same_to_a_wrong_password_and_an_unknown_user)
{
    House *house = house_new(NULL);
    add(house, "lan", PASSWORD, ROLE_HOST);
    cr_assert_str_eq(login(house, "lan", "wrong wrong", "10.0.0.1").code, "bad_credentials");
    cr_assert_str_eq(login(house, "nobody", PASSWORD, "10.0.0.1").code, "bad_credentials");
    cr_assert_str_eq(login(house, "lan", "", "10.0.0.1").code, "bad_credentials");
    cr_assert_str_eq(login(house, "Lan", PASSWORD, "10.0.0.1").code, "bad_credentials");
    house_free(house);
}

Test(users, takes_the_same_letters_typed_in_parts)
{
    House *house = house_new(NULL);
    add(house, "Ca\xcc\x81i", "pha\xcc\x81o \xc4\x91\xc3\xa0i 9", ROLE_HOST);
    cr_assert_str_eq(login(house, "C\xc3\xa1i", "ph\xc3\xa1o \xc4\x91\xc3\xa0i 9", "10.0.0.1").code,
                     "");
    house_free(house);
}

Test(users, stores_no_password_and_no_token)
{
    House *house = house_new(NULL);
    add(house, "lan", PASSWORD, ROLE_HOST);
    Outcome outcome = login(house, "lan", PASSWORD, "10.0.0.1");
    json_t *rows = store_query_now(house->server.store,
                                   "SELECT password, hash FROM users JOIN sessions ON user = name",
                                   NULL, NULL);
    json_t *row = json_array_get(rows, 0);
    cr_assert(g_str_has_prefix(text_at(row, "password"), "$argon2id$"));
    cr_assert_not_null(strstr(text_at(row, "password"), "m=19456,t=2"), "%s",
                       text_at(row, "password"));
    cr_assert_str_neq(text_at(row, "hash"), outcome.token);
    cr_assert_str_eq(text_at(row, "hash"), outcome.session);
    json_decref(rows);
    house_free(house);
}

Test(users, refuses_names_that_are_no_names)
{
    House *house = house_new(NULL);
    static const char *const names[] = {"", " lan", "lan ", "a\nb", "a<b>", "a\xe2\x80\xae"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        Outcome outcome = add(house, names[i], PASSWORD, ROLE_HOST);
        cr_assert_str_eq(outcome.code, "bad_field", "accepted \"%s\"", names[i]);
        cr_assert_str_eq(outcome.field, "name");
    }
    house_free(house);
}

Test(users, refuses_passwords_that_can_be_guessed)
{
    House *house = house_new(NULL);
    static const char *const passwords[] = {"",         "short 7",     "aaaaaaaaaaaa",
                                            "password", "Password1",   "matkhau123",
                                            "12345678", "diemcau2026", "lananhha"};
    for (size_t i = 0; i < G_N_ELEMENTS(passwords); i++) {
        Outcome outcome = add(house, "LanAnhHa", passwords[i], ROLE_HOST);
        cr_assert_str_eq(outcome.code, "bad_field", "accepted \"%s\"", passwords[i]);
        cr_assert_str_eq(outcome.field, "password");
    }
    house_free(house);
}

Test(users, refuses_a_name_that_is_taken)
{
    House *house = house_new(NULL);
    add(house, "lan", PASSWORD, ROLE_HOST);
    cr_assert_str_eq(add(house, "lan", PASSWORD, ROLE_ADMIN).code, "conflict");
    cr_assert_str_eq(add(house, "mai", PASSWORD, ROLE_GUEST).field, "role");
    house_free(house);
}

Test(users, refuses_the_second_of_two_at_once)
{
    House *house = house_new(NULL);
    Outcome first = {0};
    Outcome second = {0};
    users_add(house->server.users, "lan", PASSWORD, ROLE_HOST, on_added, &first);
    users_add(house->server.users, "lan", PASSWORD, ROLE_ADMIN, on_added, &second);
    run_until(has_come, &first);
    run_until(has_come, &second);
    cr_assert_str_eq(first.code, "");
    cr_assert_str_eq(second.code, "conflict");
    cr_assert_eq(login(house, "lan", PASSWORD, "10.0.0.1").role, ROLE_HOST);
    house_free(house);
}

Test(users, slows_down_guessing_and_says_how_long)
{
    House *house = house_new(NULL);
    add(house, "lan", PASSWORD, ROLE_HOST);
    Outcome outcome = {0};
    for (int i = 0; i < 7; i++) {
        outcome = login(house, "lan", "wrong wrong", "10.0.0.1");
    }
    cr_assert_str_eq(outcome.code, "limit");
    cr_assert_geq(outcome.retry_after_s, 1);
    cr_assert_str_eq(login(house, "lan", PASSWORD, "10.0.0.1").code, "limit");
    house_free(house);
}

static bool have_all_come(void *data)
{
    Outcome *outcomes = data;
    for (int i = 0; i < 200; i++) {
        if (!outcomes[i].has_come) {
            return false;
        }
    }
    return true;
}

Test(users, hashes_a_bounded_number_of_passwords_at_once)
{
    House *house = house_new(NULL);
    g_autofree Outcome *outcomes = g_new0(Outcome, 200);
    int refused = 0;
    for (int i = 0; i < 200; i++) {
        g_autofree char *name = g_strdup_printf("user%d", i);
        g_autofree char *address = g_strdup_printf("10.0.%d.1", i);
        users_login(house->server.users, name, PASSWORD, address, on_login, &outcomes[i]);
    }
    run_until(have_all_come, outcomes);
    for (int i = 0; i < 200; i++) {
        refused += strcmp(outcomes[i].code, "limit") == 0;
    }
    cr_assert_eq(refused, 200 - 64);
    house_free(house);
}

Test(users, remembers_users_and_sessions_over_a_restart)
{
    House *house = house_new(NULL);
    add(house, "lan", PASSWORD, ROLE_TECHNICIAN);
    Outcome outcome = login(house, "lan", PASSWORD, "10.0.0.1");
    house_reopen(house);
    cr_assert_eq(find(house, outcome.token)->role, ROLE_TECHNICIAN);
    cr_assert_str_eq(login(house, "lan", PASSWORD, "10.0.0.1").code, "");
    house_free(house);
}

Test(users, ends_an_idle_session_after_twelve_hours)
{
    House *house = house_new(NULL);
    users_set_clock(house->server.users, fake_clock);
    add(house, "lan", PASSWORD, ROLE_HOST);
    Outcome outcome = login(house, "lan", PASSWORD, "10.0.0.1");
    fake_ms += 11 * HOUR_MS;
    cr_assert_not_null(find(house, outcome.token));
    fake_ms += 11 * HOUR_MS;
    cr_assert_not_null(find(house, outcome.token), "being seen did not count");
    fake_ms += 12 * HOUR_MS + 1;
    cr_assert_null(find(house, outcome.token));
    house_free(house);
}

Test(users, ends_every_session_after_seven_days)
{
    House *house = house_new(NULL);
    users_set_clock(house->server.users, fake_clock);
    add(house, "lan", PASSWORD, ROLE_HOST);
    Outcome outcome = login(house, "lan", PASSWORD, "10.0.0.1");
    for (int i = 0; i < 7 * 24; i++) {
        fake_ms += HOUR_MS;
        cr_assert_not_null(find(house, outcome.token));
    }
    fake_ms += 1;
    cr_assert_null(find(house, outcome.token));
    house_free(house);
}

Test(users, a_late_wall_clock_ends_no_session)
{
    House *house = house_new(NULL);
    users_set_clock(house->server.users, fake_clock);
    add(house, "lan", PASSWORD, ROLE_HOST);
    Outcome outcome = login(house, "lan", PASSWORD, "10.0.0.1");
    fake_ms -= 24 * HOUR_MS;
    cr_assert_not_null(find(house, outcome.token));
    house_free(house);
}

Test(users, logging_out_ends_the_session_and_its_sockets_only)
{
    House *house = house_new(NULL);
    add(house, "lan", PASSWORD, ROLE_HOST);
    Outcome one = login(house, "lan", PASSWORD, "10.0.0.1");
    Outcome two = login(house, "lan", PASSWORD, "10.0.0.1");
    Visitor *first = visitor_new(house, ROLE_HOST, "lan");
    Visitor *second = visitor_new(house, ROLE_HOST, "lan");
    Visitor *device = visitor_new(house, ROLE_DEVICE, NULL);
    client_set_session(first->client, one.session);
    client_set_session(second->client, two.session);
    users_logout(house->server.users, one.session);
    cr_assert_eq(first->close_code, 1008);
    cr_assert_eq(second->close_code, 0);
    cr_assert_eq(device->close_code, 0);
    cr_assert_null(find(house, one.token));
    cr_assert_not_null(find(house, two.token));
    visitor_leave(first);
    visitor_leave(second);
    visitor_leave(device);
    house_reopen(house);
    cr_assert_null(find(house, one.token));
    house_free(house);
}

Test(users, knows_no_session_of_a_made_up_token)
{
    House *house = house_new(NULL);
    add(house, "lan", PASSWORD, ROLE_HOST);
    Outcome outcome = login(house, "lan", PASSWORD, "10.0.0.1");
    cr_assert_null(find(house, ""));
    cr_assert_null(find(house, outcome.session), "the stored hash logs in");
    outcome.token[0] = outcome.token[0] == 'A' ? 'B' : 'A';
    cr_assert_null(find(house, outcome.token));
    house_free(house);
}

Test(users, the_set_up_link_makes_the_first_administrator_once)
{
    House *house = house_new(NULL);
    char token[SETUP_TOKEN_SIZE];
    cr_assert(users_make_setup_token(house->server.users, token, NULL));
    cr_assert_eq(strlen(token), SETUP_TOKEN_SIZE - 1);
    Outcome outcome = setup(house, token, "quản trị", PASSWORD);
    cr_assert_str_eq(outcome.code, "");
    cr_assert_eq(outcome.role, ROLE_ADMIN);
    cr_assert_not_null(find(house, outcome.token));
    cr_assert_str_eq(setup(house, token, "second", PASSWORD).code, "conflict");
    Problem problem;
    cr_assert_not(users_make_setup_token(house->server.users, token, &problem));
    cr_assert_str_eq(problem.code, "conflict");
    house_free(house);
}

Test(users, refuses_another_set_up_link)
{
    House *house = house_new(NULL);
    char old[SETUP_TOKEN_SIZE];
    char token[SETUP_TOKEN_SIZE];
    cr_assert_str_eq(setup(house, "", "lan", PASSWORD).code, "bad_credentials");
    users_make_setup_token(house->server.users, old, NULL);
    users_make_setup_token(house->server.users, token, NULL);
    cr_assert_str_eq(setup(house, old, "lan", PASSWORD).code, "bad_credentials");
    cr_assert_str_eq(setup(house, "", "lan", PASSWORD).code, "bad_credentials");
    cr_assert_eq(users_count(house->server.users), 0);
    house_free(house);
}

Test(users, the_set_up_link_lives_half_an_hour)
{
    House *house = house_new(NULL);
    char token[SETUP_TOKEN_SIZE];
    users_set_clock(house->server.users, fake_clock);
    users_make_setup_token(house->server.users, token, NULL);
    fake_ms += 30 * 60 * 1000 + 1;
    cr_assert_str_eq(setup(house, token, "lan", PASSWORD).code, "bad_credentials");
    house_free(house);
}

Test(users, a_refused_password_does_not_use_up_the_set_up_link)
{
    House *house = house_new(NULL);
    char token[SETUP_TOKEN_SIZE];
    users_make_setup_token(house->server.users, token, NULL);
    cr_assert_str_eq(setup(house, token, "lan", "short").code, "bad_field");
    cr_assert_str_eq(setup(house, token, "lan", PASSWORD).code, "");
    house_free(house);
}

Test(users, two_cannot_both_be_first)
{
    House *house = house_new(NULL);
    char token[SETUP_TOKEN_SIZE];
    Outcome first = {0};
    Outcome second = {0};
    users_make_setup_token(house->server.users, token, NULL);
    users_setup(house->server.users, token, "lan", PASSWORD, on_login, &first);
    users_setup(house->server.users, token, "mai", PASSWORD, on_login, &second);
    run_until(has_come, &first);
    run_until(has_come, &second);
    cr_assert_str_eq(first.code, "");
    cr_assert_str_eq(second.code, "conflict");
    cr_assert_eq(users_count(house->server.users), 1);
    house_free(house);
}

#include <criterion/criterion.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "signalling/dispatch.h"
#include "tests/unit/signalling/house.h"

static const ClientRole every_role[] = {ROLE_GUEST, ROLE_PENDING,    ROLE_DEVICE,
                                        ROLE_HOST,  ROLE_TECHNICIAN, ROLE_ADMIN};

static void assert_refused(const char *text, const char *code, const char *field)
{
    House *house = house_new(NULL);
    Visitor *visitor = visitor_new(house, ROLE_ADMIN, "lan");
    visitor_say(visitor, text);
    cr_assert_eq(visitor->heard->len, 1, "%s: %u answers", text, visitor->heard->len);
    json_t *answer = g_ptr_array_index(visitor->heard, 0);
    cr_assert_str_eq(text_at(answer, "type"), "error");
    cr_assert_str_eq(text_at(answer, "code"), code, "%s", text);
    cr_assert_str_eq(text_at(answer, "field"), field, "%s", text);
    visitor_leave(visitor);
    house_free(house);
}

Test(dispatch, answers_with_the_id_of_the_request)
{
    House *house = house_new(NULL);
    Visitor *visitor = visitor_new(house, ROLE_GUEST, NULL);
    json_t *answer = visitor_ask(visitor, 7, "ping", json_object());
    cr_assert_str_eq(text_at(answer, "type"), "ok");
    cr_assert_gt(number_at(answer, "time_ms"), 1700000000000);
    visitor_say(visitor, "{\"type\":\"ping\",\"id\":9007199254740992,\"unknown\":[1]}");
    json_t *last = g_ptr_array_index(visitor->heard, visitor->heard->len - 1);
    cr_assert_eq(number_at(last, "id"), INT64_C(9007199254740992));
    visitor_leave(visitor);
    house_free(house);
}

Test(dispatch, says_nothing_to_a_good_message_without_id)
{
    House *house = house_new(NULL);
    Visitor *visitor = visitor_new(house, ROLE_GUEST, NULL);
    visitor_say(visitor, "{\"type\":\"ping\"}");
    cr_assert_eq(visitor->heard->len, 0);
    visitor_leave(visitor);
    house_free(house);
}

Test(dispatch, refuses_what_is_not_one_json_object)
{
    assert_refused("", "bad_json", "");
    assert_refused("ping", "bad_json", "");
    assert_refused("[]", "bad_json", "");
    assert_refused("{\"type\":\"ping\"", "bad_json", "");
    assert_refused("{\"type\":\"ping\"}{}", "bad_json", "");
    assert_refused("{\"type\":\"ping\",\"type\":\"ping\"}", "bad_json", "");
    assert_refused("{\"type\":\"\xff\"}", "bad_json", "");
}

Test(dispatch, refuses_deep_nesting)
{
    char text[4096];
    memset(text, '[', sizeof text - 1);
    memcpy(text, "{\"a\":", 5);
    text[sizeof text - 1] = '\0';
    assert_refused(text, "bad_json", "");
}

Test(dispatch, refuses_an_envelope_that_makes_no_sense)
{
    assert_refused("{}", "bad_field", "type");
    assert_refused("{\"type\":5,\"id\":1}", "bad_field", "type");
    assert_refused("{\"type\":\"\",\"id\":1}", "bad_field", "type");
    assert_refused("{\"type\":\"ping\",\"id\":\"1\"}", "bad_field", "id");
    assert_refused("{\"type\":\"ping\",\"id\":-1}", "bad_field", "id");
    assert_refused("{\"type\":\"ping\",\"id\":9007199254740993}", "bad_field", "id");
    assert_refused("{\"type\":\"pong\",\"id\":1}", "unknown_type", "type");
    assert_refused("{\"type\":\"Ping\",\"id\":1}", "unknown_type", "type");
}

static void check_every_role(const MessageRow *row, void *data)
{
    for (size_t i = 0; i < G_N_ELEMENTS(every_role); i++) {
        Problem problem = {{0}, {0}, {0}};
        int64_t id = 0;
        json_t *message = json_pack("{s:s, s:i}", "type", row->type, "id", 3);
        const MessageRow *found = dispatch_look_up(message, every_role[i], &id, &problem);
        bool may = (row->roles & (unsigned)every_role[i]) != 0;
        bool is_early = every_role[i] <= ROLE_PENDING && (row->roles & ROLE_DEVICE) != 0;
        cr_assert_eq(found, may ? row : NULL, "%s as role %d", row->type, every_role[i]);
        cr_assert_eq(id, 3);
        cr_assert_str_eq(problem.code, may ? "" : is_early ? "wrong_state" : "not_allowed");
        json_decref(message);
    }
    *(int *)data += 1;
}

Test(dispatch, lets_each_role_send_its_messages_and_no_other)
{
    int rows = 0;
    dispatch_each(check_every_role, &rows);
    cr_assert_geq(rows, 20);
}

Test(dispatch, keeps_technicians_from_hosting_and_hosts_from_technical_work)
{
    cr_assert_eq(dispatch_find("meeting.open")->roles & ROLE_TECHNICIAN, 0);
    cr_assert_eq(dispatch_find("device.approve")->roles & ROLE_HOST, 0);
    cr_assert_eq(dispatch_find("user.add")->roles, ROLE_ADMIN);
    cr_assert_eq(dispatch_find("device.auth")->roles, ROLE_GUEST);
}

Test(dispatch, closes_after_three_refused_messages_in_a_row)
{
    House *house = house_new(NULL);
    Visitor *visitor = visitor_new(house, ROLE_GUEST, NULL);
    visitor_say(visitor, "{}");
    visitor_say(visitor, "{\"type\":\"page.watch\",\"id\":1}");
    cr_assert_eq(visitor->close_code, 0);
    visitor_say(visitor, "nonsense");
    cr_assert_eq(visitor->close_code, 1008);
    cr_assert_eq(visitor->heard->len, 3);
    visitor_say(visitor, "{\"type\":\"ping\",\"id\":2}");
    cr_assert_eq(visitor->heard->len, 3, "a closing client is still heard");
    visitor_leave(visitor);
    house_free(house);
}

Test(dispatch, a_good_message_starts_the_count_again)
{
    House *house = house_new(NULL);
    Visitor *visitor = visitor_new(house, ROLE_GUEST, NULL);
    for (int i = 0; i < 5; i++) {
        visitor_say(visitor, "{}");
        visitor_say(visitor, "{}");
        visitor_say(visitor, "{\"type\":\"ping\"}");
    }
    cr_assert_eq(visitor->close_code, 0);
    visitor_leave(visitor);
    house_free(house);
}

Test(dispatch, what_is_not_there_is_no_refusal)
{
    House *house = house_new(NULL);
    Visitor *visitor = visitor_new(house, ROLE_ADMIN, "lan");
    for (int i = 0; i < 5; i++) {
        visitor_ask(visitor, i, "token.new", json_pack("{s:s}", "site", "NO"));
        cr_assert_str_eq(visitor_error(visitor, i), "not_found");
    }
    cr_assert_eq(visitor->close_code, 0);
    visitor_leave(visitor);
    house_free(house);
}

Test(dispatch, drops_the_answer_when_the_asker_is_gone)
{
    House *house = house_new(NULL);
    Visitor *visitor = visitor_new(house, ROLE_ADMIN, "lan");
    visitor_say(visitor, "{\"type\":\"token.new\",\"id\":1,\"site\":\"TG\"}");
    visitor_leave(visitor);
    visitor = visitor_new(house, ROLE_ADMIN, "lan");
    visitor_ask(visitor, 2, "token.new", json_pack("{s:s}", "site", "TG"));
    cr_assert_null(visitor_answer(visitor, 1));
    visitor_leave(visitor);
    house_free(house);
}

Test(dispatch, quotes_text_that_was_cut_inside_a_letter)
{
    House *house = house_new(NULL);
    Visitor *visitor = visitor_new(house, ROLE_ADMIN, "lan");
    Problem problem;
    Request request = {.client = client_id(visitor->client), .id = 4};
    problem_set(&problem, "not_found", "", "x\xe1\xba");
    request_fail(&house->server, request, &problem);
    cr_assert_str_eq(visitor_error(visitor, 4), "not_found");
    visitor_leave(visitor);
    house_free(house);
}

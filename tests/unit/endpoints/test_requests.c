#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "endpoints/client/requests.h"

typedef struct Seen {
    int oks;
    int problems;
    char code[24];
    Requests *requests; /* to ask again from within a reply */
} Seen;

static void on_reply(json_t *ok, const Problem *problem, void *data)
{
    Seen *seen = data;
    cr_assert((ok == NULL) != (problem == NULL));
    if (ok != NULL) {
        seen->oks++;
    } else {
        seen->problems++;
        strcpy(seen->code, problem->code);
    }
}

static void ask_again(json_t *ok, const Problem *problem, void *data)
{
    Seen *seen = data;
    on_reply(ok, problem, data);
    cr_assert_neq(requests_add(seen->requests, on_reply, seen, 0), 0);
}

static bool answer(Requests *requests, const char *text)
{
    json_t *message = json_loads(text, 0, NULL);
    cr_assert_not_null(message);
    bool used = requests_answer(requests, message);
    json_decref(message);
    return used;
}

Test(requests, pairs_answers_with_requests_in_any_order)
{
    Requests *requests = requests_new();
    Seen first = {0};
    Seen second = {0};
    cr_assert_eq(requests_add(requests, on_reply, &first, 0), 1);
    cr_assert_eq(requests_add(requests, on_reply, &second, 0), 2);
    cr_assert(answer(requests, "{\"type\":\"ok\",\"id\":2}"));
    cr_assert_eq(first.oks, 0);
    cr_assert_eq(second.oks, 1);
    cr_assert(
        answer(requests, "{\"type\":\"error\",\"id\":1,\"code\":\"limit\",\"message\":\"m\"}"));
    cr_assert_eq(first.problems, 1);
    cr_assert_str_eq(first.code, "limit");
    requests_free(requests);
}

Test(requests, answers_each_request_once)
{
    Requests *requests = requests_new();
    Seen seen = {0};
    requests_add(requests, on_reply, &seen, 0);
    cr_assert(answer(requests, "{\"type\":\"ok\",\"id\":1}"));
    cr_assert_not(answer(requests, "{\"type\":\"ok\",\"id\":1}"));
    requests_expire(requests, 2 * REQUESTS_TIMEOUT_US);
    requests_fail_all(requests, "end");
    cr_assert_eq(seen.oks, 1);
    cr_assert_eq(seen.problems, 0);
    requests_free(requests);
}

Test(requests, leaves_alone_answers_that_nobody_waits_for)
{
    Requests *requests = requests_new();
    Seen seen = {0};
    requests_add(requests, on_reply, &seen, 0);
    cr_assert_not(answer(requests, "{\"type\":\"ok\",\"id\":7}"));
    cr_assert_not(answer(requests, "{\"type\":\"ok\",\"id\":\"1\"}"));
    cr_assert_not(answer(requests, "{\"type\":\"ok\",\"id\":-1}"));
    cr_assert_not(answer(requests, "{\"id\":1}"));
    cr_assert_not(answer(requests, "{\"type\":17,\"id\":1}"));
    cr_assert_eq(seen.oks + seen.problems, 0);
    requests_free(requests);
}

Test(requests, answers_unavailable_after_the_time_limit)
{
    Requests *requests = requests_new();
    Seen early = {0};
    Seen late = {0};
    requests_add(requests, on_reply, &early, 0);
    requests_add(requests, on_reply, &late, 1000);
    requests_expire(requests, REQUESTS_TIMEOUT_US);
    cr_assert_eq(early.problems, 1);
    cr_assert_str_eq(early.code, "unavailable");
    cr_assert_eq(late.problems, 0);
    requests_free(requests);
}

Test(requests, survives_an_error_without_code_and_message)
{
    Requests *requests = requests_new();
    Seen seen = {0};
    requests_add(requests, on_reply, &seen, 0);
    cr_assert(answer(requests, "{\"type\":\"error\",\"id\":1,\"code\":17}"));
    cr_assert_str_eq(seen.code, "unavailable");
    requests_free(requests);
}

Test(requests, fails_all_but_not_those_made_meanwhile)
{
    Requests *requests = requests_new();
    Seen seen = {.requests = requests};
    requests_add(requests, ask_again, &seen, 0);
    requests_add(requests, NULL, NULL, 0);
    requests_fail_all(requests, "end");
    cr_assert_eq(seen.problems, 1);
    cr_assert(answer(requests, "{\"type\":\"ok\",\"id\":3}"));
    cr_assert_eq(seen.oks, 1);
    requests_free(requests);
}

Test(requests, refuses_more_than_it_may_hold)
{
    Requests *requests = requests_new();
    for (int i = 0; i < REQUESTS_MAX; i++) {
        cr_assert_neq(requests_add(requests, NULL, NULL, 0), 0);
    }
    cr_assert_eq(requests_add(requests, NULL, NULL, 0), 0);
    requests_free(requests);
}

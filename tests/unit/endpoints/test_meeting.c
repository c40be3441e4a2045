#include <criterion/criterion.h>
#include <jansson.h>

#include "endpoints/device/meeting.h"

static bool parse(const char *text, Meeting *ret_meeting)
{
    json_t *event = json_loads(text, 0, NULL);
    Problem problem = {0};
    cr_assert_not_null(event);
    bool parsed = meeting_parse_invite(event, ret_meeting, &problem);
    json_decref(event);
    return parsed;
}

Test(meeting, reads_an_invitation)
{
    Meeting meeting = {0};
    cr_assert(parse("{\"type\":\"invite\",\"meeting\":7,\"title\":\"Giao ban\",\"source\":3,"
                    "\"peer\":9,\"muted\":true,\"send\":false}",
                    &meeting));
    cr_assert_eq(meeting.id, 7);
    cr_assert_eq(meeting.source, 3);
    cr_assert_eq(meeting.peer, 9);
    cr_assert(meeting.muted);
    cr_assert_not(meeting.sends);
    cr_assert_str_eq(meeting.title, "Giao ban");
}

Test(meeting, is_not_muted_and_sends_unless_told_otherwise)
{
    Meeting meeting = {0};
    cr_assert(parse("{\"meeting\":7,\"source\":3,\"peer\":9}", &meeting));
    cr_assert_not(meeting.muted);
    cr_assert(meeting.sends);
}

Test(meeting, refuses_an_invitation_that_is_not_well_formed_and_keeps_the_old)
{
    static const char *const texts[] = {
        "{}",
        "{\"meeting\":0,\"source\":3,\"peer\":9}",
        "{\"meeting\":\"7\",\"source\":3,\"peer\":9}",
        "{\"meeting\":7,\"peer\":9}",
        "{\"meeting\":7,\"source\":-1,\"peer\":9}",
        "{\"meeting\":7,\"source\":3}",
        "{\"meeting\":7,\"source\":3,\"peer\":0}",
        "{\"meeting\":7,\"source\":3,\"peer\":9,\"muted\":1}",
        "{\"meeting\":7,\"source\":3,\"peer\":9,\"title\":7}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        Meeting meeting = {.id = 1};
        cr_assert_not(parse(texts[i], &meeting), "%s", texts[i]);
        cr_assert_eq(meeting.id, 1);
    }
}

Test(meeting, knows_its_own_events)
{
    Meeting meeting = {.id = 7};
    Meeting none = {0};
    json_t *own = json_loads("{\"meeting\":7}", 0, NULL);
    json_t *other = json_loads("{\"meeting\":8}", 0, NULL);
    json_t *strange = json_loads("{\"meeting\":null}", 0, NULL);
    cr_assert(meeting_is_of(&meeting, own));
    cr_assert_not(meeting_is_of(&meeting, other));
    cr_assert_not(meeting_is_of(&meeting, strange));
    cr_assert_not(meeting_is_of(&none, own));
    json_decref(own);
    json_decref(other);
    json_decref(strange);
}

/* The REST calls about what comes before a meeting: they run through dispatch. */
#include <jansson.h>

#include "signalling/rest_internal.h"

/* Takes over `message`. */
static void ask(const RestCall *call, const char *type, json_t *message, RestAnswer answer)
{
    rest_call(call->rest->calls, call->exchange, call->session, type, message, answer);
}

/* The body with the number of the path under `name`. */
static json_t *body_with(const RestCall *call, const char *name)
{
    json_t *message = json_copy(call->body);
    json_object_set_new(message, name, json_integer(call->ids[0]));
    return message;
}

static json_t *only(const RestCall *call, const char *name)
{
    return json_pack("{s:I}", name, (json_int_t)call->ids[0]);
}

static void answer_template_created(Exchange *exchange, json_t *fields)
{
    rest_answer_created(exchange, fields, "template");
}

static void answer_booking_created(Exchange *exchange, json_t *fields)
{
    rest_answer_created(exchange, fields, "schedule");
}

static void on_templates(const RestCall *call)
{
    ask(call, "template.list", json_object(), rest_answer_fields);
}

static void on_template(const RestCall *call)
{
    ask(call, "template.get", only(call, "template"), rest_answer_fields);
}

static void on_template_new(const RestCall *call)
{
    ask(call, "template.set", json_copy(call->body), answer_template_created);
}

static void on_template_put(const RestCall *call)
{
    ask(call, "template.set", body_with(call, "template"), rest_answer_fields);
}

static void on_template_remove(const RestCall *call)
{
    ask(call, "template.remove", only(call, "template"), rest_answer_nothing);
}

static void on_template_make(const RestCall *call)
{
    ask(call, "template.make", body_with(call, "meeting"), rest_answer_fields);
}

static void on_schedule(const RestCall *call)
{
    ask(call, "schedule.list", json_object(), rest_answer_fields);
}

static void on_booking(const RestCall *call)
{
    ask(call, "schedule.get", only(call, "schedule"), rest_answer_fields);
}

static void on_booking_new(const RestCall *call)
{
    ask(call, "schedule.set", json_copy(call->body), answer_booking_created);
}

static void on_booking_put(const RestCall *call)
{
    ask(call, "schedule.set", body_with(call, "schedule"), rest_answer_fields);
}

static void on_booking_remove(const RestCall *call)
{
    ask(call, "schedule.remove", only(call, "schedule"), rest_answer_nothing);
}

static void on_booking_open(const RestCall *call)
{
    ask(call, "schedule.open", only(call, "schedule"), rest_answer_fields);
}

static void on_readiness(const RestCall *call)
{
    ask(call, "readiness.get", json_object(), rest_answer_fields);
}

static void on_readiness_run(const RestCall *call)
{
    ask(call, "readiness.run", json_copy(call->body), rest_answer_nothing);
}

static void on_invitations(const RestCall *call)
{
    ask(call, "invitation.list", only(call, "schedule"), rest_answer_fields);
}

static void on_invitations_send(const RestCall *call)
{
    ask(call, "invitation.send", only(call, "schedule"), rest_answer_fields);
}

static void on_contacts(const RestCall *call)
{
    ask(call, "contact.list", json_object(), rest_answer_fields);
}

static void on_contacts_put(const RestCall *call)
{
    ask(call, "contact.set", json_copy(call->body), rest_answer_nothing);
}

const RestRow rest_plan_rows[] = {
    {HTTP_GET, "/api/v1/templates", ROLES_PAGE, on_templates},
    {HTTP_POST, "/api/v1/templates", ROLES_HOSTING, on_template_new},
    {HTTP_GET, "/api/v1/templates/ID", ROLES_PAGE, on_template},
    {HTTP_PUT, "/api/v1/templates/ID", ROLES_HOSTING, on_template_put},
    {HTTP_DELETE, "/api/v1/templates/ID", ROLES_HOSTING, on_template_remove},
    {HTTP_POST, "/api/v1/meetings/ID/template", ROLES_HOSTING, on_template_make},
    {HTTP_GET, "/api/v1/schedule", ROLES_PAGE, on_schedule},
    {HTTP_POST, "/api/v1/schedule", ROLES_HOSTING, on_booking_new},
    {HTTP_GET, "/api/v1/schedule/ID", ROLES_PAGE, on_booking},
    {HTTP_PUT, "/api/v1/schedule/ID", ROLES_HOSTING, on_booking_put},
    {HTTP_DELETE, "/api/v1/schedule/ID", ROLES_HOSTING, on_booking_remove},
    {HTTP_POST, "/api/v1/schedule/ID/open", ROLES_HOSTING, on_booking_open},
    {HTTP_GET, "/api/v1/readiness", ROLES_PAGE, on_readiness},
    {HTTP_POST, "/api/v1/readiness", ROLES_PAGE, on_readiness_run},
    {HTTP_GET, "/api/v1/schedule/ID/invitations", ROLES_PAGE, on_invitations},
    {HTTP_POST, "/api/v1/schedule/ID/invitations", ROLES_HOSTING, on_invitations_send},
    {HTTP_GET, "/api/v1/contacts", ROLES_PAGE, on_contacts},
    {HTTP_PUT, "/api/v1/contacts", ROLES_PAGE, on_contacts_put},
    {HTTP_OTHER, NULL, 0, NULL},
};

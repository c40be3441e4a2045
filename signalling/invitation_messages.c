/* The messages of PROTOCOL.md about invitations and where they go. */
#include <jansson.h>
#include <string.h>

#include "bridge/base/fields.h"
#include "bridge/base/limits.h"
#include "signalling/directory.h"
#include "signalling/dispatch.h"
#include "signalling/invitation_letter.h"
#include "signalling/invitations.h"
#include "signalling/schedule.h"
#include "signalling/store.h"

#define EMAIL_BYTES_MAX 254

/* The booking named by `schedule`, or that of the meeting named by `meeting`. */
static const Booking *field_booking(Server *server, json_t *message, Problem *problem)
{
    int64_t id;
    bool is_meeting = field_has(message, "meeting");
    const char *name = is_meeting ? "meeting" : "schedule";
    if (!field_int(message, name, 1, INT64_MAX, &id, problem)) {
        return NULL;
    }
    const Booking *booking = is_meeting ? schedule_find_meeting(server->schedule, id)
                                        : schedule_find(server->schedule, id);
    if (booking == NULL) {
        problem_set(problem, "not_found", name, "%s: it is not in the calendar", name);
    }
    return booking;
}

static void handle_send(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    const Booking *booking = field_booking(server, message, &problem);
    if (booking == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    invitations_send(server->invitations, booking, request);
}

static void handle_list(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    const Booking *booking = field_booking(server, message, &problem);
    if (booking == NULL) {
        request_fail(server, request, &problem);
        return;
    }
    invitations_list(server->invitations, booking->id, request);
}

/* ---- where they go ---- */

typedef struct Asking {
    Server *server;
    Request request;
    bool is_list;
} Asking;

static Asking *asking_new(Server *server, Request request, bool is_list)
{
    Asking *asking = g_new(Asking, 1);
    *asking = (Asking){server, request, is_list};
    return asking;
}

static void on_contacts(json_t *rows, const Problem *problem, void *data)
{
    g_autofree Asking *asking = data;
    if (problem != NULL) {
        request_fail(asking->server, asking->request, problem);
    } else {
        request_ok(asking->server, asking->request,
                   asking->is_list ? json_pack("{s:O}", "contacts", rows) : NULL);
    }
}

static void handle_contacts(Server *server, Client *client, json_t *message, Request request)
{
    store_query(server->store, "SELECT site, email FROM contacts ORDER BY site", NULL, on_contacts,
                asking_new(server, request, true));
}

/* One statement of the change; NULL and a problem. */
static json_t *contact_statement(Server *server, json_t *contact, Problem *problem)
{
    const char *site;
    const char *email;
    if (!json_is_object(contact)) {
        problem_set(problem, "bad_field", "", "must be an object");
        return NULL;
    }
    if (!field_string(contact, "site", 1, SITE_CODE_BYTES_MAX, &site, problem) ||
        !field_string_or(contact, "email", EMAIL_BYTES_MAX, "", &email, problem)) {
        return NULL;
    }
    if (directory_find(server->directory, site) == NULL) {
        problem_set(problem, "not_found", "site", "site: there is no site %s", site);
        return NULL;
    }
    if (email[0] == '\0') {
        return json_pack("[s, [s]]", "DELETE FROM contacts WHERE site=?", site);
    }
    if (!letter_is_address(email)) {
        problem_set(problem, "bad_field", "email", "email: %s is no address", email);
        return NULL;
    }
    return json_pack("[s, [s, s]]", "INSERT OR REPLACE INTO contacts(site, email) VALUES(?,?)",
                     site, email);
}

static void handle_set_contacts(Server *server, Client *client, json_t *message, Request request)
{
    Problem problem;
    json_t *contacts;
    if (!field_array(message, "contacts", 1, LIMIT_SITES, &contacts, &problem)) {
        request_fail(server, request, &problem);
        return;
    }
    json_t *statements = json_array();
    size_t index;
    json_t *contact;
    json_array_foreach(contacts, index, contact)
    {
        json_t *statement = contact_statement(server, contact, &problem);
        if (statement == NULL) {
            problem_within(&problem, "contacts[%zu]", index);
            request_fail(server, request, &problem);
            json_decref(statements);
            return;
        }
        json_array_append_new(statements, statement);
    }
    store_transaction(server->store, statements, on_contacts, asking_new(server, request, false));
}

const MessageRow invitation_rows[] = {
    {"invitation.send", ROLES_HOSTING, handle_send},
    {"invitation.list", ROLES_PAGE, handle_list},
    {"contact.list", ROLES_PAGE, handle_contacts},
    {"contact.set", ROLES_PAGE, handle_set_contacts},
    {NULL, 0, NULL},
};

#include "signalling/exchange.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "signalling/file_body.h"

struct Exchange {
    HttpRequest request;
    ExchangeFunc on_reply; /* NULL: nobody waits any more */
    void *data;
};

Exchange *exchange_new(ExchangeFunc on_reply, void *data)
{
    Exchange *exchange = g_new0(Exchange, 1);
    exchange->on_reply = on_reply;
    exchange->data = data;
    exchange->request.body = g_byte_array_new();
    return exchange;
}

HttpRequest *exchange_request(Exchange *exchange)
{
    return &exchange->request;
}

void exchange_abandon(Exchange *exchange)
{
    exchange->on_reply = NULL;
}

static void exchange_free(Exchange *exchange)
{
    HttpRequest *request = &exchange->request;
    g_free(request->path);
    g_free(request->host);
    g_free(request->origin);
    g_free(request->content_type);
    g_free(request->authorization);
    g_free(request->session_token);
    g_free(request->etag);
    g_free(request->range);
    g_free(request->address);
    g_byte_array_unref(request->body);
    g_free(exchange);
}

void exchange_reply(Exchange *exchange, const HttpReply *reply)
{
    if (exchange->on_reply != NULL) {
        exchange->on_reply(reply, exchange->data);
    } else {
        file_body_free(reply->file);
    }
    exchange_free(exchange);
}

static GBytes *dump(json_t *body)
{
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    return g_bytes_new_with_free_func(text, strlen(text), free, text);
}

void exchange_reply_json(Exchange *exchange, int status, json_t *body)
{
    HttpReply reply = {.status = status};
    if (body != NULL) {
        reply.content_type = "application/json";
        reply.body = dump(body);
    }
    exchange_reply(exchange, &reply);
    g_clear_pointer(&reply.body, g_bytes_unref);
}

static const struct {
    const char *code;
    int status;
} statuses[] = {
    {"bad_json", 400},    {"bad_field", 400},   {"unknown_type", 404},    {"not_allowed", 403},
    {"wrong_state", 409}, {"not_found", 404},   {"conflict", 409},        {"limit", 429},
    {"bad_sdp", 400},     {"unavailable", 503}, {"bad_credentials", 401},
};

int exchange_status_of(const char *code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++) {
        if (strcmp(statuses[i].code, code) == 0) {
            return statuses[i].status;
        }
    }
    return 500;
}

static const char *title_of(int status)
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 411:
        return "Length Required";
    case 413:
        return "Content Too Large";
    case 415:
        return "Unsupported Media Type";
    case 429:
        return "Too Many Requests";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    default:
        return "Error";
    }
}

json_t *exchange_problem_to_json(int status, const Problem *problem)
{
    g_autofree char *detail = g_utf8_make_valid(problem->message, -1);
    json_t *body =
        json_pack("{s:s, s:s, s:i, s:s, s:s}", "type", "about:blank", "title", title_of(status),
                  "status", status, "detail", detail, "code", problem->code);
    if (problem->field[0] != '\0') {
        json_object_set_new(body, "field", json_string(problem->field));
    }
    return body;
}

void exchange_reply_problem_as(Exchange *exchange, HttpReply *reply, const Problem *problem)
{
    reply->content_type = "application/problem+json";
    reply->body = dump(exchange_problem_to_json(reply->status, problem));
    exchange_reply(exchange, reply);
    g_clear_pointer(&reply->body, g_bytes_unref);
}

void exchange_reply_problem(Exchange *exchange, int status, const Problem *problem)
{
    HttpReply reply = {.status = status};
    exchange_reply_problem_as(exchange, &reply, problem);
}

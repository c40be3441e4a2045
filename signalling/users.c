#include "signalling/users.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "signalling/audit.h"
#include "signalling/codes.h"
#include "signalling/login_limit.h"
#include "signalling/passwords.h"
#include "signalling/server.h"
#include "signalling/store.h"

#define EXPIRE_PERIOD_US (60 * CLOCK_US_PER_S)
#define SETUP_TOKEN_GROUPS 7
#define DISTINCT_CHARACTERS_MIN 5

typedef struct User {
    char name[USER_NAME_BYTES_MAX + 1];
    char *hash;
    ClientRole role;
} User;

struct Users {
    Server *server;
    GHashTable *by_name; /* name inside the user → User *; owns them */
    Sessions *sessions;
    Passwords *passwords;
    LoginLimit *limit;
    LoopWatch *expire_timer;
    int64_t (*now_ms)(void);
    char setup_hash[CODE_HASH_SIZE]; /* "": no link is out */
    int64_t setup_expires_ms;
    bool is_setting_up; /* a first user is on its way into the store */
};

static const struct {
    const char *text;
    ClientRole role;
} roles[] = {{"host", ROLE_HOST}, {"technician", ROLE_TECHNICIAN}, {"admin", ROLE_ADMIN}};

ClientRole role_from_text(const char *text)
{
    for (size_t i = 0; i < G_N_ELEMENTS(roles); i++) {
        if (strcmp(roles[i].text, text) == 0) {
            return roles[i].role;
        }
    }
    return ROLE_GUEST;
}

const char *role_to_text(ClientRole role)
{
    for (size_t i = 0; i < G_N_ELEMENTS(roles); i++) {
        if (roles[i].role == role) {
            return roles[i].text;
        }
    }
    return "guest";
}

static void user_free(gpointer data)
{
    User *user = data;
    g_free(user->hash);
    g_free(user);
}

static void add_to_memory(Users *users, const char *name, const char *hash, ClientRole role)
{
    User *user = g_new0(User, 1);
    g_strlcpy(user->name, name, sizeof user->name);
    user->hash = g_strdup(hash);
    user->role = role;
    g_hash_table_insert(users->by_name, user->name, user);
}

static int64_t wall_ms(void)
{
    return g_get_real_time() / 1000;
}

static void on_session_ended(const char *hash, void *data)
{
    Users *users = data;
    if (users->server->clients != NULL) {
        clients_close_session(users->server->clients, hash, "the login has ended");
    }
}

static void on_expire(void *data)
{
    Users *users = data;
    sessions_expire(users->sessions, users->now_ms(), on_session_ended, users);
}

Users *users_new(Server *server, GError **error)
{
    Problem problem;
    json_t *rows =
        store_query_now(server->store, "SELECT name, password, role FROM users", NULL, &problem);
    if (rows == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "the users cannot be read: %s",
                    problem.message);
        return NULL;
    }
    Sessions *sessions = sessions_new(server->store, error);
    if (sessions == NULL) {
        json_decref(rows);
        return NULL;
    }
    Users *users = g_new0(Users, 1);
    users->server = server;
    users->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, user_free);
    users->sessions = sessions;
    users->passwords = passwords_new();
    users->limit = login_limit_new();
    users->expire_timer = loop_every(EXPIRE_PERIOD_US, on_expire, users);
    users->now_ms = wall_ms;
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        add_to_memory(users, json_string_value(json_object_get(row, "name")),
                      json_string_value(json_object_get(row, "password")),
                      role_from_text(json_string_value(json_object_get(row, "role"))));
    }
    json_decref(rows);
    return users;
}

void users_free(Users *users)
{
    if (users == NULL) {
        return;
    }
    loop_drop(&users->expire_timer);
    passwords_free(users->passwords);
    store_finish(users->server->store); /* a last hash may have gone there */
    login_limit_free(users->limit);
    sessions_free(users->sessions);
    g_hash_table_unref(users->by_name);
    g_free(users);
}

void users_set_clock(Users *users, int64_t (*now_ms)(void))
{
    users->now_ms = now_ms;
}

size_t users_count(const Users *users)
{
    return g_hash_table_size(users->by_name);
}

/* ---- what a name and a password may be ---- */

static bool check_name(const char *name, Problem *problem)
{
    for (const char *at = name; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar letter = g_utf8_get_char(at);
        bool is_inside = at != name && at[1] != '\0';
        if (!g_unichar_isalnum(letter) && strchr("-_.@", *at) == NULL &&
            !(letter == ' ' && is_inside)) {
            return problem_set(problem, "bad_field", "name",
                               "name: letters, digits, '-', '_', '.', '@' and spaces only");
        }
    }
    size_t size = strlen(name);
    if (size == 0 || size > USER_NAME_BYTES_MAX) {
        return problem_set(problem, "bad_field", "name", "name: must have 1 to %d bytes",
                           USER_NAME_BYTES_MAX);
    }
    return true;
}

static size_t count_distinct(const char *text)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    for (; *text != '\0'; text = g_utf8_next_char(text)) {
        g_hash_table_add(seen, GUINT_TO_POINTER(g_utf8_get_char(text)));
    }
    return g_hash_table_size(seen);
}

static bool is_guessable(const char *name, const char *password)
{
    static const char *const words[] = {"password", "matkhau", "diemcau", "12345678", "qwerty"};
    g_autofree char *folded = g_utf8_casefold(password, -1);
    g_autofree char *folded_name = g_utf8_casefold(name, -1);
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        const char *at = strstr(folded, words[i]);
        /* A word is fine inside something longer. */
        if (at != NULL && strlen(folded) < strlen(words[i]) + 6) {
            return true;
        }
    }
    return strcmp(folded, folded_name) == 0 || count_distinct(password) < DISTINCT_CHARACTERS_MIN;
}

static bool check_password(const char *name, const char *password, Problem *problem)
{
    size_t size = strlen(password);
    if (size < USER_PASSWORD_BYTES_MIN || size > LIMIT_PASSWORD_BYTES) {
        return problem_set(problem, "bad_field", "password", "password: must have %d to %d bytes",
                           USER_PASSWORD_BYTES_MIN, LIMIT_PASSWORD_BYTES);
    }
    if (is_guessable(name, password)) {
        return problem_set(problem, "bad_field", "password", "password: too easy to guess");
    }
    return true;
}

/* The same letters typed on two keyboards may be different bytes. */
static char *normal(const char *text)
{
    char *composed = g_utf8_normalize(text, -1, G_NORMALIZE_NFC);
    return composed != NULL ? composed : g_strdup("");
}

/* ---- adding ---- */

typedef struct Addition {
    Users *users;
    char *name;
    char *hash;
    ClientRole role;
    UsersReply reply;
    void *data;
} Addition;

static void finish_addition(Addition *addition, const Problem *problem)
{
    addition->reply(problem, addition->data);
    g_free(addition->name);
    g_free(addition->hash);
    g_free(addition);
}

static void on_user_stored(json_t *rows, const Problem *problem, void *data)
{
    Addition *addition = data;
    if (problem == NULL) {
        add_to_memory(addition->users, addition->name, addition->hash, addition->role);
        addition->users->setup_hash[0] = '\0';
        log_info("user.added", "role=%s", role_to_text(addition->role));
        audit(addition->users->server, "server", "user.add", addition->name, "ok");
    }
    finish_addition(addition, problem);
}

static void on_hashed(const char *hash, void *data)
{
    Addition *addition = data;
    if (hash == NULL) {
        Problem problem;
        problem_set(&problem, "unavailable", "", "no memory to hash a password, try again");
        finish_addition(addition, &problem);
        return;
    }
    addition->hash = g_strdup(hash);
    store_query(addition->users->server->store,
                "INSERT INTO users (name, password, role, created_ms) VALUES (?, ?, ?, ?)",
                json_pack("[sssI]", addition->name, hash, role_to_text(addition->role),
                          (json_int_t)addition->users->now_ms()),
                on_user_stored, addition);
}

static bool check_addition(Users *users, const char *name, const char *password, ClientRole role,
                           Problem *problem)
{
    if (!check_name(name, problem) || !check_password(name, password, problem)) {
        return false;
    }
    if (role == ROLE_GUEST) {
        return problem_set(problem, "bad_field", "role", "role: must be host, technician or admin");
    }
    if (g_hash_table_contains(users->by_name, name)) {
        return problem_set(problem, "conflict", "name", "there is a user %s already", name);
    }
    if (users_count(users) >= LIMIT_USERS) {
        return problem_set(problem, "limit", "", "more than %d users", LIMIT_USERS);
    }
    return true;
}

void users_add(Users *users, const char *name, const char *password, ClientRole role,
               UsersReply reply, void *data)
{
    Problem problem;
    g_autofree char *normal_name = normal(name);
    g_autofree char *normal_password = normal(password);
    if (!check_addition(users, normal_name, normal_password, role, &problem)) {
        reply(&problem, data);
        return;
    }
    Addition *addition = g_new0(Addition, 1);
    addition->users = users;
    addition->name = g_strdup(normal_name);
    addition->role = role;
    addition->reply = reply;
    addition->data = data;
    if (!passwords_hash(users->passwords, normal_password, on_hashed, addition)) {
        problem_set(&problem, "unavailable", "", "too many passwords at once, try again");
        finish_addition(addition, &problem);
    }
}

/* ---- logging in ---- */

typedef struct Login {
    Users *users;
    char *name;
    char *address;
    LoginReply reply;
    void *data;
} Login;

static void fail_login(LoginReply reply, void *data, const Problem *problem, int retry_after_s)
{
    LoginResult result = {.problem = problem, .retry_after_s = retry_after_s};
    reply(&result, data);
}

static void open_session(Users *users, const User *user, LoginReply reply, void *data)
{
    char token[SESSION_TOKEN_SIZE];
    LoginResult result = {.token = token};
    result.session = sessions_open(users->sessions, user->name, user->role, users->now_ms(), token);
    log_info("user.login", "role=%s", role_to_text(user->role));
    audit(users->server, user->name, "login", "", "ok");
    reply(&result, data);
    sodium_memzero(token, sizeof token);
}

static Login *login_new(Users *users, const char *name, const char *address, LoginReply reply,
                        void *data)
{
    Login *login = g_new0(Login, 1);
    login->users = users;
    login->name = g_strdup(name);
    login->address = g_strdup(address);
    login->reply = reply;
    login->data = data;
    return login;
}

static void login_free(Login *login)
{
    g_free(login->name);
    g_free(login->address);
    g_free(login);
}

static void on_verified(bool is_right, void *data)
{
    Login *login = data;
    Users *users = login->users;
    const User *user = g_hash_table_lookup(users->by_name, login->name);
    if (is_right && user != NULL) {
        login_limit_pass(users->limit, login->name, login->address, clock_now_us());
        open_session(users, user, login->reply, login->data);
    } else {
        Problem problem;
        problem_set(&problem, "bad_credentials", "", "wrong name or password");
        audit(users->server, login->name, "login", "", "refused");
        fail_login(login->reply, login->data, &problem, 0);
    }
    login_free(login);
}

void users_login(Users *users, const char *name, const char *password, const char *address,
                 LoginReply reply, void *data)
{
    Problem problem;
    g_autofree char *normal_name = normal(name);
    g_autofree char *normal_password = normal(password);
    int64_t wait_us = login_limit_try_us(users->limit, normal_name, address, clock_now_us());
    if (wait_us > 0) {
        int wait_s = (int)((wait_us + CLOCK_US_PER_S - 1) / CLOCK_US_PER_S);
        problem_set(&problem, "limit", "", "too many attempts, wait %d s", wait_s);
        fail_login(reply, data, &problem, wait_s);
        return;
    }
    const User *user = g_hash_table_lookup(users->by_name, normal_name);
    Login *login = login_new(users, normal_name, address, reply, data);
    if (!passwords_verify(users->passwords, normal_password, user != NULL ? user->hash : NULL,
                          on_verified, login)) {
        problem_set(&problem, "limit", "", "too many people log in at once, wait 2 s");
        fail_login(reply, data, &problem, 2);
        login_free(login);
    }
}

/* ---- the first user ---- */

static void on_first_user(const Problem *problem, void *data)
{
    Login *login = data;
    Users *users = login->users;
    const User *user = g_hash_table_lookup(users->by_name, login->name);
    users->is_setting_up = false;
    if (problem != NULL) {
        fail_login(login->reply, login->data, problem, 0);
    } else if (user != NULL) {
        open_session(users, user, login->reply, login->data);
    }
    login_free(login);
}

static bool check_setup(Users *users, const char *token, Problem *problem)
{
    char hash[CODE_HASH_SIZE];
    code_hash(token, hash);
    if (users_count(users) > 0 || users->is_setting_up) {
        return problem_set(problem, "conflict", "", "there is a user already: log in");
    }
    if (users->setup_hash[0] == '\0' || users->now_ms() > users->setup_expires_ms ||
        sodium_memcmp(hash, users->setup_hash, CODE_HASH_SIZE) != 0) {
        return problem_set(problem, "bad_credentials", "token",
                           "this link has expired or was used; make a new one with "
                           "diemcau-ctl setup-link");
    }
    return true;
}

void users_setup(Users *users, const char *token, const char *name, const char *password,
                 LoginReply reply, void *data)
{
    Problem problem;
    if (!check_setup(users, token, &problem)) {
        fail_login(reply, data, &problem, 0);
        return;
    }
    g_autofree char *normal_name = normal(name);
    users->is_setting_up = true;
    users_add(users, name, password, ROLE_ADMIN, on_first_user,
              login_new(users, normal_name, "", reply, data));
}

bool users_make_setup_token(Users *users, char ret_token[SETUP_TOKEN_SIZE], Problem *problem)
{
    if (users_count(users) > 0) {
        return problem_set(problem, "conflict", "",
                           "there is a user already: log in, or add one "
                           "with diemcau-ctl user add");
    }
    code_make(SETUP_TOKEN_GROUPS, ret_token);
    code_hash(ret_token, users->setup_hash);
    users->setup_expires_ms = users->now_ms() + SETUP_LINK_MS;
    return true;
}

/* ---- sessions ---- */

const Session *users_find_session(Users *users, const char *token)
{
    return sessions_find(users->sessions, token, users->now_ms());
}

void users_logout(Users *users, const char *session_hash)
{
    g_autofree char *hash = g_strdup(session_hash);
    sessions_close(users->sessions, hash);
    on_session_ended(hash, users);
}

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "signalling/config.h"

static char *write_file(const char *text)
{
    char *path = NULL;
    close(g_file_open_tmp("config-XXXXXX.conf", &path, NULL));
    g_file_set_contents(path, text, -1, NULL);
    return path;
}

static void assert_refused(const char *text, const char *place, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = write_file(text);
    g_autofree char *start = g_strdup_printf("%s:%s: ", path, place);
    cr_assert_null(config_load(path, NULL, &error), "accepted: %s", text);
    cr_assert(g_str_has_prefix(error->message, start), "%s", error->message);
    cr_assert_not_null(strstr(error->message, words), "\"%s\" does not say \"%s\"", error->message,
                       words);
    g_unlink(path);
}

static void assert_override_refused(const char *text, const char *words)
{
    g_autoptr(GError) error = NULL;
    char *overrides[] = {(char *)text, NULL};
    cr_assert_null(config_load(NULL, overrides, &error), "accepted: %s", text);
    cr_assert_not_null(strstr(error->message, words), "\"%s\" does not say \"%s\"", error->message,
                       words);
}

Test(config, has_a_value_for_everything)
{
    Config *config = config_load(NULL, NULL, NULL);
    cr_assert_eq(config->port, 8443);
    cr_assert_str_eq(config->listen, "::");
    cr_assert_str_eq(config->runtime_dir, "/run/diemcau");
    cr_assert_str_eq(config->certificate_file, "");
    cr_assert_eq(g_strv_length(config->media_addresses), 0);
    cr_assert_eq(config->max_seats, 207);
    cr_assert(!config->media_loopback);
    config_free(config);
}

Test(config, reads_the_file_of_the_repository)
{
    g_autoptr(GError) error = NULL;
    Config *config = config_load(SOURCE_DIR "/config/diemcau.conf", NULL, &error);
    cr_assert_not_null(config, "%s", error != NULL ? error->message : "");
    config_free(config);
}

Test(config, reads_every_kind_of_value)
{
    g_autofree char *path =
        write_file("# chú thích\n\n[server]\nport = 9443\r\nallowed_origins=https://a.vn; "
                   "https://b.vn ;\nweb_root=www\n[media]\nloopback=TRUE\n");
    Config *config = config_load(path, NULL, NULL);
    cr_assert_eq(config->port, 9443);
    cr_assert_eq(g_strv_length(config->allowed_origins), 2);
    cr_assert_str_eq(config->allowed_origins[1], "https://b.vn");
    cr_assert(config->media_loopback);
    g_autofree char *beside = g_path_get_dirname(path);
    g_autofree char *expected = g_build_filename(beside, "www", NULL);
    cr_assert_str_eq(config->web_root, expected);
    config_free(config);
    g_unlink(path);
}

Test(config, lets_the_command_line_win)
{
    g_autofree char *path = write_file("[server]\nport=1\n");
    char *overrides[] = {(char *)"server.port=2", (char *)"media.address=10.0.0.1;10.0.0.2", NULL};
    Config *config = config_load(path, overrides, NULL);
    cr_assert_eq(config->port, 2);
    cr_assert_str_eq(config->media_addresses[1], "10.0.0.2");
    config_free(config);
    g_unlink(path);
}

Test(config, names_line_and_column_of_a_wrong_value)
{
    assert_refused("[server]\nport=0\n", "2:6", "1 to 65535");
    assert_refused("[server]\nport=65536\n", "2:6", "1 to 65535");
    assert_refused("[server]\nport=80x\n", "2:6", "\"80x\"");
    assert_refused("[server]\n  port = \n", "2:9", "must be a number");
    assert_refused("[meeting]\nmax_seats=-1\n", "2:11", "1 to 256");
    assert_refused("[media]\nloopback=ja\n", "2:10", "true or false");
    assert_refused("[server]\nlisten=\n", "2:8", "must not be empty");
}

Test(config, names_line_and_column_of_what_it_does_not_know)
{
    assert_refused("[server]\n\nprot=1\n", "3:1", "no setting prot in [server]");
    assert_refused("[sever]\n", "1:2", "no group [sever]");
    assert_refused("[media]\nport=1\n[server]\nloopback=true\n", "4:1", "no setting loopback");
}

Test(config, names_line_and_column_of_what_is_no_setting)
{
    assert_refused("[server]\nport 8443\n", "2:1", "expected key=value");
    assert_refused("port=8443\n", "1:1", "before the first");
    assert_refused("[server\n", "1:1", "a group is written");
    assert_refused("[server] x\n", "1:1", "a group is written");
}

Test(config, refuses_a_file_that_is_not_text)
{
    assert_refused("[server]\nlisten=\xff\n", "1:1", "UTF-8");
}

Test(config, refuses_half_a_certificate)
{
    assert_override_refused("server.certificate_file=/a.pem", "go together");
}

Test(config, refuses_a_file_that_is_not_there)
{
    g_autoptr(GError) error = NULL;
    cr_assert_null(config_load("/nowhere/diemcau.conf", NULL, &error));
    cr_assert_not_null(strstr(error->message, "/nowhere/diemcau.conf"));
}

Test(config, refuses_overrides_that_say_nothing)
{
    assert_override_refused("port=1", "group.key=value");
    assert_override_refused("server.port", "group.key=value");
    assert_override_refused("server.prot=1", "no setting server.prot");
    assert_override_refused("server.port=x", "--set:1:13");
}

#include <criterion/criterion.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "endpoints/device/options.h"

static Options *parse(const char *line, GError **error)
{
    int argc = 0;
    g_auto(GStrv) argv = NULL;
    cr_assert(g_shell_parse_argv(line, &argc, &argv, NULL));
    return options_parse(argc, argv, error);
}

static void expect_refusal(const char *line, const char *phrase)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Options) options = parse(line, &error);
    cr_assert_null(options, "%s", line);
    cr_assert_not_null(strstr(error->message, phrase), "%s: %s", line, error->message);
    cr_assert_null(strchr(error->message, '\n'), "one line");
}

#define PIN                                                                                        \
    "BD:7C:A5:80:C2:48:40:72:2E:9B:98:10:4F:BC:8E:12:00:40:D0:13:DC:8B:71:DD:0F:BA:BB:E8:C5:3D:"   \
    "86:BA"

Test(options, reads_a_whole_command_line)
{
    g_autoptr(Options) options =
        parse("device --server wss://hop.tiengiang.gov.vn:9443 --fingerprint " PIN
              " --state /s --token T --name 'Xã Tân Mỹ' --video file:/v.mkv --audio tone:440"
              " --sink file:/r.webm --report - --log debug",
              NULL);
    cr_assert_not_null(options);
    cr_assert_str_eq(options->host, "hop.tiengiang.gov.vn");
    cr_assert_eq(options->port, 9443);
    cr_assert(options->has_pin);
    cr_assert_str_eq(options->state_dir, "/s");
    cr_assert_str_eq(options->token, "T");
    cr_assert_str_eq(options->name, "Xã Tân Mỹ");
    cr_assert_eq(options->video.kind, SOURCE_FILE);
    cr_assert_eq(options->audio.kind, SOURCE_TONE);
    cr_assert_eq(options->player.sink, PLAYER_FILE);
    cr_assert_str_eq(options->player.path, "/r.webm");
    cr_assert_str_eq(options->report_path, "-");
    cr_assert_eq(options->log_level, LOG_DEBUG);
}

Test(options, has_defaults_for_a_box_with_camera_and_television)
{
    g_autoptr(Options) options = parse("device --server wss://h", NULL);
    cr_assert_not_null(options);
    cr_assert_eq(options->port, 8443);
    cr_assert_not(options->has_pin);
    cr_assert_not(options->insecure);
    cr_assert_eq(options->video.kind, SOURCE_CAMERA);
    cr_assert_eq(options->audio.kind, SOURCE_ALSA);
    cr_assert_eq(options->player.sink, PLAYER_WINDOW);
    cr_assert_null(options->report_path);
}

Test(options, refuses_a_server_it_cannot_reach_by_wss)
{
    expect_refusal("device", "--server");
    expect_refusal("device --server ''", "wss://");
    expect_refusal("device --server h:8443", "wss://");
    expect_refusal("device --server https://h", "wss://");
    expect_refusal("device --server ws://h", "wss://");
    expect_refusal("device --server wss://", "wss://");
    expect_refusal("device --server wss://h:0", "wss://");
    expect_refusal("device --server wss://h:99999", "wss://");
    expect_refusal("device --server wss://h/other", "wss://");
    expect_refusal("device --server wss://user@h", "wss://");
}

Test(options, names_the_bad_argument)
{
    expect_refusal("device --server wss://h --fingerprint 12:34", "--fingerprint");
    expect_refusal("device --server wss://h --video laser", "--video laser");
    expect_refusal("device --server wss://h --audio tone:x", "--audio tone:x");
    expect_refusal("device --server wss://h --sink paper", "--sink paper");
    expect_refusal("device --server wss://h --sink file:", "--sink file:");
    expect_refusal("device --server wss://h --log loud", "--log loud");
    expect_refusal("device --server wss://h --name ''", "--name");
    expect_refusal("device --server wss://h --token ''", "--token");
    expect_refusal("device --server wss://h --colour red", "--colour");
    expect_refusal("device --server wss://h stray", "stray");
    expect_refusal("device --server", "--server");
}

static char *config_with(const char *text)
{
    char *path = NULL;
    int fd = g_file_open_tmp("diemcau-options-XXXXXX", &path, NULL);
    cr_assert_geq(fd, 0);
    g_close(fd, NULL);
    cr_assert(g_file_set_contents(path, text, -1, NULL));
    return path;
}

Test(options, takes_what_the_command_line_does_not_say_from_the_file)
{
    g_autofree char *path = config_with("[device]\nserver=wss://file\nname=box\nsink=none\n"
                                        "video=none\naudio=silence\ninsecure=true\n");
    g_autofree char *line = g_strdup_printf("device --config %s --name site", path);
    g_autoptr(Options) options = parse(line, NULL);
    cr_assert_not_null(options);
    cr_assert_str_eq(options->host, "file");
    cr_assert_str_eq(options->name, "site");
    cr_assert(options->insecure);
    cr_assert_eq(options->player.sink, PLAYER_NONE);
    g_unlink(path);
}

Test(options, refuses_a_file_with_mistakes_and_names_it)
{
    static const char *const texts[][2] = {
        {"", "group"},
        {"[server]\nserver=wss://h\n", "group"},
        {"[device]\nserver=wss://h\ncolour=red\n", "colour"},
        {"[device]\nserver=wss://h\ninsecure=perhaps\n", "insecure"},
        {"nonsense", "key"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *path = config_with(texts[i][0]);
        g_autofree char *line = g_strdup_printf("device --config %s", path);
        expect_refusal(line, texts[i][1]);
        expect_refusal(line, path);
        g_unlink(path);
    }
    expect_refusal("device --config /no/such/file", "/no/such/file");
}

Test(options, shows_its_version_without_a_server)
{
    g_autoptr(Options) options = parse("device --version", NULL);
    cr_assert(options != NULL && options->show_version);
}

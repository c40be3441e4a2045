#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bridge/base/decodemark.h"

static char *new_path(void)
{
    g_autofree char *dir = g_dir_make_tmp("mark-XXXXXX", NULL);
    return g_build_filename(dir, "mark", NULL);
}

Test(decodemark, still_names_the_source_after_a_crash)
{
    g_autofree char *path = new_path();
    pid_t child = fork();
    if (child == 0) {
        DecodeMark *mark = decodemark_open(path, NULL);
        decodemark_set(mark, 0, 11);
        decodemark_set(mark, 0, 0);
        decodemark_set(mark, 1, 7);
        kill(getpid(), SIGKILL);
    }
    waitpid(child, NULL, 0);
    uint32_t sources[DECODEMARK_SLOTS];
    cr_assert_eq(decodemark_read(path, sources), 1);
    cr_expect_eq(sources[0], 7);
    DecodeMark *next = decodemark_open(path, NULL);
    cr_expect_eq(decodemark_read(path, sources), 0, "a new mixer begins anew");
    decodemark_close(next);
}

Test(decodemark, leaves_nothing_after_an_end_in_order)
{
    g_autofree char *path = new_path();
    DecodeMark *mark = decodemark_open(path, NULL);
    decodemark_set(mark, 1, 7);
    decodemark_set(mark, DECODEMARK_SLOTS, 8);
    decodemark_set(NULL, 0, 8);
    decodemark_close(mark);
    uint32_t sources[DECODEMARK_SLOTS];
    cr_expect_eq(decodemark_read(path, sources), 0);
    cr_expect_not(g_file_test(path, G_FILE_TEST_EXISTS));
}

Test(decodemark, says_why_there_is_none)
{
    g_autoptr(GError) error = NULL;
    cr_expect_null(decodemark_open("/nowhere/mark", &error));
    cr_expect(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
}

/* Lines that somebody writes into the FIFO of the buttons. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge/base/limits.h"
#include "endpoints/device/buttons.h"

static GPtrArray *heard;
static char *dir;
static char *path;

static void begin(void)
{
    heard = g_ptr_array_new_with_free_func(g_free);
    dir = g_dir_make_tmp("buttons-XXXXXX", NULL);
    path = g_build_filename(dir, "buttons", NULL);
}

static void end(void)
{
    g_unlink(path);
    g_rmdir(dir);
    g_free(path);
    g_free(dir);
    g_ptr_array_unref(heard);
}

TestSuite(buttons, .init = begin, .fini = end);

static void on_line(const char *line, void *data)
{
    g_ptr_array_add(heard, g_strdup(line));
}

static Buttons *open_buttons(void)
{
    g_autoptr(GError) error = NULL;
    Buttons *buttons = buttons_open(dir, on_line, NULL, &error);
    cr_assert_not_null(buttons, "%s", error != NULL ? error->message : "");
    return buttons;
}

/* As a program that opens, writes and closes. */
static void press(const char *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_NONBLOCK);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, bytes, size), (ssize_t)size);
    close(fd);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
}

Test(buttons, hears_each_line_of_one_writer_after_another)
{
    Buttons *buttons = open_buttons();
    press("hand\npres", 9);
    press("ent\n\nhand down\n", 15);
    cr_assert_eq(heard->len, 3);
    cr_assert_str_eq(g_ptr_array_index(heard, 0), "hand");
    cr_assert_str_eq(g_ptr_array_index(heard, 1), "present");
    cr_assert_str_eq(g_ptr_array_index(heard, 2), "hand down");
    buttons_close(buttons);
}

Test(buttons, the_fifo_is_for_its_owner_and_is_used_again)
{
    struct stat status;
    buttons_close(open_buttons());
    cr_assert_eq(stat(path, &status), 0);
    cr_assert(S_ISFIFO(status.st_mode));
    cr_assert_eq(status.st_mode & 0077, 0);
    buttons_close(open_buttons());
}

Test(buttons, noise_is_no_command)
{
    Buttons *buttons = open_buttons();
    press("\xff\xfe\n", 3);
    cr_assert_eq(heard->len, 0);
    g_autofree char *long_line = g_strnfill(3 * LIMIT_BUTTON_BYTES, 'x');
    press(long_line, strlen(long_line));
    press("\nhand\n", 6);
    cr_assert_eq(heard->len, 2);
    cr_assert_lt(strlen(g_ptr_array_index(heard, 0)), (size_t)LIMIT_BUTTON_BYTES);
    cr_assert_str_eq(g_ptr_array_index(heard, 1), "hand");
    buttons_close(buttons);
}

Test(buttons, refuses_what_is_no_fifo)
{
    g_autoptr(GError) error = NULL;
    g_file_set_contents(path, "", 0, NULL);
    cr_assert_null(buttons_open(dir, on_line, NULL, &error));
    cr_assert(strstr(error->message, path) != NULL, "%s", error->message);
}

#include <criterion/criterion.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "bridge/base/log.h"
#include "signalling/web_files.h"

static char *root;

static void write_file(const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(root, name, NULL);
    g_file_set_contents(path, text, -1, NULL);
}

static void open_root(void)
{
    log_init("test", LOG_ERROR);
    root = g_dir_make_tmp("web-XXXXXX", NULL);
    g_autofree char *assets = g_build_filename(root, "assets", NULL);
    g_mkdir(assets, 0700);
    g_autofree char *script = g_strnfill(4000, 'a');
    write_file("index.html", "<!doctype html>");
    write_file("assets/x-1.js", script);
    write_file("assets/y.woff2", "font");
    write_file(".secret", "no");
    g_autofree char *link = g_build_filename(root, "passwd", NULL);
    cr_assert_eq(symlink("/etc/passwd", link), 0);
}

static void close_root(void)
{
    static const char *const names[] = {
        "index.html", "assets/x-1.js", "assets/y.woff2", ".secret", "passwd", "assets", ""};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(root, names[i], NULL);
        g_remove(path);
    }
    g_free(root);
}

TestSuite(web_files, .init = open_root, .fini = close_root);

Test(web_files, finds_files_with_their_types)
{
    WebFiles *files = web_files_new(root, NULL);
    cr_assert_str_eq(web_files_find(files, "/")->content_type, "text/html; charset=utf-8");
    cr_assert_eq(web_files_find(files, "/index.html"), web_files_find(files, "/"));
    cr_assert_str_eq(web_files_find(files, "/assets/x-1.js")->content_type,
                     "text/javascript; charset=utf-8");
    cr_assert_str_eq(web_files_find(files, "/assets/y.woff2")->content_type, "font/woff2");
    web_files_free(files);
}

Test(web_files, lets_assets_be_kept_and_the_index_be_asked_again)
{
    WebFiles *files = web_files_new(root, NULL);
    cr_assert_str_eq(web_files_find(files, "/")->cache_control, "no-cache");
    cr_assert_not_null(strstr(web_files_find(files, "/assets/x-1.js")->cache_control, "immutable"));
    web_files_free(files);
}

Test(web_files, packs_text_that_gets_smaller)
{
    WebFiles *files = web_files_new(root, NULL);
    const WebFile *script = web_files_find(files, "/assets/x-1.js");
    cr_assert_lt(g_bytes_get_size(script->gzip), g_bytes_get_size(script->plain));
    cr_assert_null(web_files_find(files, "/")->gzip);
    cr_assert_null(web_files_find(files, "/assets/y.woff2")->gzip);
    web_files_free(files);
}

Test(web_files, finds_nothing_else)
{
    static const char *const paths[] = {"",
                                        "index.html",
                                        "/.secret",
                                        "/passwd",
                                        "/assets",
                                        "/assets/",
                                        "//index.html",
                                        "/assets/../index.html",
                                        "/../../etc/passwd",
                                        "/Index.html",
                                        "/assets/x-1.js/"};
    WebFiles *files = web_files_new(root, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        cr_assert_null(web_files_find(files, paths[i]), "%s", paths[i]);
    }
    web_files_free(files);
}

Test(web_files, reads_a_new_page_when_its_index_changes)
{
    WebFiles *files = web_files_new(root, NULL);
    g_autofree char *old = g_strdup(web_files_find(files, "/")->etag);
    g_usleep(20000);
    write_file("index.html", "<!doctype html><p>new");
    cr_assert_str_neq(web_files_find(files, "/")->etag, old);
    web_files_free(files);
}

Test(web_files, keeps_the_old_page_when_the_new_one_is_not_whole)
{
    WebFiles *files = web_files_new(root, NULL);
    g_autofree char *index = g_build_filename(root, "index.html", NULL);
    g_unlink(index);
    cr_assert_not_null(web_files_find(files, "/"));
    web_files_free(files);
}

Test(web_files, refuses_a_directory_without_a_page)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *assets = g_build_filename(root, "assets", NULL);
    cr_assert_null(web_files_new(assets, &error));
    cr_assert_not_null(strstr(error->message, "no index.html"));
    g_clear_error(&error);
    cr_assert_null(web_files_new("/nowhere", &error));
    cr_assert_not_null(strstr(error->message, "/nowhere"));
}

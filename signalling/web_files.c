#include "signalling/web_files.h"

#include <errno.h>
#include <gio/gio.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "bridge/base/limits.h"
#include "bridge/base/log.h"

#define DEPTH_MAX 8
#define GZIP_WORTH_BYTES 512
#define ETAG_LETTERS 16

struct WebFiles {
    char *root;
    GHashTable *by_path; /* "/assets/x.js" → WebFile * */
    gint64 index_changed_ns;
};

typedef struct Loader {
    GHashTable *by_path;
    size_t bytes;
    GError **error;
} Loader;

static const struct {
    const char *ending;
    const char *content_type;
    bool is_text;
} types[] = {
    {".html", "text/html; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".css", "text/css; charset=utf-8", true},
    {".svg", "image/svg+xml", true},
    {".json", "application/json", true},
    {".map", "application/json", true},
    {".webmanifest", "application/manifest+json", true},
    {".txt", "text/plain; charset=utf-8", true},
    {".woff2", "font/woff2", false},
    {".png", "image/png", false},
    {".jpg", "image/jpeg", false},
    {".webp", "image/webp", false},
    {".ico", "image/x-icon", false},
    {".wav", "audio/wav", false},
    {".mp3", "audio/mpeg", false},
    {".ogg", "audio/ogg", false},
    {".wasm", "application/wasm", false},
};

static void web_file_free(gpointer data)
{
    WebFile *file = data;
    g_bytes_unref(file->plain);
    g_clear_pointer(&file->gzip, g_bytes_unref);
    g_free(file->etag);
    g_free(file);
}

static GBytes *compress(GBytes *plain)
{
    gsize size = 0;
    const void *bytes = g_bytes_get_data(plain, &size);
    if (size < GZIP_WORTH_BYTES) {
        return NULL;
    }
    g_autoptr(GZlibCompressor) zlib = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6);
    g_autofree guint8 *packed = g_malloc(size);
    gsize read = 0;
    gsize written = 0;
    GConverterResult result = g_converter_convert(G_CONVERTER(zlib), bytes, size, packed, size,
                                                  G_CONVERTER_INPUT_AT_END, &read, &written, NULL);
    return result == G_CONVERTER_FINISHED ? g_bytes_new(packed, written) : NULL;
}

static void set_type(WebFile *file, const char *path)
{
    file->content_type = "application/octet-stream";
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        if (g_str_has_suffix(path, types[i].ending)) {
            file->content_type = types[i].content_type;
            file->gzip = types[i].is_text ? compress(file->plain) : NULL;
        }
    }
    /* The build names these by their content. */
    bool is_immutable = g_str_has_prefix(path, "/assets/");
    file->cache_control = is_immutable ? "public, max-age=31536000, immutable" : "no-cache";
}

static char *make_etag(GBytes *bytes)
{
    g_autofree char *hash = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
    return g_strdup_printf("\"%.*s\"", ETAG_LETTERS, hash);
}

static bool load_file(Loader *loader, const char *file_name, const char *path, size_t size)
{
    loader->bytes += size;
    if (loader->bytes > LIMIT_WEB_ROOT_BYTES) {
        g_set_error(loader->error, G_FILE_ERROR, G_FILE_ERROR_NOSPC,
                    "the page is larger than %d MiB: is server.web_root the right directory?",
                    LIMIT_WEB_ROOT_BYTES / (1024 * 1024));
        return false;
    }
    g_autofree char *text = NULL;
    gsize length = 0;
    if (!g_file_get_contents(file_name, &text, &length, loader->error)) {
        return false;
    }
    WebFile *file = g_new0(WebFile, 1);
    file->plain = g_bytes_new_take(g_steal_pointer(&text), length);
    file->etag = make_etag(file->plain);
    set_type(file, path);
    g_hash_table_replace(loader->by_path, g_strdup(path), file);
    return true;
}

/* Links are not followed: what is served is what lies in the directory. */
static bool load_directory(Loader *loader, const char *directory, const char *prefix, int depth)
{
    g_autoptr(GDir) entries = g_dir_open(directory, 0, loader->error);
    if (entries == NULL) {
        return false;
    }
    const char *name = NULL;
    bool is_loaded = true;
    while (is_loaded && (name = g_dir_read_name(entries)) != NULL) {
        g_autofree char *file_name = g_build_filename(directory, name, NULL);
        g_autofree char *path = g_strconcat(prefix, "/", name, NULL);
        struct stat status;
        if (name[0] == '.' || lstat(file_name, &status) != 0) {
            continue;
        }
        if (S_ISDIR(status.st_mode) && depth < DEPTH_MAX) {
            is_loaded = load_directory(loader, file_name, path, depth + 1);
        } else if (S_ISREG(status.st_mode)) {
            is_loaded = load_file(loader, file_name, path, (size_t)status.st_size);
        }
    }
    return is_loaded;
}

static gint64 index_changed_ns(const char *root)
{
    g_autofree char *index = g_build_filename(root, "index.html", NULL);
    struct stat status;
    if (stat(index, &status) != 0) {
        return 0;
    }
    return status.st_mtim.tv_sec * INT64_C(1000000000) + status.st_mtim.tv_nsec;
}

static GHashTable *load(const char *root, GError **error)
{
    GHashTable *by_path = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, web_file_free);
    Loader loader = {.by_path = by_path, .error = error};
    if (!load_directory(&loader, root, "", 0)) {
        g_hash_table_unref(by_path);
        return NULL;
    }
    if (!g_hash_table_contains(by_path, "/index.html")) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                    "there is no index.html in %s: build the page, or set server.web_root", root);
        g_hash_table_unref(by_path);
        return NULL;
    }
    return by_path;
}

WebFiles *web_files_new(const char *root, GError **error)
{
    gint64 changed_ns = index_changed_ns(root);
    GHashTable *by_path = load(root, error);
    if (by_path == NULL) {
        return NULL;
    }
    WebFiles *files = g_new0(WebFiles, 1);
    files->root = g_strdup(root);
    files->by_path = by_path;
    files->index_changed_ns = changed_ns;
    return files;
}

void web_files_free(WebFiles *files)
{
    if (files == NULL) {
        return;
    }
    g_hash_table_unref(files->by_path);
    g_free(files->root);
    g_free(files);
}

/* An update of the page writes index.html last. */
static void reload_if_changed(WebFiles *files)
{
    gint64 changed_ns = index_changed_ns(files->root);
    if (changed_ns == 0 || changed_ns == files->index_changed_ns) {
        return;
    }
    files->index_changed_ns = changed_ns;
    g_autoptr(GError) error = NULL;
    GHashTable *by_path = load(files->root, &error);
    if (by_path == NULL) {
        log_warning("page.reload_failed", "reason=\"%s\"", error->message);
        return;
    }
    g_hash_table_unref(files->by_path);
    files->by_path = by_path;
    log_info("page.reloaded", "files=%u", g_hash_table_size(by_path));
}

const WebFile *web_files_find(WebFiles *files, const char *path)
{
    if (strcmp(path, "/") == 0 || strcmp(path, "/index.html") == 0) {
        reload_if_changed(files);
        path = "/index.html";
    }
    return g_hash_table_lookup(files->by_path, path);
}

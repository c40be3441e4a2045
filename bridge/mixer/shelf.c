#include "bridge/mixer/shelf.h"

#include <glib.h>

struct Shelf {
    Gallery *gallery;
    ShelfReport report;
    void *data;
    GHashTable *items; /* source → ShelfItem */
    uint64_t number;   /* Of the latest frame. */
};

static void item_free(void *data)
{
    ShelfItem *item = data;
    frame_unref(item->frame);
    g_free(item);
}

Shelf *shelf_new(Gallery *gallery, ShelfReport report, void *data)
{
    Shelf *shelf = g_new0(Shelf, 1);
    shelf->gallery = gallery;
    shelf->report = report;
    shelf->data = data;
    shelf->items = g_hash_table_new_full(NULL, NULL, NULL, item_free);
    return shelf;
}

void shelf_free(Shelf *shelf)
{
    if (shelf == NULL) {
        return;
    }
    g_hash_table_destroy(shelf->items);
    g_free(shelf);
}

static void lose(Shelf *shelf, ShelfItem *item)
{
    if (item->frame != NULL) {
        g_clear_pointer(&item->frame, frame_unref);
        item->watch = (LookWatch){0};
        shelf->report(item->source, false, LOOK_FINE, shelf->data);
    }
}

static void drop_all(Shelf *shelf, GHashTable *items)
{
    GHashTableIter iter;
    void *item;
    g_hash_table_iter_init(&iter, items);
    while (g_hash_table_iter_next(&iter, NULL, &item)) {
        lose(shelf, item);
    }
    g_hash_table_destroy(items);
}

static bool is_share(const Scene *scene, uint32_t source)
{
    for (size_t i = 0; i < scene->view_count; i++) {
        if (scene->views[i].view->share == source) {
            return true;
        }
    }
    return false;
}

void shelf_set_scene(Shelf *shelf, const Scene *scene)
{
    GHashTable *before = shelf->items;
    shelf->items = g_hash_table_new_full(NULL, NULL, NULL, item_free);
    for (size_t i = 0; i < scene->source_count; i++) {
        uint32_t source = scene->sources[i].seat->source;
        void *key = GUINT_TO_POINTER(source);
        void *item = NULL;
        if (!g_hash_table_steal_extended(before, key, NULL, &item)) {
            item = g_new0(ShelfItem, 1);
            ((ShelfItem *)item)->source = source;
        }
        ((ShelfItem *)item)->is_share = is_share(scene, source);
        g_hash_table_insert(shelf->items, key, item);
    }
    drop_all(shelf, before);
}

static void refresh(Shelf *shelf, ShelfItem *item, int64_t now_us)
{
    Frame *frame = NULL;
    GalleryState state = gallery_take(shelf->gallery, item->source, &frame);
    if (state == GALLERY_NEW) {
        bool was_live = item->frame != NULL;
        frame_unref(item->frame);
        item->frame = frame;
        item->number = ++shelf->number;
        item->fresh_us = now_us;
        bool is_news = !item->is_share && look_watch(&item->watch, frame_picture(frame), now_us);
        if (!was_live || is_news) {
            shelf->report(item->source, true, item->watch.look, shelf->data);
        }
    } else if (state == GALLERY_NONE || now_us - item->fresh_us > SHELF_STALE_US) {
        lose(shelf, item);
    }
}

void shelf_tick(Shelf *shelf, int64_t now_us)
{
    GHashTableIter iter;
    void *item;
    g_hash_table_iter_init(&iter, shelf->items);
    while (g_hash_table_iter_next(&iter, NULL, &item)) {
        refresh(shelf, item, now_us);
    }
}

const ShelfItem *shelf_find(const Shelf *shelf, uint32_t source)
{
    return g_hash_table_lookup(shelf->items, GUINT_TO_POINTER(source));
}

void shelf_report_all(Shelf *shelf)
{
    GHashTableIter iter;
    void *data;
    g_hash_table_iter_init(&iter, shelf->items);
    while (g_hash_table_iter_next(&iter, NULL, &data)) {
        const ShelfItem *item = data;
        if (item->frame != NULL) {
            shelf->report(item->source, true, item->watch.look, shelf->data);
        }
    }
}

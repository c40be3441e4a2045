#include "bridge/mixer/gallery.h"

#include <pthread.h>

typedef struct Picture {
    Frame *latest; /* NULL once taken. */
} Picture;

struct Gallery {
    pthread_mutex_t lock;
    GHashTable *pictures; /* source → Picture */
};

static void picture_free(void *data)
{
    Picture *picture = data;
    frame_unref(picture->latest);
    g_free(picture);
}

Gallery *gallery_new(void)
{
    Gallery *gallery = g_new0(Gallery, 1);
    pthread_mutex_init(&gallery->lock, NULL);
    gallery->pictures = g_hash_table_new_full(NULL, NULL, NULL, picture_free);
    return gallery;
}

void gallery_free(Gallery *gallery)
{
    if (gallery == NULL) {
        return;
    }
    g_hash_table_destroy(gallery->pictures);
    pthread_mutex_destroy(&gallery->lock);
    g_free(gallery);
}

void gallery_put(Gallery *gallery, uint32_t source, Frame *frame)
{
    pthread_mutex_lock(&gallery->lock);
    Picture *picture = g_hash_table_lookup(gallery->pictures, GUINT_TO_POINTER(source));
    if (picture == NULL) {
        picture = g_new0(Picture, 1);
        g_hash_table_insert(gallery->pictures, GUINT_TO_POINTER(source), picture);
    }
    Frame *replaced = picture->latest;
    picture->latest = frame;
    pthread_mutex_unlock(&gallery->lock);
    frame_unref(replaced);
}

void gallery_drop(Gallery *gallery, uint32_t source)
{
    pthread_mutex_lock(&gallery->lock);
    g_hash_table_remove(gallery->pictures, GUINT_TO_POINTER(source));
    pthread_mutex_unlock(&gallery->lock);
}

GalleryState gallery_take(Gallery *gallery, uint32_t source, Frame **ret_frame)
{
    pthread_mutex_lock(&gallery->lock);
    Picture *picture = g_hash_table_lookup(gallery->pictures, GUINT_TO_POINTER(source));
    GalleryState state = picture == NULL           ? GALLERY_NONE
                         : picture->latest == NULL ? GALLERY_SAME
                                                   : GALLERY_NEW;
    if (state == GALLERY_NEW) {
        *ret_frame = g_steal_pointer(&picture->latest);
    }
    pthread_mutex_unlock(&gallery->lock);
    return state;
}

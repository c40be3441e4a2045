#include <criterion/criterion.h>
#include <stdatomic.h>

#include "bridge/base/clock.h"
#include "bridge/base/limits.h"
#include "bridge/mixer/crew.h"
#include "tests/unit/mixer/clip.h"
#include "tests/unit/mixer/fixture.h"

#define PATIENCE_US (5 * CLOCK_US_PER_S)

static void on_ask(uint32_t source, void *data)
{
    atomic_fetch_add((atomic_uint *)data, 1);
}

static Scene *scene_of(const uint32_t *sources, size_t count)
{
    Program *program = fixture_program(1, 640, 360);
    fixture_row(program, 0, LAYOUT_ROLE_RECENT, (int)count);
    for (size_t i = 0; i < count; i++) {
        fixture_seat(program, sources[i]);
    }
    return fixture_scene(program, sources, count, NULL);
}

static void set_scene(Crew *crew, const uint32_t *sources, size_t count)
{
    Scene *scene = scene_of(sources, count);
    crew_set_scene(crew, scene);
    scene_unref(scene);
}

static void post_frame(Crew *crew, uint32_t source, ClipEncoder *encoder)
{
    g_autoptr(GPtrArray) packets = clip_encode_color(encoder, 0x30a040);
    for (guint i = 0; i < packets->len; i++) {
        gsize size;
        const void *rtp = g_bytes_get_data(packets->pdata[i], &size);
        crew_post_packet(crew, source, rtp, size, clock_now_us());
    }
}

static GalleryState await(Gallery *gallery, uint32_t source, GalleryState wanted)
{
    int64_t end_us = clock_now_us() + PATIENCE_US;
    GalleryState state = GALLERY_NONE;
    do {
        Frame *frame = NULL;
        state = gallery_take(gallery, source, &frame);
        frame_unref(frame);
    } while (state != wanted && clock_now_us() < end_us && (g_usleep(1000), true));
    return state;
}

static bool await_decoders(const Crew *crew, uint64_t wanted)
{
    int64_t end_us = clock_now_us() + PATIENCE_US;
    while (crew_stats(crew).decoders != wanted && clock_now_us() < end_us) {
        g_usleep(1000);
    }
    return crew_stats(crew).decoders == wanted;
}

Test(crew, decodes_sources_of_the_scene_and_no_other)
{
    Gallery *gallery = gallery_new();
    atomic_uint asked = 0;
    Crew *crew = crew_new(&(CrewOptions){2, gallery, on_ask, &asked, NULL});
    ClipEncoder *encoders[3];
    set_scene(crew, (uint32_t[]){1, 2}, 2);
    for (uint32_t i = 0; i < 3; i++) {
        encoders[i] = clip_encoder_new(318, 358, 300);
        post_frame(crew, i + 1, encoders[i]);
    }
    cr_expect_eq(await(gallery, 1, GALLERY_NEW), GALLERY_NEW);
    cr_expect_eq(await(gallery, 2, GALLERY_NEW), GALLERY_NEW);
    Frame *none = NULL;
    cr_expect_eq(gallery_take(gallery, 3, &none), GALLERY_NONE);
    cr_expect_gt(crew_stats(crew).packets_unwanted, 0);
    cr_expect(await_decoders(crew, 2));
    for (uint32_t i = 0; i < 3; i++) {
        clip_encoder_free(encoders[i]);
    }
    crew_free(crew);
    gallery_free(gallery);
}

Test(crew, drops_the_decoder_of_a_source_that_leaves_the_stage)
{
    Gallery *gallery = gallery_new();
    atomic_uint asked = 0;
    Crew *crew = crew_new(&(CrewOptions){2, gallery, on_ask, &asked, NULL});
    ClipEncoder *encoder = clip_encoder_new(318, 358, 300);
    set_scene(crew, (uint32_t[]){1, 2}, 2);
    post_frame(crew, 1, encoder);
    cr_expect_eq(await(gallery, 1, GALLERY_NEW), GALLERY_NEW);
    set_scene(crew, (uint32_t[]){2, 3}, 2);
    cr_expect_eq(await(gallery, 1, GALLERY_NONE), GALLERY_NONE);
    cr_expect(await_decoders(crew, 0));
    clip_encoder_free(encoder);
    crew_free(crew);
    gallery_free(gallery);
}

Test(crew, forgets_a_source_that_is_gone_and_takes_it_anew)
{
    Gallery *gallery = gallery_new();
    atomic_uint asked = 0;
    Crew *crew = crew_new(&(CrewOptions){1, gallery, on_ask, &asked, NULL});
    ClipEncoder *before = clip_encoder_new(318, 358, 300);
    ClipEncoder *after = clip_encoder_new(318, 358, 300);
    set_scene(crew, (uint32_t[]){1}, 1);
    post_frame(crew, 1, before);
    cr_expect_eq(await(gallery, 1, GALLERY_NEW), GALLERY_NEW);
    crew_post_gone(crew, 1);
    cr_expect_eq(await(gallery, 1, GALLERY_NONE), GALLERY_NONE);
    cr_expect(await_decoders(crew, 0));
    post_frame(crew, 1, after);
    cr_expect_eq(await(gallery, 1, GALLERY_NEW), GALLERY_NEW);
    clip_encoder_free(before);
    clip_encoder_free(after);
    crew_free(crew);
    gallery_free(gallery);
}

Test(crew, asks_for_a_key_frame_of_a_stream_it_joins_late)
{
    Gallery *gallery = gallery_new();
    atomic_uint asked = 0;
    Crew *crew = crew_new(&(CrewOptions){1, gallery, on_ask, &asked, NULL});
    ClipEncoder *encoder = clip_encoder_new(318, 358, 300);
    set_scene(crew, (uint32_t[]){1}, 1);
    g_ptr_array_unref(clip_encode_color(encoder, 0));
    post_frame(crew, 1, encoder);
    int64_t end_us = clock_now_us() + PATIENCE_US;
    while (atomic_load(&asked) == 0 && clock_now_us() < end_us) {
        g_usleep(1000);
    }
    cr_expect_eq(atomic_load(&asked), 1);
    clip_encoder_free(encoder);
    crew_free(crew);
    gallery_free(gallery);
}

Test(crew, lets_no_source_take_more_than_its_share)
{
    clip_init();
    Gallery *gallery = gallery_new();
    atomic_uint asked = 0;
    Crew *crew = crew_new(&(CrewOptions){1, gallery, on_ask, &asked, NULL});
    static const uint8_t rtp[200] = {0x80, 96};
    set_scene(crew, (uint32_t[]){1, 2}, 2);
    for (int i = 0; i < 3 * LIMIT_SOURCE_PACKETS_PER_S; i++) {
        crew_post_packet(crew, 1, rtp, sizeof rtp, 5000000);
    }
    cr_expect_eq(crew_stats(crew).packets_excess, 2 * LIMIT_SOURCE_PACKETS_PER_S);
    cr_expect(crew_post_packet(crew, 2, rtp, sizeof rtp, 5000000), "the other has its own share");
    cr_expect(crew_post_packet(crew, 1, rtp, sizeof rtp, 6000000), "a second later");
    cr_expect_not(crew_post_packet(crew, 2, rtp, 2000, 6000000), "too large a packet");
    crew_free(crew);
    gallery_free(gallery);
}

Test(crew, ends_while_packets_wait)
{
    Gallery *gallery = gallery_new();
    atomic_uint asked = 0;
    Crew *crew = crew_new(&(CrewOptions){2, gallery, on_ask, &asked, NULL});
    ClipEncoder *encoder = clip_encoder_new(640, 360, 2000);
    set_scene(crew, (uint32_t[]){1}, 1);
    for (int i = 0; i < 30; i++) {
        post_frame(crew, 1, encoder);
    }
    crew_free(crew);
    clip_encoder_free(encoder);
    gallery_free(gallery);
}

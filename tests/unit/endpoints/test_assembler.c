#include <criterion/criterion.h>
#include <string.h>

#include "endpoints/device/assembler.h"

typedef struct Seen {
    int frames;
    AssemblerFrame last;
} Seen;

static void on_frame(const AssemblerFrame *frame, void *data)
{
    Seen *seen = data;
    seen->frames++;
    seen->last = *frame;
}

static const uint8_t key[] = {0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01, 7};
static const uint8_t delta[] = {0x10, 0x11, 0, 0, 1, 2, 3, 4, 5, 6, 7};
static const uint8_t more[] = {0x00, 8, 9};

static void push(Assembler *assembler, const uint8_t *payload, size_t size, InOrderPacket rest)
{
    rest.payload = payload;
    rest.size = size;
    assembler_push(assembler, &rest);
}

#define WHOLE(timestamp_) ((InOrderPacket){.marker = true, .timestamp = (timestamp_)})
#define PART(timestamp_) ((InOrderPacket){.timestamp = (timestamp_)})
#define LOSS(timestamp_)                                                                           \
    ((InOrderPacket){.marker = true, .timestamp = (timestamp_), .after_loss = true})

Test(assembler, joins_the_packets_of_a_frame)
{
    Seen seen = {0};
    Assembler *assembler = assembler_new(on_frame, &seen);
    push(assembler, key, sizeof key, PART(1));
    push(assembler, more, sizeof more, PART(1));
    push(assembler, more, sizeof more, WHOLE(1));
    cr_assert_eq(seen.frames, 1);
    cr_assert_eq(seen.last.size, sizeof key - 1 + 2 * (sizeof more - 1));
    cr_assert(seen.last.is_key);
    cr_assert_eq(seen.last.width, 640);
    cr_assert_eq(seen.last.height, 360);
    cr_assert_eq(seen.last.timestamp, 1);
    assembler_free(assembler);
}

Test(assembler, gives_nothing_out_before_the_first_key_frame)
{
    Seen seen = {0};
    Assembler *assembler = assembler_new(on_frame, &seen);
    push(assembler, delta, sizeof delta, WHOLE(1));
    cr_assert(assembler_needs_key(assembler));
    push(assembler, key, sizeof key, WHOLE(2));
    push(assembler, delta, sizeof delta, WHOLE(3));
    cr_assert_eq(seen.frames, 2);
    cr_assert_not(assembler_needs_key(assembler));
    assembler_free(assembler);
}

Test(assembler, waits_for_a_key_frame_after_a_loss)
{
    Seen seen = {0};
    Assembler *assembler = assembler_new(on_frame, &seen);
    push(assembler, key, sizeof key, WHOLE(1));
    push(assembler, delta, sizeof delta, LOSS(3));
    cr_assert_eq(seen.frames, 1);
    cr_assert(assembler_needs_key(assembler));
    push(assembler, delta, sizeof delta, WHOLE(4));
    cr_assert_eq(seen.frames, 1);
    push(assembler, key, sizeof key, WHOLE(5));
    cr_assert_eq(seen.frames, 2);
    assembler_free(assembler);
}

Test(assembler, takes_a_key_frame_that_follows_a_loss_at_once)
{
    Seen seen = {0};
    Assembler *assembler = assembler_new(on_frame, &seen);
    push(assembler, key, sizeof key, LOSS(1));
    cr_assert_eq(seen.frames, 1);
    assembler_free(assembler);
}

Test(assembler, drops_a_frame_whose_end_or_beginning_is_missing)
{
    Seen seen = {0};
    Assembler *assembler = assembler_new(on_frame, &seen);
    push(assembler, key, sizeof key, WHOLE(1));
    push(assembler, delta, sizeof delta, PART(2));
    push(assembler, delta, sizeof delta, WHOLE(3));
    cr_assert_eq(seen.frames, 1);
    cr_assert(assembler_needs_key(assembler));
    push(assembler, key, sizeof key, WHOLE(4));
    push(assembler, more, sizeof more, WHOLE(5));
    cr_assert_eq(seen.frames, 2);
    assembler_free(assembler);
}

Test(assembler, passes_over_padding)
{
    Seen seen = {0};
    Assembler *assembler = assembler_new(on_frame, &seen);
    push(assembler, key, sizeof key, WHOLE(1));
    push(assembler, NULL, 0, PART(1));
    push(assembler, delta, sizeof delta, WHOLE(2));
    cr_assert_eq(seen.frames, 2);
    assembler_free(assembler);
}

Test(assembler, refuses_a_malformed_payload_and_recovers)
{
    Seen seen = {0};
    Assembler *assembler = assembler_new(on_frame, &seen);
    push(assembler, key, sizeof key, WHOLE(1));
    push(assembler, (const uint8_t[]){0x90, 0x80}, 2, WHOLE(2));
    cr_assert(assembler_needs_key(assembler));
    push(assembler, key, sizeof key, WHOLE(3));
    cr_assert_eq(seen.frames, 2);
    assembler_free(assembler);
}

Test(assembler, gives_up_a_frame_without_end)
{
    Seen seen = {0};
    Assembler *assembler = assembler_new(on_frame, &seen);
    uint8_t piece[1400] = {0};
    push(assembler, key, sizeof key, PART(1));
    for (int i = 0; i < ASSEMBLER_FRAME_BYTES / 1399 + 2; i++) {
        push(assembler, piece, sizeof piece, PART(1));
    }
    push(assembler, more, sizeof more, WHOLE(1));
    cr_assert_eq(seen.frames, 0);
    push(assembler, key, sizeof key, WHOLE(2));
    cr_assert_eq(seen.frames, 1);
    assembler_free(assembler);
}

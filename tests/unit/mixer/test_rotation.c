#include <criterion/criterion.h>
#include <string.h>

#include "bridge/mixer/rotation.h"

#define S(seconds) ((int64_t)(seconds)*1000000)

typedef struct Turn {
    const char *sources; /* Letters; small ones have no picture. */
    char speaker;
    int64_t now_us;
} Turn;

typedef struct Ring {
    Rotation rotation;
    uint32_t cells[2];
    Arrangement arrangement;
    int64_t next_us;
    char text[3];
} Ring;

/* Runs a rotation of 10 s in two cells and says who is in them. */
static const char *run(Ring *ring, Turn turn)
{
    uint32_t sources[16];
    bool is_live[16];
    size_t count = strlen(turn.sources);
    for (size_t i = 0; i < count; i++) {
        sources[i] = (uint32_t)(turn.sources[i] & ~0x20);
        is_live[i] = turn.sources[i] < 'a';
    }
    ring->arrangement.soon_count = 0;
    RotationInput input = {sources, is_live, count, (uint32_t)turn.speaker, S(10), turn.now_us};
    ring->next_us = rotation_run(&ring->rotation, &input, ring->cells, 2, &ring->arrangement);
    for (int i = 0; i < 2; i++) {
        ring->text[i] = ring->cells[i] == 0 ? '.' : (char)ring->cells[i];
    }
    return ring->text;
}

Test(rotation, shows_everybody_by_turns)
{
    Ring ring = {0};
    cr_expect_str_eq(run(&ring, (Turn){"ABCDE", 0, 0}), "AB");
    cr_expect_str_eq(run(&ring, (Turn){"ABCDE", 0, S(10)}), "CD");
    cr_expect_str_eq(run(&ring, (Turn){"ABCDE", 0, S(20)}), "EA");
    cr_expect_str_eq(run(&ring, (Turn){"ABCDE", 0, S(30)}), "BC");
}

Test(rotation, does_not_move_before_its_time)
{
    Ring ring = {0};
    run(&ring, (Turn){"ABCDE", 0, 0});
    cr_expect_str_eq(run(&ring, (Turn){"ABCDE", 0, S(10) - 1}), "AB");
}

Test(rotation, changes_the_cell_that_has_been_longest)
{
    Ring ring = {0};
    run(&ring, (Turn){"ABC", 0, 0});
    cr_expect_str_eq(run(&ring, (Turn){"ABC", 0, S(10)}), "CB");
    cr_expect_str_eq(run(&ring, (Turn){"ABC", 0, S(20)}), "CA");
    cr_expect_str_eq(run(&ring, (Turn){"ABC", 0, S(30)}), "BA");
}

Test(rotation, passes_over_who_has_no_picture)
{
    Ring ring = {0};
    run(&ring, (Turn){"ABcDE", 0, 0});
    cr_expect_str_eq(run(&ring, (Turn){"ABcDE", 0, S(10)}), "DE");
    cr_expect_str_eq(run(&ring, (Turn){"ABcDE", 0, S(20)}), "AB");
    cr_expect_str_eq(run(&ring, (Turn){"ABCDE", 0, S(30)}), "CD", "it has one now");
}

Test(rotation, stays_when_nobody_else_has_a_picture)
{
    Ring ring = {0};
    run(&ring, (Turn){"ABcde", 0, 0});
    cr_expect_str_eq(run(&ring, (Turn){"ABcde", 0, S(10)}), "AB");
    cr_expect_eq(ring.next_us, S(18));
}

Test(rotation, makes_the_next_ready_and_some_more)
{
    Ring ring = {0};
    run(&ring, (Turn){"ABcdefgh", 0, 0});
    cr_expect_eq(ring.next_us, S(8));
    cr_expect_eq(ring.arrangement.soon_count, 0);
    run(&ring, (Turn){"ABcdefgh", 0, S(8)});
    cr_expect_eq(ring.next_us, S(10));
    cr_expect_eq(ring.arrangement.soon_count, 4);
    cr_expect_eq(ring.arrangement.soon[0], 'C');
    cr_expect_eq(ring.arrangement.soon[3], 'F');
}

Test(rotation, pauses_while_a_shown_source_speaks)
{
    Ring ring = {0};
    run(&ring, (Turn){"ABCD", 0, 0});
    cr_expect_str_eq(run(&ring, (Turn){"ABCD", 'B', S(9)}), "AB");
    cr_expect_eq(ring.next_us, INT64_MAX);
    cr_expect_str_eq(run(&ring, (Turn){"ABCD", 'B', S(100)}), "AB");
    cr_expect_str_eq(run(&ring, (Turn){"ABCD", 'C', S(101)}), "AB", "a new interval");
    cr_expect_str_eq(run(&ring, (Turn){"ABCD", 0, S(111)}), "CD");
}

Test(rotation, fills_the_cell_of_who_left_at_once)
{
    Ring ring = {0};
    run(&ring, (Turn){"ABCD", 0, 0});
    cr_expect_str_eq(run(&ring, (Turn){"BCD", 0, S(1)}), "CB");
    cr_expect_str_eq(run(&ring, (Turn){"B", 0, S(2)}), ".B");
    cr_expect_eq(ring.next_us, INT64_MAX, "nobody waits");
    cr_expect_str_eq(run(&ring, (Turn){"", 0, S(3)}), "..");
}

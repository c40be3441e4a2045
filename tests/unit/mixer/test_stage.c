#include <criterion/criterion.h>
#include <glib.h>
#include <string.h>

#include "bridge/mixer/stage.h"

#define S(seconds) ((int64_t)(seconds)*1000000)

/* `present` and `absent` seats are letters: "ABc" has A and B present, c absent; sources 1, 2, 3.
 */
static Program *program(const char *roles, const char *seats, uint32_t spotlight)
{
    Program *program = g_atomic_rc_box_new0(Program);
    size_t cells = strlen(roles);
    program->layout = g_malloc0(sizeof(Layout) + cells * sizeof(LayoutCell));
    program->layout->cell_count = cells;
    for (size_t i = 0; i < cells; i++) {
        LayoutCell *cell = &program->layout->cells[i];
        cell->role = roles[i] == 'F'   ? LAYOUT_ROLE_FLOOR
                     : roles[i] == 'C' ? LAYOUT_ROLE_CHAIR
                     : roles[i] == 'r' ? LAYOUT_ROLE_RECENT
                                       : LAYOUT_ROLE_SITE;
        cell->source = cell->role == LAYOUT_ROLE_SITE ? (uint32_t)(roles[i] - '0') : 0;
    }
    program->seat_count = strlen(seats);
    for (size_t i = 0; i < program->seat_count; i++) {
        program->seats[i].source = (uint32_t)(g_ascii_toupper(seats[i]) - 'A' + 1);
        program->seats[i].is_present = g_ascii_isupper(seats[i]);
    }
    program->spotlight = spotlight;
    return program;
}

/* Arranges and says who is where: "BA." is source 2, source 1, nobody. */
static const char *arrange(Stage *stage, Program *value, int64_t now_us)
{
    static char text[LIMIT_LAYOUT_CELLS + 1];
    uint32_t sources[LIMIT_LAYOUT_CELLS];
    stage_arrange(stage, value, now_us, sources);
    size_t count = value->layout->cell_count;
    for (size_t i = 0; i < count; i++) {
        text[i] = sources[i] == 0 ? '.' : (char)('A' + sources[i] - 1);
    }
    text[count] = '\0';
    program_unref(value);
    return text;
}

Test(stage, seats_present_sites_in_seating_order)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange(stage, program("rrrr", "aBcD", 0), 0), "BDAC");
    stage_free(stage);
}

Test(stage, shows_the_invited_when_nobody_is_there)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange(stage, program("rrr", "abcd", 0), 0), "ABC");
    stage_free(stage);
}

Test(stage, leaves_cells_empty_when_seats_run_out)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange(stage, program("Frr", "A", 0), 0), "A..");
    stage_free(stage);
}

Test(stage, gives_the_place_of_the_invited_to_whoever_comes)
{
    Stage *stage = stage_new();
    arrange(stage, program("rr", "abc", 0), 0);
    cr_expect_str_eq(arrange(stage, program("rr", "abC", 0), S(1)), "CB");
    stage_free(stage);
}

Test(stage, moves_nobody_when_another_comes)
{
    Stage *stage = stage_new();
    arrange(stage, program("rrr", "aBC", 0), 0);
    cr_expect_str_eq(arrange(stage, program("rrr", "ABC", 0), S(1)), "BCA");
    stage_free(stage);
}

Test(stage, keeps_the_cell_of_a_site_that_comes_back_within_30_seconds)
{
    Stage *stage = stage_new();
    arrange(stage, program("rr", "ABC", 0), 0);
    cr_expect_str_eq(arrange(stage, program("rr", "aBC", 0), S(1)), "AB");
    cr_expect_str_eq(arrange(stage, program("rr", "aBC", 0), S(29)), "AB");
    cr_expect_str_eq(arrange(stage, program("rr", "ABC", 0), S(30) - 1), "AB");
    stage_free(stage);
}

Test(stage, gives_the_cell_away_after_30_seconds)
{
    Stage *stage = stage_new();
    arrange(stage, program("rr", "ABC", 0), 0);
    arrange(stage, program("rr", "aBC", 0), S(1));
    cr_expect_eq(stage_next_us(stage), S(30), "counted from when it was last present");
    cr_expect_str_eq(arrange(stage, program("rr", "aBC", 0), S(30)), "CB");
    cr_expect_eq(stage_next_us(stage), INT64_MAX);
    cr_expect_str_eq(arrange(stage, program("rr", "ABC", 0), S(31)), "CB", "the seat is taken now");
    stage_free(stage);
}

Test(stage, does_not_wake_when_nobody_waits_for_the_cell)
{
    Stage *stage = stage_new();
    arrange(stage, program("rrr", "AB", 0), 0);
    arrange(stage, program("rrr", "aB", 0), S(1));
    cr_expect_eq(stage_next_us(stage), INT64_MAX);
    stage_free(stage);
}

Test(stage, puts_the_spotlight_in_the_big_cell)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange(stage, program("Frrr", "ABCD", 3), 0), "CABD");
    stage_free(stage);
}

Test(stage, swaps_the_spotlight_with_who_was_big)
{
    Stage *stage = stage_new();
    arrange(stage, program("Frrr", "ABCD", 0), 0);
    cr_expect_str_eq(arrange(stage, program("Frrr", "ABCD", 3), S(1)), "CBAD");
    cr_expect_str_eq(arrange(stage, program("Frrr", "ABCD", 0), S(2)), "CBAD", "and stays");
    stage_free(stage);
}

Test(stage, prefers_the_floor_cell_for_the_spotlight)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange(stage, program("CFr", "ABC", 3), 0), "ACB");
    cr_expect_str_eq(arrange(stage, program("Cr", "ABC", 3), 0), "CA", "else the chair's");
    stage_free(stage);
}

Test(stage, keeps_the_spotlight_on_a_site_that_is_absent)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange(stage, program("Fr", "aBC", 1), 0), "AB");
    cr_expect_str_eq(arrange(stage, program("Fr", "aBC", 1), S(100)), "AB");
    cr_expect_eq(stage_next_us(stage), INT64_MAX);
    stage_free(stage);
}

Test(stage, has_no_big_cell_in_a_grid)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange(stage, program("rr", "ABC", 3), 0), "AB");
    stage_free(stage);
}

Test(stage, reserves_a_cell_bound_to_a_site)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange(stage, program("r2r", "ABC", 0), 0), "ABC");
    cr_expect_str_eq(arrange(stage, program("r2r", "AbC", 0), S(60)), "ABC");
    cr_expect_str_eq(arrange(stage, program("r9r", "ABC", 0), S(61)), "A.C", "nobody else gets it");
    stage_free(stage);
}

Test(stage, keeps_places_over_a_change_of_layout)
{
    Stage *stage = stage_new();
    arrange(stage, program("rrr", "aBCD", 0), 0);
    cr_expect_str_eq(arrange(stage, program("rrrr", "ABCD", 0), S(1)), "BCDA");
    cr_expect_str_eq(arrange(stage, program("rr", "ABCD", 0), S(2)), "BC");
    stage_free(stage);
}

Test(stage, drops_a_seat_that_left_the_meeting)
{
    Stage *stage = stage_new();
    arrange(stage, program("rr", "ABC", 0), 0);
    cr_expect_str_eq(arrange(stage, program("rr", "BC", 0), S(1)), "CB");
    stage_free(stage);
}

Test(stage, never_shows_anybody_twice)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange(stage, program("F11r", "ABC", 1), 0), "BA.C");
    stage_free(stage);
}

Test(stage, fills_a_wall_of_256)
{
    char roles[LIMIT_LAYOUT_CELLS + 1];
    memset(roles, 'r', LIMIT_LAYOUT_CELLS);
    roles[LIMIT_LAYOUT_CELLS] = '\0';
    Program *value = program(roles, "", 0);
    value->seat_count = LIMIT_SEATS;
    for (size_t i = 0; i < LIMIT_SEATS; i++) {
        value->seats[i] = (ProgramSeat){.source = (uint32_t)i + 1, .is_present = true};
    }
    uint32_t sources[LIMIT_LAYOUT_CELLS];
    Stage *stage = stage_new();
    stage_arrange(stage, value, 0, sources);
    for (size_t i = 0; i < LIMIT_LAYOUT_CELLS; i++) {
        cr_assert_eq(sources[i], i + 1);
    }
    program_unref(value);
    stage_free(stage);
}

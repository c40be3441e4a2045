#include <criterion/criterion.h>
#include <glib.h>
#include <string.h>

#include "bridge/mixer/stage.h"
#include "tests/unit/mixer/fixture.h"

#define S(seconds) ((int64_t)(seconds)*1000000)

/* Who is bound to a role or speaks; letters, '\0' for nobody. */
typedef struct Cast {
    char spotlight, floor, chair, share;
    const char *speakers; /* The latest first; NULL: nobody ever. */
    bool is_silent;
    const char *rotation; /* NULL: none. */
    const char *live;
} Cast;

static uint32_t source_of(char letter)
{
    return letter == '\0' ? 0 : (uint32_t)(g_ascii_toupper(letter) - 'A' + 1);
}

static LayoutRole role_of(char letter)
{
    switch (letter) {
    case 'F':
        return LAYOUT_ROLE_FLOOR;
    case 'C':
        return LAYOUT_ROLE_CHAIR;
    case 'S':
        return LAYOUT_ROLE_SHARE;
    case 'r':
        return LAYOUT_ROLE_RECENT;
    case 't':
        return LAYOUT_ROLE_ROTATE;
    default:
        return LAYOUT_ROLE_SITE;
    }
}

/* `roles` has a letter for each cell, a digit is a site. Capital letters of `seats` are present:
 * "ABc" has A and B present, c absent; sources 1, 2, 3. */
static Program *program(const char *roles, const char *seats, const Cast *cast)
{
    Program *value = fixture_program(1, 1280, 720);
    ProgramView *view = &value->views[0];
    for (size_t i = 0; roles[i] != '\0'; i++) {
        LayoutRole role = role_of(roles[i]);
        uint32_t source = role == LAYOUT_ROLE_SITE ? (uint32_t)(roles[i] - '0') : 0;
        fixture_cell(value, 0, (LayoutCell){.role = role, .source = source, .w = 1, .h = 1});
    }
    for (size_t i = 0; seats[i] != '\0'; i++) {
        fixture_seat(value, source_of(seats[i]));
        value->seats[i].is_present = g_ascii_isupper(seats[i]);
    }
    view->spotlight = source_of(cast->spotlight);
    view->floor = source_of(cast->floor);
    view->chair = source_of(cast->chair);
    view->share = source_of(cast->share);
    size_t turns = cast->rotation == NULL ? 0 : strlen(cast->rotation);
    view->rotation = (ProgramRotation){turns, g_new0(uint32_t, LIMIT_SEATS), INT64_C(10000000)};
    for (size_t i = 0; i < turns; i++) {
        view->rotation.sources[i] = source_of(cast->rotation[i]);
    }
    return value;
}

static Arrangement arrangement;

/* Arranges and says who is where: "BA." is source 2, source 1, nobody. */
static const char *arrange_cast(Stage *stage, const char *roles, const char *seats,
                                const Cast *cast, int64_t now_us)
{
    static char text[LIMIT_LAYOUT_CELLS + 1];
    uint32_t speakers[STAGE_SPEAKERS_MAX];
    Program *value = program(roles, seats, cast);
    g_autoptr(GHashTable) live = g_hash_table_new(NULL, NULL);
    for (const char *c = cast->live; c != NULL && *c != '\0'; c++) {
        g_hash_table_add(live, GUINT_TO_POINTER(source_of(*c)));
    }
    size_t speaker_count = cast->speakers == NULL ? 0 : strlen(cast->speakers);
    for (size_t i = 0; i < speaker_count; i++) {
        speakers[i] = source_of(cast->speakers[i]);
    }
    StageInput input = {
        .program = value,
        .view = &value->views[0],
        .speakers = speakers,
        .speaker_count = speaker_count,
        .is_speaking = speaker_count > 0 && !cast->is_silent,
        .live = live,
        .now_us = now_us,
    };
    stage_arrange(stage, &input, &arrangement);
    size_t count = value->views[0].layout->cell_count;
    for (size_t i = 0; i < count; i++) {
        uint32_t source = arrangement.cells[i];
        text[i] = source == 0 ? '.' : (char)('A' + source - 1);
    }
    text[count] = '\0';
    program_unref(value);
    return text;
}

typedef struct Plan {
    const char *roles;
    const char *seats;
    char spotlight;
} Plan;

static const char *arrange(Stage *stage, Plan plan, int64_t now_us)
{
    return arrange_cast(stage, plan.roles, plan.seats, &(Cast){.spotlight = plan.spotlight},
                        now_us);
}

Test(stage, seats_present_sites_in_seating_order)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange(stage, (Plan){"rrrr", "aBcD", '\0'}, 0), "BDAC");
    stage_free(stage);
}

Test(stage, shows_the_invited_when_nobody_is_there)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange(stage, (Plan){"rrr", "abcd", '\0'}, 0), "ABC");
    stage_free(stage);
}

Test(stage, leaves_cells_empty_when_seats_run_out)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange(stage, (Plan){"Frr", "A", '\0'}, 0), "A..");
    stage_free(stage);
}

Test(stage, gives_the_place_of_the_invited_to_whoever_comes)
{
    Stage *stage = stage_new();
    arrange(stage, (Plan){"rr", "abc", '\0'}, 0);
    cr_expect_str_eq(arrange(stage, (Plan){"rr", "abC", '\0'}, S(1)), "CB");
    stage_free(stage);
}

Test(stage, moves_nobody_when_another_comes)
{
    Stage *stage = stage_new();
    arrange(stage, (Plan){"rrr", "aBC", '\0'}, 0);
    cr_expect_str_eq(arrange(stage, (Plan){"rrr", "ABC", '\0'}, S(1)), "BCA");
    stage_free(stage);
}

Test(stage, keeps_the_cell_of_a_site_that_comes_back_within_30_seconds)
{
    Stage *stage = stage_new();
    arrange(stage, (Plan){"rr", "ABC", '\0'}, 0);
    cr_expect_str_eq(arrange(stage, (Plan){"rr", "aBC", '\0'}, S(1)), "AB");
    cr_expect_str_eq(arrange(stage, (Plan){"rr", "aBC", '\0'}, S(29)), "AB");
    cr_expect_str_eq(arrange(stage, (Plan){"rr", "ABC", '\0'}, S(30) - 1), "AB");
    stage_free(stage);
}

Test(stage, gives_the_cell_away_after_30_seconds)
{
    Stage *stage = stage_new();
    arrange(stage, (Plan){"rr", "ABC", '\0'}, 0);
    arrange(stage, (Plan){"rr", "aBC", '\0'}, S(1));
    cr_expect_eq(stage_next_us(stage), S(30), "counted from when it was last present");
    cr_expect_str_eq(arrange(stage, (Plan){"rr", "aBC", '\0'}, S(30)), "CB");
    cr_expect_eq(stage_next_us(stage), INT64_MAX);
    cr_expect_str_eq(arrange(stage, (Plan){"rr", "ABC", '\0'}, S(31)), "CB",
                     "the seat is taken now");
    stage_free(stage);
}

Test(stage, does_not_wake_when_nobody_waits_for_the_cell)
{
    Stage *stage = stage_new();
    arrange(stage, (Plan){"rrr", "AB", '\0'}, 0);
    arrange(stage, (Plan){"rrr", "aB", '\0'}, S(1));
    cr_expect_eq(stage_next_us(stage), INT64_MAX);
    stage_free(stage);
}

Test(stage, puts_the_spotlight_in_the_big_cell)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange(stage, (Plan){"Frrr", "ABCD", 'C'}, 0), "CABD");
    stage_free(stage);
}

Test(stage, swaps_the_spotlight_with_who_was_big)
{
    Stage *stage = stage_new();
    arrange(stage, (Plan){"Frrr", "ABCD", '\0'}, 0);
    cr_expect_str_eq(arrange(stage, (Plan){"Frrr", "ABCD", 'C'}, S(1)), "CBAD");
    cr_expect_str_eq(arrange(stage, (Plan){"Frrr", "ABCD", '\0'}, S(2)), "CBAD", "and stays");
    stage_free(stage);
}

Test(stage, prefers_the_floor_cell_for_the_spotlight)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange(stage, (Plan){"CFr", "ABC", 'C'}, 0), "ACB");
    cr_expect_str_eq(arrange(stage, (Plan){"Cr", "ABC", 'C'}, 0), "CA", "else the chair's");
    stage_free(stage);
}

Test(stage, keeps_the_spotlight_on_a_site_that_is_absent)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange(stage, (Plan){"Fr", "aBC", 'A'}, 0), "AB");
    cr_expect_str_eq(arrange(stage, (Plan){"Fr", "aBC", 'A'}, S(100)), "AB");
    cr_expect_eq(stage_next_us(stage), INT64_MAX);
    stage_free(stage);
}

Test(stage, has_no_big_cell_in_a_grid)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange(stage, (Plan){"rr", "ABC", 'C'}, 0), "AB");
    stage_free(stage);
}

Test(stage, reserves_a_cell_bound_to_a_site)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange(stage, (Plan){"r2r", "ABC", '\0'}, 0), "ABC");
    cr_expect_str_eq(arrange(stage, (Plan){"r2r", "AbC", '\0'}, S(60)), "ABC");
    cr_expect_str_eq(arrange(stage, (Plan){"r9r", "ABC", '\0'}, S(61)), "A.C",
                     "nobody else gets it");
    stage_free(stage);
}

Test(stage, keeps_places_over_a_change_of_layout)
{
    Stage *stage = stage_new();
    arrange(stage, (Plan){"rrr", "aBCD", '\0'}, 0);
    cr_expect_str_eq(arrange(stage, (Plan){"rrrr", "ABCD", '\0'}, S(1)), "BCDA");
    cr_expect_str_eq(arrange(stage, (Plan){"rr", "ABCD", '\0'}, S(2)), "BC");
    stage_free(stage);
}

Test(stage, drops_a_seat_that_left_the_meeting)
{
    Stage *stage = stage_new();
    arrange(stage, (Plan){"rr", "ABC", '\0'}, 0);
    cr_expect_str_eq(arrange(stage, (Plan){"rr", "BC", '\0'}, S(1)), "CB");
    stage_free(stage);
}

Test(stage, never_shows_anybody_twice)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange(stage, (Plan){"F11r", "ABC", 'A'}, 0), "BA.C");
    stage_free(stage);
}

Test(stage, gives_the_chair_and_the_floor_their_cells)
{
    Stage *stage = stage_new();
    Cast cast = {.chair = 'C', .floor = 'D'};
    cr_expect_str_eq(arrange_cast(stage, "CFrr", "ABCD", &cast, 0), "CDAB");
    cast.floor = 'C';
    cr_expect_str_eq(arrange_cast(stage, "CFrr", "ABCD", &cast, 0), "CDAB", "nobody twice");
    stage_free(stage);
}

Test(stage, gives_the_floor_cell_to_the_active_speaker_while_nobody_has_the_floor)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange_cast(stage, "Frr", "ABC", &(Cast){0}, 0), "ABC");
    cr_expect_str_eq(arrange_cast(stage, "Frr", "ABC", &(Cast){.speakers = "B"}, 0), "BAC");
    Cast silent = {.speakers = "B", .is_silent = true};
    cr_expect_str_eq(arrange_cast(stage, "Frr", "ABC", &silent, 0), "BAC", "silence moves nobody");
    Cast given = {.speakers = "CB", .floor = 'B'};
    cr_expect_str_eq(arrange_cast(stage, "Frr", "ABC", &given, 0), "BAC", "the floor beats it");
    Cast pinned = {.speakers = "CB", .spotlight = 'A'};
    cr_expect_str_eq(arrange_cast(stage, "Frr", "ABC", &pinned, 0), "ABC", "and so does the host");
    stage_free(stage);
}

Test(stage, shows_the_last_speakers_in_the_recent_cells)
{
    Stage *stage = stage_new();
    arrange_cast(stage, "Frrr", "ABCDEFGH", &(Cast){0}, 0);
    cr_expect_str_eq(arrange_cast(stage, "Frrr", "ABCDEFGH", &(Cast){.speakers = "G"}, 0), "GBCD");
    cr_expect_str_eq(arrange_cast(stage, "Frrr", "ABCDEFGH", &(Cast){.speakers = "HG"}, 0), "HBCG");
    cr_expect_str_eq(arrange_cast(stage, "Frrr", "ABCDEFGH", &(Cast){.speakers = "EHG"}, 0),
                     "EBHG");
    cr_expect_str_eq(arrange_cast(stage, "Frrr", "ABCDEFGH", &(Cast){.speakers = "GEH"}, 0), "GBHE",
                     "it swaps with who was big");
    stage_free(stage);
}

Test(stage, has_a_cell_for_what_is_shared_and_uses_it_meanwhile)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange_cast(stage, "SCr", "ABCD", &(Cast){.chair = 'B'}, 0), "ABC");
    Cast sharing = {.chair = 'B', .share = 'D'};
    cr_expect_str_eq(arrange_cast(stage, "SCr", "ABCD", &sharing, 0), "DBC");
    stage_free(stage);
}

Test(stage, turns_the_rotating_cells_and_leaves_the_others)
{
    Stage *stage = stage_new();
    Cast cast = {.rotation = "BCDE", .live = "BCDE"};
    cr_expect_str_eq(arrange_cast(stage, "rtt", "ABCDE", &cast, 0), "ABC");
    cr_expect_eq(stage_next_us(stage), S(8), "who comes next is made ready");
    cr_expect_eq(arrangement.soon_count, 0);
    cr_expect_str_eq(arrange_cast(stage, "rtt", "ABCDE", &cast, S(8)), "ABC");
    cr_expect_eq(arrangement.soon_count, 2);
    cr_expect_eq(stage_next_us(stage), S(10));
    cr_expect_str_eq(arrange_cast(stage, "rtt", "ABCDE", &cast, S(10)), "ADE");
    cr_expect_str_eq(arrange_cast(stage, "rtt", "ABCDE", &cast, S(20)), "ABC");
    stage_free(stage);
}

Test(stage, uses_rotating_cells_as_others_without_a_rotation)
{
    Stage *stage = stage_new();
    cr_expect_str_eq(arrange_cast(stage, "rtt", "ABCDE", &(Cast){0}, 0), "ABC");
    stage_free(stage);
}

Test(stage, fills_a_wall_of_256)
{
    Stage *stage = stage_new();
    Program *value = fixture_program(1, 1920, 1080);
    fixture_grid(value, 0, 16);
    for (uint32_t i = 1; i <= LIMIT_SEATS; i++) {
        fixture_seat(value, i);
    }
    stage_arrange(stage, &(StageInput){.program = value, .view = &value->views[0]}, &arrangement);
    for (size_t i = 0; i < LIMIT_LAYOUT_CELLS; i++) {
        cr_assert_eq(arrangement.cells[i], i + 1);
    }
    program_unref(value);
    stage_free(stage);
}

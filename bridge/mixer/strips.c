#include "bridge/mixer/strips.h"

#include <glib.h>

/* Parts of the picture's height. */
#define HEADER_PART 0.07
#define HEADER_MIN 16
#define LARGE_PART 0.056
#define SMALL_PART 0.038
#define LETTERS_MIN 8
/* A wide line of Vietnamese takes so much of the size of its letters for each of them. */
#define ADVANCE 0.55
#define TEXT_WIDTH_PART 0.95
/* With room for two marks over a capital and one under it. */
#define LINE_SPACING 1.38
#define PAD_PART 0.4
#define LARGE_LINES_MAX 2
#define LINES_MAX 5
/* The letters of a small picture shrink before its cells do. */
#define BANNER_PART_MAX 0.4

static int even(double pixels)
{
    return (int)(pixels + 1) & ~1;
}

static int lines_for(glong characters, int size, int width)
{
    int on_a_line = MAX(1, (int)(width * TEXT_WIDTH_PART / (size * ADVANCE)));
    return (int)((characters + on_a_line - 1) / on_a_line);
}

static void plan_banner(Strips *strips, const ProgramView *view)
{
    glong characters = g_utf8_strlen(view->banner, -1);
    int size = MAX(LETTERS_MIN, (int)(view->height * LARGE_PART));
    int lines = lines_for(characters, size, view->width);
    if (lines > LARGE_LINES_MAX) {
        size = MAX(LETTERS_MIN, (int)(view->height * SMALL_PART));
        lines = MIN(lines_for(characters, size, view->width), LINES_MAX);
    }
    double wanted = size * (lines * LINE_SPACING + PAD_PART);
    int height = even(MIN(wanted, view->height * BANNER_PART_MAX));
    strips->banner = (LayoutRect){0, view->height - height, view->width, height};
    strips->banner_size = size;
    strips->banner_lines = lines;
}

Strips strips_plan(const Program *program, const ProgramView *view)
{
    Strips strips = {0};
    bool has_title = view->shows_title && program->title != NULL && program->title[0] != '\0';
    if (has_title || view->has_clock || program->is_recorded) {
        int height = MAX(HEADER_MIN, even(view->height * HEADER_PART));
        strips.header = (LayoutRect){0, 0, view->width, height};
    }
    if (view->banner != NULL) {
        plan_banner(&strips, view);
    }
    strips.cells = (LayoutRect){0, strips.header.h, view->width,
                                view->height - strips.header.h - strips.banner.h};
    return strips;
}

/* A view: one composed picture of a meeting — a layout, its size, who is bound to its cells, the
 * rungs it is encoded in — and the audience that watches it. Owned by its meeting, replaced as a
 * whole. Main loop only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/limits.h"
#include "bridge/base/problem.h"
#include "signalling/audience.h"
#include "signalling/layouts.h"
#include "signalling/view_rung.h"
#include "signalling/view_text.h"

#define VIEW_WIDTH 1280
#define VIEW_HEIGHT 720
#define LAYOUT_NAME_BYTES_MAX 31

/* What a view may bind to one seat; without it the meeting's own choice holds. */
typedef enum ViewRole {
    VIEW_SPOTLIGHT, /* big, whoever has the floor */
    VIEW_FLOOR,
    VIEW_CHAIR,
    VIEW_SHARE,
    VIEW_ROLES,
} ViewRole;

/* A seat by its number, or by the code of its site, which may come later; neither: nobody. */
typedef struct ViewSeat {
    uint32_t source;
    char site[SITE_CODE_BYTES_MAX + 1];
} ViewSeat;

typedef struct View {
    int id;
    char name[LIMIT_NAME_BYTES + 1];
    char layout[LAYOUT_NAME_BYTES_MAX + 1];
    int width, height; /* pixels, even */
    size_t rung_count;
    ViewRung rungs[LIMIT_VIEW_RUNGS];
    ViewSeat roles[VIEW_ROLES];
    Audience audience;
    bool is_rotating;
    Audience rotation; /* whose pictures take turns, while is_rotating */
    int rotation_interval_s;
    ViewText text;
} View;

/* The one every meeting has: view 0, for everyone. */
View *view_new(const char *layout);
/* A View as PROTOCOL.md says; its id is 0 when none is given. NULL and a problem when the layout is
 * not known, the audience is missing, a size is odd or out of range, … */
View *view_parse(json_t *object, const Layouts *layouts, Problem *problem);
void view_free(View *view);
/* The caller owns it; view_parse reads it back. */
json_t *view_to_json(const View *view);
/* "spotlight", "floor", "chair", "share". */
const char *view_role_name(ViewRole role);
/* Are there the sites and tiers it names? */
bool view_is_known(const View *view, Directory *directory, Problem *problem);

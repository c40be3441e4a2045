/* Who is meant: everybody in the meeting, a tier, a branch of the tree of sites, chosen sites, or
 * the chair alone. In JSON "everyone", "tier:NAME", "branch:CODE", "chair" or {"sites":[CODE,…]}. A
 * plain value; what it holds is freed by audience_clear. Main loop only. */
#pragma once

#include <stdbool.h>

#include "bridge/base/problem.h"
#include "signalling/directory.h"

typedef struct json_t json_t;

typedef enum AudienceKind {
    AUDIENCE_EVERYONE,
    AUDIENCE_TIER,
    AUDIENCE_BRANCH,
    AUDIENCE_SITES,
    AUDIENCE_CHAIR,
} AudienceKind;

typedef struct Audience {
    AudienceKind kind;
    char name[SITE_CODE_BYTES_MAX + 1]; /* of the tier, or of the site at the head of the branch */
    char **sites;                       /* codes, in the order they were given; NULL: none */
} Audience;

/* Somebody who may be in it; "" where he has none. */
typedef struct AudienceMember {
    const char *site;
    const char *tier;
    bool is_chair;
} AudienceMember;

/* NULL or null is refused as missing. The problem's field is `field` or within it
 * ("audience.sites[2]"). */
bool audience_parse(json_t *value, const char *field, Audience *ret_audience, Problem *problem);
void audience_clear(Audience *audience);
/* The caller owns it; audience_parse reads it back. */
json_t *audience_to_json(const Audience *audience);
/* Are there such a tier and such sites? */
bool audience_is_known(const Audience *audience, const char *field, Directory *directory,
                       Problem *problem);
/* 0: not in it. Otherwise the more specific the greater: everyone, tier, branch (the nearer its
 * head the greater), sites, chair. */
int audience_rank(const Audience *audience, const AudienceMember *member, Directory *directory);

#include <criterion/criterion.h>

#include "bridge/relay/demux.h"

static DemuxKind kind_of(uint8_t first, uint8_t second, size_t size)
{
    uint8_t bytes[64] = {first, second};
    return demux_kind(bytes, size);
}

Test(demux, tells_the_four_protocols_apart)
{
    cr_expect_eq(kind_of(0, 1, 20), DEMUX_STUN);
    cr_expect_eq(kind_of(3, 1, 64), DEMUX_STUN);
    cr_expect_eq(kind_of(20, 254, 64), DEMUX_DTLS);
    cr_expect_eq(kind_of(63, 254, 64), DEMUX_DTLS);
    cr_expect_eq(kind_of(128, 111, 64), DEMUX_RTP);
    cr_expect_eq(kind_of(191, 96 | 0x80, 64), DEMUX_RTP);
    cr_expect_eq(kind_of(128, 200, 64), DEMUX_RTCP);
    cr_expect_eq(kind_of(129, 223, 64), DEMUX_RTCP);
}

Test(demux, knows_no_other)
{
    const uint8_t others[] = {4, 15, 16, 19, 64, 79, 80, 127, 192, 255};
    for (size_t i = 0; i < sizeof others; i++) {
        cr_expect_eq(kind_of(others[i], 0, 64), DEMUX_UNKNOWN, "first byte %u", others[i]);
    }
}

Test(demux, knows_nothing_too_short_to_be_any)
{
    cr_expect_eq(demux_kind((const uint8_t *)"", 0), DEMUX_UNKNOWN);
    cr_expect_eq(kind_of(0, 1, 19), DEMUX_UNKNOWN);
    cr_expect_eq(kind_of(128, 111, 1), DEMUX_UNKNOWN);
}

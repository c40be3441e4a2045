#include <criterion/criterion.h>
#include <string.h>

#include "bridge/rtc/rtcp.h"
#include "bridge/rtc/rtp.h"
#include "tests/bench/bare.h"
#include "tests/bench/ear.h"

#define SOUND 111
#define PICTURE 96
#define SSRC 7

typedef struct Pair {
    SrtpContext *sender;
    SrtpContext *receiver;
    Ear ear;
} Pair;

static Pair pair_open(int sound_type, int picture_type)
{
    const SrtpKeys sender = bare_keys(BARE_SENDER);
    const SrtpKeys receiver = bare_keys(BARE_RECEIVER);
    Pair pair = {
        .sender = srtp_context_new(&sender, NULL),
        .receiver = srtp_context_new(&receiver, NULL),
    };
    ear_init(&pair.ear, sound_type, picture_type);
    return pair;
}

static void pair_close(Pair *pair)
{
    srtp_context_free(pair->sender);
    srtp_context_free(pair->receiver);
}

static void hear(Pair *pair, uint8_t type, uint16_t seq, bool is_forged)
{
    _Alignas(16) uint8_t bytes[64 + SRTP_TRAILER_BYTES_MAX] = {0};
    const RtpHeader header = {.payload_type = type, .seq = seq, .ssrc = SSRC + type};
    size_t size = rtp_write_header(&header, bytes, sizeof bytes) + 20;
    cr_assert_eq(srtp_context_protect(pair->sender, bytes, &size, sizeof bytes), SRTP_VERDICT_OK);
    bytes[size - 1] ^= is_forged;
    ear_take_rtp(&pair->ear, pair->receiver, bytes, size, 0);
}

Test(ear, tells_losses_by_sequence_numbers)
{
    Pair pair = pair_open(SOUND, PICTURE);
    for (uint16_t seq = 65530; seq != 10; seq++) {
        if (seq != 65533 && seq != 3) {
            hear(&pair, PICTURE, seq, false);
        }
    }
    EarCounts counts = ear_counts(&pair.ear);
    cr_assert_eq(counts.expected, 16);
    cr_assert_eq(counts.received, 14);
    pair_close(&pair);
}

Test(ear, decrypts_one_packet_in_so_many)
{
    Pair pair = pair_open(SOUND, PICTURE);
    for (uint16_t seq = 0; seq < 3 * EAR_SAMPLE; seq++) {
        hear(&pair, SOUND, seq, false);
        hear(&pair, PICTURE, seq, false);
    }
    cr_assert_eq(ear_counts(&pair.ear).decrypted, 6);
    cr_assert_eq(ear_counts(&pair.ear).rejected, 0);
    pair_close(&pair);
}

Test(ear, notices_what_is_not_genuine)
{
    Pair pair = pair_open(SOUND, PICTURE);
    hear(&pair, PICTURE, EAR_SAMPLE, true);
    cr_assert_eq(ear_counts(&pair.ear).decrypted, 0);
    cr_assert_eq(ear_counts(&pair.ear).rejected, 1);
    pair_close(&pair);
}

Test(ear, waits_for_all_that_was_promised)
{
    Pair pair = pair_open(SOUND, PICTURE);
    hear(&pair, SOUND, 1, false);
    cr_assert_not(ear_has_heard_all(&pair.ear));
    hear(&pair, PICTURE, 1, false);
    cr_assert(ear_has_heard_all(&pair.ear));
    pair_close(&pair);
}

Test(ear, passes_over_what_was_not_promised)
{
    Pair pair = pair_open(SOUND, -1);
    hear(&pair, PICTURE, 1, false);
    cr_assert_eq(ear_counts(&pair.ear).received, 0);
    hear(&pair, SOUND, 1, false);
    cr_assert(ear_has_heard_all(&pair.ear));
    pair_close(&pair);
}

Test(ear, reports_what_it_hears)
{
    uint8_t bytes[256];
    RtcpItem item;
    Pair pair = pair_open(SOUND, PICTURE);
    hear(&pair, PICTURE, 1, false);
    hear(&pair, PICTURE, 3, false);
    ByteWriter writer = byte_writer(bytes, sizeof bytes);
    ear_write_report(&pair.ear, 1, 0, &writer);
    RtcpReader reader = rtcp_reader(bytes, byte_writer_size(&writer));
    cr_assert(rtcp_next(&reader, &item));
    cr_assert_eq(item.kind, RTCP_REPORT_BLOCK);
    cr_assert_eq(item.report.ssrc, SSRC + PICTURE);
    cr_assert_eq(item.report.packets_lost, 1);
    cr_assert(rtcp_next(&reader, &item));
    cr_assert_eq(item.kind, RTCP_REMB);
    pair_close(&pair);
}

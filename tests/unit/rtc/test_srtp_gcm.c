/* Against libsrtp2, which must make the very same bytes. */
#include "bridge/rtc/srtp_gcm.h"

#include <criterion/criterion.h>
#include <srtp2/srtp.h>
#include <string.h>

#define PACKET_BYTES 1500

typedef struct Pair {
    SrtpGcm *ours;
    srtp_t theirs;
} Pair;

static Pair open_pair(void)
{
    uint8_t master[SRTP_GCM_MASTER_BYTES];
    for (size_t i = 0; i < sizeof master; i++) {
        master[i] = (uint8_t)(37 * i + 11);
    }
    srtp_policy_t policy = {
        .ssrc = {.type = ssrc_any_outbound}, .key = master, .window_size = 1024};
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    Pair pair = {.ours = srtp_gcm_new(master)};
    cr_assert_not_null(pair.ours);
    cr_assert_eq(srtp_init(), srtp_err_status_ok);
    cr_assert_eq(srtp_create(&pair.theirs, &policy), srtp_err_status_ok);
    return pair;
}

static void close_pair(Pair pair)
{
    srtp_gcm_free(pair.ours);
    srtp_dealloc(pair.theirs);
    srtp_shutdown();
}

typedef struct Packet {
    uint8_t bytes[PACKET_BYTES];
    size_t size;
} Packet;

static Packet make_packet(uint32_t ssrc, uint16_t seq, size_t payload_size)
{
    Packet packet = {.bytes = {0x80, 96, (uint8_t)(seq >> 8), (uint8_t)seq, 1, 2, 3, 4,
                               (uint8_t)(ssrc >> 24), (uint8_t)(ssrc >> 16), (uint8_t)(ssrc >> 8),
                               (uint8_t)ssrc},
                     .size = 12 + payload_size};
    for (size_t i = 0; i < payload_size; i++) {
        packet.bytes[12 + i] = (uint8_t)(seq * 31 + i);
    }
    return packet;
}

static void assert_same(Pair *pair, Packet packet)
{
    Packet theirs = packet;
    int size = (int)theirs.size;
    cr_assert_eq(srtp_protect(pair->theirs, theirs.bytes, &size), srtp_err_status_ok);
    cr_assert_eq(srtp_gcm_protect(pair->ours, packet.bytes, &packet.size), SRTP_GCM_OK);
    cr_assert_eq(packet.size, (size_t)size);
    cr_assert_arr_eq(packet.bytes, theirs.bytes, packet.size);
}

Test(srtp_gcm, makes_the_bytes_that_libsrtp_makes)
{
    Pair pair = open_pair();
    for (uint16_t seq = 1; seq < 200; seq++) {
        assert_same(&pair, make_packet(0xdeadbeef, seq, seq * 5U));
        assert_same(&pair, make_packet(0x00000007, (uint16_t)(seq * 3), 200U - seq));
    }
    close_pair(pair);
}

Test(srtp_gcm, counts_roll_overs_as_libsrtp_does)
{
    Pair pair = open_pair();
    uint16_t seq = 30000;
    for (unsigned i = 0; i < 30; i++, seq = (uint16_t)(seq + 13001)) {
        assert_same(&pair, make_packet(5, seq, 100));
    }
    close_pair(pair);
}

Test(srtp_gcm, leaves_sources_and_extensions_in_the_clear)
{
    Pair pair = open_pair();
    Packet packet = make_packet(9, 1, 400);
    packet.bytes[0] = 0x80 | 0x10 | 2; /* an extension and two sources */
    memcpy(packet.bytes + 20, (uint8_t[]){0xbe, 0xde, 0, 3}, 4);
    assert_same(&pair, packet);
    packet = make_packet(9, 2, 8);
    packet.bytes[0] = 0x80 | 0x10;
    memcpy(packet.bytes + 12, (uint8_t[]){0xbe, 0xde, 0, 1}, 4);
    assert_same(&pair, packet); /* nothing but header */
    close_pair(pair);
}

static SrtpGcmResult protect(Pair *pair, uint16_t seq)
{
    Packet packet = make_packet(5, seq, 50);
    return srtp_gcm_protect(pair->ours, packet.bytes, &packet.size);
}

Test(srtp_gcm, uses_no_number_twice)
{
    Pair pair = open_pair();
    for (uint16_t seq = 100; seq < 300; seq = (uint16_t)(seq + 2)) {
        cr_assert_eq(protect(&pair, seq), SRTP_GCM_OK);
    }
    for (uint16_t seq = 100; seq < 300; seq = (uint16_t)(seq + 2)) {
        cr_assert_eq(protect(&pair, seq), SRTP_GCM_REPEATED, "%u", seq);
    }
    cr_expect_eq(protect(&pair, 101), SRTP_GCM_REPEATED, "too old to know");
    cr_expect_eq(protect(&pair, 297), SRTP_GCM_OK, "late, and not used before");
    cr_expect_eq(protect(&pair, 297), SRTP_GCM_REPEATED);
    cr_expect_eq(protect(&pair, (uint16_t)(298 - 32768)), SRTP_GCM_REPEATED);
    cr_expect_eq(protect(&pair, 299), SRTP_GCM_OK);
    close_pair(pair);
}

Test(srtp_gcm, leaves_a_refused_packet_as_it_was)
{
    Pair pair = open_pair();
    cr_assert_eq(protect(&pair, 7), SRTP_GCM_OK);
    Packet packet = make_packet(5, 7, 50);
    Packet same = packet;
    cr_expect_eq(srtp_gcm_protect(pair.ours, packet.bytes, &packet.size), SRTP_GCM_REPEATED);
    cr_expect_arr_eq(packet.bytes, same.bytes, sizeof same.bytes);
    close_pair(pair);
}

Test(srtp_gcm, a_late_packet_of_the_round_before_is_as_libsrtp_makes_it)
{
    Pair pair = open_pair();
    static const uint16_t seqs[] = {65500, 65530, 3, 65531, 65535, 1, 4, 0};
    for (size_t i = 0; i < sizeof seqs / sizeof seqs[0]; i++) {
        assert_same(&pair, make_packet(5, seqs[i], 60));
    }
    close_pair(pair);
}

Test(srtp_gcm, nothing_comes_before_the_first_round)
{
    Pair pair = open_pair();
    cr_assert_eq(protect(&pair, 3), SRTP_GCM_OK);
    cr_expect_eq(protect(&pair, 65535), SRTP_GCM_REPEATED);
    cr_expect_eq(protect(&pair, 2), SRTP_GCM_OK);
    close_pair(pair);
}

Test(srtp_gcm, refuses_a_header_that_is_not_there_and_too_many_streams)
{
    Pair pair = open_pair();
    Packet packet = make_packet(1, 1, 0);
    for (size_t size = 0; size < 12; size++) {
        packet.size = size;
        cr_expect_eq(srtp_gcm_protect(pair.ours, packet.bytes, &packet.size), SRTP_GCM_MALFORMED);
    }
    packet = make_packet(1, 1, 4);
    packet.bytes[0] |= 3; /* three sources in four bytes */
    cr_expect_eq(srtp_gcm_protect(pair.ours, packet.bytes, &packet.size), SRTP_GCM_MALFORMED);
    packet = make_packet(1, 1, 8);
    packet.bytes[0] |= 0x10;
    packet.bytes[15] = 2; /* an extension of eight bytes in four */
    cr_expect_eq(srtp_gcm_protect(pair.ours, packet.bytes, &packet.size), SRTP_GCM_MALFORMED);
    for (uint32_t ssrc = 1; ssrc <= SRTP_GCM_STREAMS_MAX; ssrc++) {
        packet = make_packet(ssrc, 1, 20);
        cr_expect_eq(srtp_gcm_protect(pair.ours, packet.bytes, &packet.size), SRTP_GCM_OK);
    }
    packet = make_packet(77, 1, 20);
    cr_expect_eq(srtp_gcm_protect(pair.ours, packet.bytes, &packet.size), SRTP_GCM_TOO_MANY);
    close_pair(pair);
}

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

Test(srtp_gcm, uses_no_number_twice_and_none_that_is_older)
{
    Pair pair = open_pair();
    static const uint16_t refused[] = {100, 99, 1, 100 - 32768};
    Packet first = make_packet(5, 100, 50);
    cr_assert_eq(srtp_gcm_protect(pair.ours, first.bytes, &first.size), SRTP_GCM_OK);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        Packet packet = make_packet(5, refused[i], 50);
        Packet same = packet;
        cr_expect_eq(srtp_gcm_protect(pair.ours, packet.bytes, &packet.size), SRTP_GCM_NOT_NEWER);
        cr_expect_arr_eq(packet.bytes, same.bytes, sizeof same.bytes);
    }
    Packet next = make_packet(5, 101, 50);
    cr_expect_eq(srtp_gcm_protect(pair.ours, next.bytes, &next.size), SRTP_GCM_OK);
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

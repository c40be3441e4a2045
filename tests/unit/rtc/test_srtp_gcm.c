/* Against libsrtp2, which must make the very same bytes and whose packets must open. */
#include "bridge/rtc/srtp_gcm.h"

#include <criterion/criterion.h>
#include <srtp2/srtp.h>
#include <string.h>

#include "bridge/base/limits.h"

#define PACKET_BYTES 1500

/* One end is ours, the other libsrtp2's. */
typedef struct Pair {
    SrtpGcm *ours;
    srtp_t twin;   /* sends with our own key: its output must be ours */
    srtp_t sender; /* sends what we open */
} Pair;

static srtp_t open_sender(const uint8_t *master)
{
    uint8_t key[SRTP_KEY_BYTES_MAX];
    memcpy(key, master, sizeof key);
    srtp_policy_t policy = {.ssrc = {.type = ssrc_any_outbound}, .key = key, .window_size = 1024};
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    srtp_t sender;
    cr_assert_eq(srtp_create(&sender, &policy), srtp_err_status_ok);
    return sender;
}

static Pair open_pair(void)
{
    SrtpKeys keys = {.profile = SRTP_PROFILE_AEAD_AES_128_GCM, .size = 28};
    for (size_t i = 0; i < keys.size; i++) {
        keys.local[i] = (uint8_t)(37 * i + 11);
        keys.remote[i] = (uint8_t)(41 * i + 3);
    }
    cr_assert_eq(srtp_init(), srtp_err_status_ok);
    Pair pair = {.ours = srtp_gcm_new(&keys),
                 .twin = open_sender(keys.local),
                 .sender = open_sender(keys.remote)};
    cr_assert_not_null(pair.ours);
    return pair;
}

static void close_pair(Pair pair)
{
    srtp_gcm_free(pair.ours);
    srtp_dealloc(pair.twin);
    srtp_dealloc(pair.sender);
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
    cr_assert_eq(srtp_protect(pair->twin, theirs.bytes, &size), srtp_err_status_ok);
    cr_assert_eq(srtp_gcm_protect(pair->ours, packet.bytes, &packet.size), SRTP_VERDICT_OK);
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

static SrtpVerdict protect(Pair *pair, uint16_t seq)
{
    Packet packet = make_packet(5, seq, 50);
    return srtp_gcm_protect(pair->ours, packet.bytes, &packet.size);
}

Test(srtp_gcm, uses_no_number_twice)
{
    Pair pair = open_pair();
    for (uint16_t seq = 100; seq < 3000; seq = (uint16_t)(seq + 2)) {
        cr_assert_eq(protect(&pair, seq), SRTP_VERDICT_OK);
    }
    for (uint16_t seq = 100; seq < 3000; seq = (uint16_t)(seq + 2)) {
        cr_assert_eq(protect(&pair, seq), SRTP_VERDICT_REPLAYED, "%u", seq);
    }
    cr_expect_eq(protect(&pair, 101), SRTP_VERDICT_REPLAYED, "too old to know");
    cr_expect_eq(protect(&pair, 2997), SRTP_VERDICT_OK, "late, and not used before");
    cr_expect_eq(protect(&pair, 2997), SRTP_VERDICT_REPLAYED);
    cr_expect_eq(protect(&pair, 2999), SRTP_VERDICT_OK);
    close_pair(pair);
}

Test(srtp_gcm, leaves_a_refused_packet_as_it_was)
{
    Pair pair = open_pair();
    cr_assert_eq(protect(&pair, 7), SRTP_VERDICT_OK);
    Packet packet = make_packet(5, 7, 50);
    Packet same = packet;
    cr_expect_eq(srtp_gcm_protect(pair.ours, packet.bytes, &packet.size), SRTP_VERDICT_REPLAYED);
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
    static const uint16_t seqs[] = {3, 65535, 4, 2};
    for (size_t i = 0; i < sizeof seqs / sizeof seqs[0]; i++) {
        assert_same(&pair, make_packet(5, seqs[i], 60));
    }
    close_pair(pair);
}

Test(srtp_gcm, refuses_a_header_that_is_not_there_and_too_many_streams)
{
    Pair pair = open_pair();
    Packet packet = make_packet(1, 1, 0);
    for (size_t size = 0; size < 12; size++) {
        packet.size = size;
        cr_expect_eq(srtp_gcm_protect(pair.ours, packet.bytes, &packet.size),
                     SRTP_VERDICT_MALFORMED);
    }
    packet = make_packet(1, 1, 4);
    packet.bytes[0] |= 3; /* three sources in four bytes */
    cr_expect_eq(srtp_gcm_protect(pair.ours, packet.bytes, &packet.size), SRTP_VERDICT_MALFORMED);
    packet = make_packet(1, 1, 8);
    packet.bytes[0] |= 0x10;
    packet.bytes[15] = 2; /* an extension of eight bytes in four */
    cr_expect_eq(srtp_gcm_protect(pair.ours, packet.bytes, &packet.size), SRTP_VERDICT_MALFORMED);
    for (uint32_t ssrc = 1; ssrc <= LIMIT_PEER_SSRCS; ssrc++) {
        packet = make_packet(ssrc, 1, 20);
        cr_expect_eq(srtp_gcm_protect(pair.ours, packet.bytes, &packet.size), SRTP_VERDICT_OK);
    }
    packet = make_packet(77, 1, 20);
    cr_expect_eq(srtp_gcm_protect(pair.ours, packet.bytes, &packet.size), SRTP_VERDICT_TOO_MANY);
    close_pair(pair);
}

static Packet seal(Pair *pair, Packet packet)
{
    int size = (int)packet.size;
    cr_assert_eq(srtp_protect(pair->sender, packet.bytes, &size), srtp_err_status_ok);
    packet.size = (size_t)size;
    return packet;
}

/* `packet` by value: one that is not opened may be spoilt. */
static SrtpVerdict open_packet(Pair *pair, Packet packet, Packet *ret_plain)
{
    SrtpVerdict verdict = srtp_gcm_unprotect(pair->ours, packet.bytes, &packet.size);
    if (ret_plain != NULL) {
        *ret_plain = packet;
    }
    return verdict;
}

static void assert_opens(Pair *pair, Packet packet)
{
    Packet plain;
    cr_assert_eq(open_packet(pair, seal(pair, packet), &plain), SRTP_VERDICT_OK);
    cr_assert_eq(plain.size, packet.size);
    cr_assert_arr_eq(plain.bytes, packet.bytes, plain.size);
}

Test(srtp_gcm, opens_what_libsrtp_seals)
{
    Pair pair = open_pair();
    uint16_t seq = 30000;
    for (unsigned i = 0; i < 30; i++, seq = (uint16_t)(seq + 13001)) {
        assert_opens(&pair, make_packet(5, seq, i * 7U));
        assert_opens(&pair, make_packet(6, (uint16_t)i, 1000U - i));
    }
    Packet packet = make_packet(9, 1, 400);
    packet.bytes[0] = 0x80 | 0x10 | 2; /* an extension and two sources */
    memcpy(packet.bytes + 20, (uint8_t[]){0xbe, 0xde, 0, 3}, 4);
    assert_opens(&pair, packet);
    close_pair(pair);
}

Test(srtp_gcm, opens_a_packet_once_and_late_ones_within_the_window)
{
    Pair pair = open_pair();
    Packet sealed[1200];
    for (uint16_t i = 0; i < 1200; i++) {
        sealed[i] = seal(&pair, make_packet(5, (uint16_t)(65000 + i), 40));
    }
    cr_assert_eq(open_packet(&pair, sealed[0], NULL), SRTP_VERDICT_OK);
    cr_assert_eq(open_packet(&pair, sealed[1199], NULL), SRTP_VERDICT_OK);
    cr_expect_eq(open_packet(&pair, sealed[175], NULL), SRTP_VERDICT_REPLAYED, "1024 late");
    for (size_t i = 1198; i >= 176; i--) {
        cr_assert_eq(open_packet(&pair, sealed[i], NULL), SRTP_VERDICT_OK, "%zu", i);
        cr_assert_eq(open_packet(&pair, sealed[i], NULL), SRTP_VERDICT_REPLAYED, "%zu", i);
    }
    close_pair(pair);
}

Test(srtp_gcm, a_forged_packet_changes_nothing)
{
    Pair pair = open_pair();
    Packet first = seal(&pair, make_packet(5, 100, 40));
    Packet second = seal(&pair, make_packet(5, 101, 40));
    Packet far = second;
    far.bytes[2] = 0x70; /* its number would move the window past everything */
    cr_expect_eq(open_packet(&pair, far, NULL), SRTP_VERDICT_FORGED);
    for (size_t i = 0; i < second.size; i++) {
        Packet forged = second;
        forged.bytes[i] ^= 0x40;
        cr_expect_neq(open_packet(&pair, forged, NULL), SRTP_VERDICT_OK, "byte %zu", i);
    }
    cr_expect_eq(open_packet(&pair, second, NULL), SRTP_VERDICT_OK);
    cr_expect_eq(open_packet(&pair, first, NULL), SRTP_VERDICT_OK);
    close_pair(pair);
}

static Packet make_report(uint32_t ssrc, size_t words)
{
    Packet packet = make_packet(0, 0, 0);
    packet.bytes[0] = 0x80;
    packet.bytes[1] = 200;
    packet.bytes[2] = 0;
    packet.bytes[3] = (uint8_t)(words - 1);
    for (size_t i = 0; i < 4; i++) {
        packet.bytes[4 + i] = (uint8_t)(ssrc >> (24 - 8 * i));
    }
    for (size_t i = 8; i < words * 4; i++) {
        packet.bytes[i] = (uint8_t)(i * ssrc);
    }
    packet.size = words * 4;
    return packet;
}

Test(srtp_gcm, makes_the_reports_that_libsrtp_makes)
{
    Pair pair = open_pair();
    for (unsigned i = 0; i < 40; i++) {
        Packet ours = make_report(5 + i % 3, 2 + i);
        Packet theirs = ours;
        int size = (int)theirs.size;
        cr_assert_eq(srtp_protect_rtcp(pair.twin, theirs.bytes, &size), srtp_err_status_ok);
        cr_assert_eq(srtp_gcm_protect_rtcp(pair.ours, ours.bytes, &ours.size), SRTP_VERDICT_OK);
        cr_assert_eq(ours.size, (size_t)size);
        cr_assert_arr_eq(ours.bytes, theirs.bytes, ours.size);
    }
    close_pair(pair);
}

static Packet seal_report(Pair *pair, Packet packet)
{
    int size = (int)packet.size;
    cr_assert_eq(srtp_protect_rtcp(pair->sender, packet.bytes, &size), srtp_err_status_ok);
    packet.size = (size_t)size;
    return packet;
}

static SrtpVerdict open_report(Pair *pair, Packet packet, Packet *ret_plain)
{
    SrtpVerdict verdict = srtp_gcm_unprotect_rtcp(pair->ours, packet.bytes, &packet.size);
    if (ret_plain != NULL) {
        *ret_plain = packet;
    }
    return verdict;
}

Test(srtp_gcm, opens_the_reports_that_libsrtp_seals_once)
{
    Pair pair = open_pair();
    for (unsigned i = 0; i < 40; i++) {
        Packet report = make_report(5 + i % 3, 2 + i);
        Packet sealed = seal_report(&pair, report);
        Packet plain;
        cr_assert_eq(open_report(&pair, sealed, &plain), SRTP_VERDICT_OK);
        cr_assert_eq(plain.size, report.size);
        cr_assert_arr_eq(plain.bytes, report.bytes, plain.size);
        cr_assert_eq(open_report(&pair, sealed, NULL), SRTP_VERDICT_REPLAYED);
    }
    close_pair(pair);
}

Test(srtp_gcm, refuses_forged_short_and_bare_reports)
{
    Pair pair = open_pair();
    Packet sealed = seal_report(&pair, make_report(5, 6));
    for (size_t i = 0; i < sealed.size; i++) {
        Packet forged = sealed;
        forged.bytes[i] ^= 0x80;
        cr_expect_neq(open_report(&pair, forged, NULL), SRTP_VERDICT_OK, "byte %zu", i);
    }
    for (size_t size = 0; size < sealed.size; size++) {
        Packet cut = sealed;
        cut.size = size;
        cr_expect_neq(open_report(&pair, cut, NULL), SRTP_VERDICT_OK, "%zu bytes", size);
    }
    cr_expect_eq(open_report(&pair, sealed, NULL), SRTP_VERDICT_OK);
    close_pair(pair);
}

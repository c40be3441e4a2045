#include "bridge/rtc/srtp.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "bridge/base/limits.h"

static const SrtpProfile profiles[] = {SRTP_PROFILE_AEAD_AES_128_GCM,
                                       SRTP_PROFILE_AES128_CM_SHA1_80};

typedef struct Pair {
    SrtpContext *here;
    SrtpContext *there;
} Pair;

static Pair open_pair(SrtpProfile profile)
{
    SrtpKeys keys = {.profile = profile,
                     .size = profile == SRTP_PROFILE_AEAD_AES_128_GCM ? 28 : 30};
    for (size_t i = 0; i < keys.size; i++) {
        keys.local[i] = (uint8_t)(3 * i + 1);
        keys.remote[i] = (uint8_t)(7 * i + 5);
    }
    SrtpKeys mirrored = keys;
    memcpy(mirrored.local, keys.remote, sizeof keys.remote);
    memcpy(mirrored.remote, keys.local, sizeof keys.local);
    Pair pair = {srtp_context_new(&keys, NULL), srtp_context_new(&mirrored, NULL)};
    cr_assert_not_null(pair.here);
    cr_assert_not_null(pair.there);
    return pair;
}

static void close_pair(Pair pair)
{
    srtp_context_free(pair.here);
    srtp_context_free(pair.there);
}

typedef struct Packet {
    uint8_t bytes[400];
    size_t size;
} Packet;

static Packet rtp_packet(uint16_t seq, uint32_t ssrc)
{
    Packet packet = {.bytes = {0x80, 96, (uint8_t)(seq >> 8), (uint8_t)seq, 0, 0, 0, 1,
                               (uint8_t)(ssrc >> 24), (uint8_t)(ssrc >> 16), (uint8_t)(ssrc >> 8),
                               (uint8_t)ssrc, 'p', 'i', 'c', 't', 'u', 'r', 'e'},
                     .size = 19};
    return packet;
}

static SrtpVerdict protect(SrtpContext *context, Packet *packet)
{
    return srtp_context_protect(context, packet->bytes, &packet->size, sizeof packet->bytes);
}

static SrtpVerdict unprotect(SrtpContext *context, Packet *packet)
{
    return srtp_context_unprotect(context, packet->bytes, &packet->size);
}

ParameterizedTestParameters(srtp, carries_rtp_and_hides_its_payload)
{
    return cr_make_param_array(SrtpProfile, (void *)profiles, 2);
}

ParameterizedTest(SrtpProfile *profile, srtp, carries_rtp_and_hides_its_payload)
{
    Pair pair = open_pair(*profile);
    Packet plain = rtp_packet(1, 7);
    Packet packet = plain;
    cr_assert_eq(protect(pair.here, &packet), SRTP_VERDICT_OK);
    cr_assert_eq(packet.size, plain.size + (*profile == SRTP_PROFILE_AEAD_AES_128_GCM ? 16 : 10));
    cr_assert_eq(memcmp(packet.bytes, plain.bytes, 12), 0);
    cr_assert_neq(memcmp(packet.bytes + 12, plain.bytes + 12, 7), 0);
    cr_assert_eq(unprotect(pair.there, &packet), SRTP_VERDICT_OK);
    cr_assert_eq(packet.size, plain.size);
    cr_assert_eq(memcmp(packet.bytes, plain.bytes, plain.size), 0);
    close_pair(pair);
}

ParameterizedTestParameters(srtp, carries_rtcp)
{
    return cr_make_param_array(SrtpProfile, (void *)profiles, 2);
}

ParameterizedTest(SrtpProfile *profile, srtp, carries_rtcp)
{
    Pair pair = open_pair(*profile);
    Packet plain = {.bytes = {0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2}, .size = 12};
    Packet packet = plain;
    cr_assert_eq(srtp_context_protect_rtcp(pair.here, packet.bytes, &packet.size, 400),
                 SRTP_VERDICT_OK);
    Packet again = packet;
    cr_assert_eq(srtp_context_unprotect_rtcp(pair.there, packet.bytes, &packet.size),
                 SRTP_VERDICT_OK);
    cr_assert_eq(packet.size, plain.size);
    cr_assert_eq(memcmp(packet.bytes, plain.bytes, plain.size), 0);
    cr_assert_eq(srtp_context_unprotect_rtcp(pair.there, again.bytes, &again.size),
                 SRTP_VERDICT_REPLAYED);
    close_pair(pair);
}

ParameterizedTestParameters(srtp, refuses_a_replay)
{
    return cr_make_param_array(SrtpProfile, (void *)profiles, 2);
}

ParameterizedTest(SrtpProfile *profile, srtp, refuses_a_replay)
{
    Pair pair = open_pair(*profile);
    Packet packet = rtp_packet(1, 7);
    protect(pair.here, &packet);
    Packet again = packet;
    cr_assert_eq(unprotect(pair.there, &packet), SRTP_VERDICT_OK);
    cr_assert_eq(unprotect(pair.there, &again), SRTP_VERDICT_REPLAYED);
    close_pair(pair);
}

ParameterizedTestParameters(srtp, refuses_every_flipped_byte)
{
    return cr_make_param_array(SrtpProfile, (void *)profiles, 2);
}

ParameterizedTest(SrtpProfile *profile, srtp, refuses_every_flipped_byte)
{
    Pair pair = open_pair(*profile);
    Packet packet = rtp_packet(100, 7);
    protect(pair.here, &packet);
    for (size_t i = 1; i < packet.size; i++) {
        Packet forged = packet;
        forged.bytes[i] ^= 1;
        cr_assert_eq(unprotect(pair.there, &forged), SRTP_VERDICT_FORGED, "byte %zu", i);
    }
    cr_assert_eq(unprotect(pair.there, &packet), SRTP_VERDICT_OK);
    close_pair(pair);
}

ParameterizedTestParameters(srtp, refuses_a_forged_rtcp_tag)
{
    return cr_make_param_array(SrtpProfile, (void *)profiles, 2);
}

ParameterizedTest(SrtpProfile *profile, srtp, refuses_a_forged_rtcp_tag)
{
    Pair pair = open_pair(*profile);
    Packet packet = {.bytes = {0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2}, .size = 12};
    srtp_context_protect_rtcp(pair.here, packet.bytes, &packet.size, 400);
    for (size_t i = 8; i < packet.size; i++) {
        Packet forged = packet;
        forged.bytes[i] ^= 1;
        cr_assert_neq(srtp_context_unprotect_rtcp(pair.there, forged.bytes, &forged.size),
                      SRTP_VERDICT_OK);
    }
    cr_assert_eq(srtp_context_unprotect_rtcp(pair.there, packet.bytes, &packet.size),
                 SRTP_VERDICT_OK);
    close_pair(pair);
}

ParameterizedTestParameters(srtp, refuses_every_truncation)
{
    return cr_make_param_array(SrtpProfile, (void *)profiles, 2);
}

ParameterizedTest(SrtpProfile *profile, srtp, refuses_every_truncation)
{
    Pair pair = open_pair(*profile);
    Packet packet = rtp_packet(100, 7);
    protect(pair.here, &packet);
    for (size_t size = 0; size < packet.size; size++) {
        uint8_t *copy = g_memdup2(packet.bytes, size);
        size_t left = size;
        cr_assert_neq(srtp_context_unprotect(pair.there, copy, &left), SRTP_VERDICT_OK);
        left = size;
        cr_assert_neq(srtp_context_unprotect_rtcp(pair.there, copy, &left), SRTP_VERDICT_OK);
        g_free(copy);
    }
    close_pair(pair);
}

Test(srtp, accepts_reordering_within_the_window_and_nothing_older)
{
    Pair pair = open_pair(SRTP_PROFILE_AEAD_AES_128_GCM);
    Packet old = rtp_packet(1, 7);
    Packet late = rtp_packet(200, 7);
    Packet newest = rtp_packet(1100, 7);
    cr_assert_eq(protect(pair.here, &old), SRTP_VERDICT_OK);
    cr_assert_eq(protect(pair.here, &late), SRTP_VERDICT_OK);
    cr_assert_eq(protect(pair.here, &newest), SRTP_VERDICT_OK);
    cr_assert_eq(unprotect(pair.there, &newest), SRTP_VERDICT_OK);
    cr_assert_eq(unprotect(pair.there, &late), SRTP_VERDICT_OK, "900 packets late");
    cr_assert_eq(unprotect(pair.there, &old), SRTP_VERDICT_REPLAYED, "1099 packets late");
    close_pair(pair);
}

Test(srtp, never_protects_a_sequence_number_twice)
{
    Pair pair = open_pair(SRTP_PROFILE_AEAD_AES_128_GCM);
    Packet first = rtp_packet(1, 7);
    Packet second = rtp_packet(1, 7);
    second.bytes[12] = 'P';
    cr_assert_eq(protect(pair.here, &first), SRTP_VERDICT_OK);
    cr_assert_eq(protect(pair.here, &second), SRTP_VERDICT_REPLAYED);
    close_pair(pair);
}

Test(srtp, holds_no_more_streams_than_its_limit)
{
    Pair pair = open_pair(SRTP_PROFILE_AES128_CM_SHA1_80);
    for (uint32_t ssrc = 1; ssrc <= LIMIT_PEER_SSRCS; ssrc++) {
        Packet packet = rtp_packet(1, ssrc);
        protect(pair.here, &packet);
        cr_assert_eq(unprotect(pair.there, &packet), SRTP_VERDICT_OK);
    }
    Packet extra = rtp_packet(1, 1000);
    protect(pair.here, &extra);
    cr_assert_eq(unprotect(pair.there, &extra), SRTP_VERDICT_TOO_MANY);
    Packet known = rtp_packet(2, 3);
    protect(pair.here, &known);
    cr_assert_eq(unprotect(pair.there, &known), SRTP_VERDICT_OK);
    close_pair(pair);
}

Test(srtp, forged_packets_take_up_no_stream)
{
    Pair pair = open_pair(SRTP_PROFILE_AEAD_AES_128_GCM);
    for (uint32_t ssrc = 1; ssrc <= 2 * LIMIT_PEER_SSRCS; ssrc++) {
        Packet packet = rtp_packet(1, ssrc);
        packet.size = 60;
        cr_assert_eq(unprotect(pair.there, &packet), SRTP_VERDICT_FORGED);
    }
    Packet honest = rtp_packet(1, 1000);
    protect(pair.here, &honest);
    cr_assert_eq(unprotect(pair.there, &honest), SRTP_VERDICT_OK);
    close_pair(pair);
}

Test(srtp, refuses_to_protect_without_room_for_the_trailer)
{
    Pair pair = open_pair(SRTP_PROFILE_AEAD_AES_128_GCM);
    Packet packet = rtp_packet(1, 7);
    size_t size = packet.size;
    cr_assert_eq(srtp_context_protect(pair.here, packet.bytes, &size,
                                      packet.size + SRTP_TRAILER_BYTES_MAX - 1),
                 SRTP_VERDICT_MALFORMED);
    cr_assert_eq(srtp_context_protect(pair.here, packet.bytes, &size, 0), SRTP_VERDICT_MALFORMED);
    cr_assert_eq(srtp_context_protect_rtcp(pair.here, packet.bytes, &size, 20),
                 SRTP_VERDICT_MALFORMED);
    cr_assert_eq(
        srtp_context_protect(pair.here, packet.bytes, &size, packet.size + SRTP_TRAILER_BYTES_MAX),
        SRTP_VERDICT_OK);
    close_pair(pair);
}

Test(srtp, the_two_directions_have_different_keys)
{
    Pair pair = open_pair(SRTP_PROFILE_AEAD_AES_128_GCM);
    Packet packet = rtp_packet(1, 7);
    protect(pair.here, &packet);
    cr_assert_eq(unprotect(pair.here, &packet), SRTP_VERDICT_FORGED);
    close_pair(pair);
}

Test(srtp, refuses_keys_that_do_not_fit_the_profile)
{
    g_autoptr(GError) error = NULL;
    SrtpKeys keys = {.profile = SRTP_PROFILE_AEAD_AES_128_GCM, .size = 30};
    cr_assert_null(srtp_context_new(&keys, &error));
    cr_assert_not_null(error);
    keys = (SrtpKeys){.profile = SRTP_PROFILE_AES128_CM_SHA1_80, .size = 28};
    cr_assert_null(srtp_context_new(&keys, NULL));
    keys = (SrtpKeys){.profile = (SrtpProfile)99, .size = 0};
    cr_assert_null(srtp_context_new(&keys, NULL));
    srtp_context_free(NULL);
}

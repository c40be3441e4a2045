/* The door, with real peers behind it. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <string.h>
#include <stun/stunagent.h>
#include <stun/usages/ice.h>

#include "bridge/rtc/stun.h"
#include "tests/unit/relay/peer_rig.h"

#define SECOND INT64_C(1000000)
#define START (1000 * SECOND)

static Tuple address_of(uint16_t port)
{
    struct sockaddr_in from = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    Tuple tuple = {0};
    address_read((struct sockaddr *)&from, &tuple.remote);
    return tuple;
}

typedef struct Check {
    const char *ufrag;
    const char *password;
    uint16_t from_port;
    bool is_nominating;
    int64_t now_us;
} Check;

static void take_check(PeerRig *rig, const Check *check)
{
    StunAgent agent;
    StunMessage message;
    uint8_t bytes[512];
    char username[64];
    g_snprintf(username, sizeof username, "%s:them", check->ufrag);
    stun_agent_init(&agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                    STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT);
    size_t size = stun_usage_ice_conncheck_create(
        &agent, &message, bytes, sizeof bytes, (const uint8_t *)username, strlen(username),
        (const uint8_t *)check->password, strlen(check->password), check->is_nominating, true, 1, 2,
        "1", STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
    cr_assert_gt(size, 0);
    Tuple from = address_of(check->from_port);
    IntakeDatagram datagram = {
        .bytes = bytes, .size = size, .from = &from, .now_us = check->now_us};
    intake_take(&rig->intake, &datagram);
}

static void take_good_check(PeerRig *rig, Peer *peer, uint16_t port, bool is_nominating,
                            int64_t now_us)
{
    Check check = {.ufrag = transport_ufrag(peer_transport(peer)),
                   .password = transport_password(peer_transport(peer)),
                   .from_port = port,
                   .is_nominating = is_nominating,
                   .now_us = now_us};
    take_check(rig, &check);
}

static Peer *who_is_at(const PeerRig *rig, uint16_t port)
{
    Tuple tuple = address_of(port);
    return peers_find_address(rig->peers, &tuple.remote);
}

static uint16_t destination(const Peer *peer)
{
    return transport_tuple(peer_transport(peer))->remote.port;
}

static void take_bytes(PeerRig *rig, uint8_t first, uint8_t second, uint16_t port)
{
    uint8_t bytes[100] = {first, second};
    Tuple from = address_of(port);
    IntakeDatagram datagram = {
        .bytes = bytes, .size = sizeof bytes, .from = &from, .now_us = START};
    intake_take(&rig->intake, &datagram);
}

Test(intake, learns_the_address_of_a_genuine_check_and_answers)
{
    PeerRig *rig = peer_rig_new();
    Peer *peer = peer_rig_add(rig, 1);
    take_good_check(rig, peer, 4000, true, START);
    cr_expect_eq(who_is_at(rig, 4000), peer);
    cr_expect_eq(destination(peer), 4000);
    cr_expect_eq(rig->reply_count, 1);
    cr_expect_not(rig->is_error);
    peer_rig_free(rig);
}

Test(intake, a_wrong_password_changes_nothing)
{
    PeerRig *rig = peer_rig_new();
    Peer *peer = peer_rig_add(rig, 1);
    take_good_check(rig, peer, 4000, true, START);
    Check check = {.ufrag = transport_ufrag(peer_transport(peer)),
                   .password = "aaaaaaaaaaaaaaaaaaaaaaaa",
                   .from_port = 6666,
                   .is_nominating = true,
                   .now_us = START + 60 * SECOND};
    take_check(rig, &check);
    cr_expect_null(who_is_at(rig, 6666));
    cr_expect_eq(destination(peer), 4000);
    cr_expect_eq(transport_heard_us(peer_transport(peer)), START);
    cr_expect_eq(rig->counters.stun_checks, 1);
    cr_expect(rig->reply_count == 1 || rig->is_error);
    peer_rig_free(rig);
}

Test(intake, a_check_for_nobody_is_not_answered)
{
    PeerRig *rig = peer_rig_new();
    peer_rig_add(rig, 1);
    Check check = {.ufrag = "abcdefgh",
                   .password = "aaaaaaaaaaaaaaaaaaaaaaaa",
                   .from_port = 6666,
                   .now_us = START};
    take_check(rig, &check);
    cr_expect_eq(rig->reply_count, 0);
    cr_expect_eq(rig->counters.stun_bad, 1);
    peer_rig_free(rig);
}

Test(intake, a_spare_path_is_answered_but_not_used)
{
    PeerRig *rig = peer_rig_new();
    Peer *peer = peer_rig_add(rig, 1);
    take_good_check(rig, peer, 4000, true, START);
    take_good_check(rig, peer, 4001, false, START + SECOND);
    cr_expect_eq(rig->reply_count, 2);
    cr_expect_eq(who_is_at(rig, 4001), peer);
    cr_expect_eq(destination(peer), 4000);
    take_good_check(rig, peer, 4001, true, START + 2 * SECOND);
    cr_expect_eq(destination(peer), 4001);
    peer_rig_free(rig);
}

Test(intake, a_path_that_fell_silent_is_left)
{
    PeerRig *rig = peer_rig_new();
    Peer *peer = peer_rig_add(rig, 1);
    take_good_check(rig, peer, 4000, true, START);
    take_good_check(rig, peer, 4001, false, START + 4 * SECOND);
    cr_expect_eq(destination(peer), 4001);
    peer_rig_free(rig);
}

Test(intake, a_flood_of_checks_from_strangers_is_not_examined)
{
    PeerRig *rig = peer_rig_new();
    Peer *peer = peer_rig_add(rig, 1);
    take_good_check(rig, peer, 4000, true, START);
    for (int i = 0; i < 500; i++) {
        Check check = {.ufrag = transport_ufrag(peer_transport(peer)),
                       .password = "aaaaaaaaaaaaaaaaaaaaaaaa",
                       .from_port = (uint16_t)(7000 + i),
                       .now_us = START + i};
        take_check(rig, &check);
    }
    cr_expect_eq(rig->counters.stun_limited, 500 - LIMIT_STUN_UNVERIFIED_PER_S + 1);
    unsigned replies = rig->reply_count;
    take_good_check(rig, peer, 4000, true, START + 1000);
    cr_expect_eq(rig->reply_count, replies + 1, "the peer itself is still answered");
    take_good_check(rig, peer, 4001, true, START + 2 * SECOND);
    cr_expect_eq(destination(peer), 4001, "and may move a second later");
    peer_rig_free(rig);
}

Test(intake, turns_away_media_and_handshakes_of_strangers)
{
    PeerRig *rig = peer_rig_new();
    Peer *peer = peer_rig_add(rig, 1);
    take_good_check(rig, peer, 4000, true, START);
    take_bytes(rig, 0x80, 111, 5000);
    take_bytes(rig, 0x80, 200, 5000);
    take_bytes(rig, 22, 254, 5000);
    cr_expect_eq(rig->counters.datagrams_unverified, 3);
    take_bytes(rig, 0x80, 111, 4000);
    cr_expect_eq(rig->counters.srtp_early, 1, "before there are keys");
    take_bytes(rig, 100, 0, 4000);
    cr_expect_eq(rig->counters.datagrams_unknown, 1);
    peer_rig_free(rig);
}

Test(intake, remembers_a_bounded_number_of_addresses)
{
    PeerRig *rig = peer_rig_new();
    Peer *peer = peer_rig_add(rig, 1);
    for (uint16_t i = 0; i <= LIMIT_PEER_ADDRESSES; i++) {
        take_good_check(rig, peer, (uint16_t)(4000 + i), true, START);
    }
    cr_expect_null(who_is_at(rig, 4000));
    for (uint16_t i = 1; i <= LIMIT_PEER_ADDRESSES; i++) {
        cr_expect_eq(who_is_at(rig, (uint16_t)(4000 + i)), peer);
    }
    peer_rig_free(rig);
}

Test(intake, an_address_belongs_to_who_verified_it_last)
{
    PeerRig *rig = peer_rig_new();
    Peer *first = peer_rig_add(rig, 1);
    Peer *second = peer_rig_add(rig, 2);
    take_good_check(rig, first, 4000, true, START);
    take_good_check(rig, second, 4000, true, START);
    cr_expect_eq(who_is_at(rig, 4000), second);
    peers_remove(rig->peers, first);
    cr_expect_eq(who_is_at(rig, 4000), second);
    peers_remove(rig->peers, second);
    cr_expect_null(who_is_at(rig, 4000));
    cr_expect_eq(peers_count(rig->peers), 0);
    peer_rig_free(rig);
}

Test(intake, a_removed_peer_is_not_found_by_its_ufrag)
{
    PeerRig *rig = peer_rig_new();
    Peer *peer = peer_rig_add(rig, 1);
    char ufrag[STUN_UFRAG_CHARS + 1];
    g_strlcpy(ufrag, transport_ufrag(peer_transport(peer)), sizeof ufrag);
    cr_expect_eq(peers_find_ufrag(rig->peers, ufrag), peer);
    cr_expect_eq(peers_find(rig->peers, 1), peer);
    peers_remove(rig->peers, peer);
    cr_expect_null(peers_find_ufrag(rig->peers, ufrag));
    cr_expect_null(peers_find(rig->peers, 1));
    peer_rig_free(rig);
}

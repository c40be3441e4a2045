/* A peer with a real client at the other end; time is the test's. */
#include <criterion/criterion.h>
#include <string.h>

#include "bridge/base/clock.h"
#include "bridge/rtc/rtp.h"
#include "tests/unit/relay/peer_rig.h"

#define SECOND CLOCK_US_PER_S

static bool send_opus(RtcClient *client, uint16_t seq)
{
    uint8_t packet[100] = {0};
    RtpHeader header = {.payload_type = RTC_CLIENT_OPUS,
                        .seq = seq,
                        .timestamp = seq * 960U,
                        .ssrc = rtc_client_audio_ssrc(client)};
    rtp_write_header(&header, packet, sizeof packet);
    return rtc_client_send_rtp(client, packet, sizeof packet);
}

Test(peer, who_never_connects_is_gone_after_30_s)
{
    PeerRig *rig = peer_rig_new();
    int64_t added_us = clock_now_us();
    Peer *peer = peer_rig_add(rig, 1);
    peer_check_life(peer, added_us + 29 * SECOND);
    cr_expect_eq(peer_state(peer), PEER_CONNECTING);
    peer_check_life(peer, added_us + 31 * SECOND);
    cr_expect_eq(rig->state, PEER_GONE);
    cr_expect_str_eq(rig->reason, "never connected");
    peer_rig_free(rig);
}

Test(peer, is_silent_after_5_s_and_comes_back_and_is_gone_after_30_s)
{
    PeerRig *rig = peer_rig_new();
    RtcClient *client = rtc_client_new();
    Peer *peer = peer_rig_add_client(rig, 1, client);
    cr_assert(peer_rig_connect(rig, peer, client), "%s", rtc_client_failure(client));
    cr_expect_eq(rig->state, PEER_CONNECTED);
    int64_t heard_us = transport_heard_us(peer_transport(peer));
    peer_check_life(peer, heard_us + 5 * SECOND - 1);
    cr_expect_eq(rig->state, PEER_CONNECTED);
    peer_check_life(peer, heard_us + 5 * SECOND);
    cr_expect_eq(rig->state, PEER_SILENT);
    cr_expect(peer_is_sending(peer), "a silent peer may still hear us");
    cr_assert(send_opus(client, 1));
    cr_assert(peer_rig_run_until(&rig->forwarded_count, 1));
    peer_check_life(peer, transport_heard_us(peer_transport(peer)) + SECOND);
    cr_expect_eq(rig->state, PEER_CONNECTED);
    peer_check_life(peer, transport_heard_us(peer_transport(peer)) + 30 * SECOND);
    cr_expect_eq(rig->state, PEER_GONE);
    cr_expect_str_eq(rig->reason, "timeout");
    rtc_client_free(client);
    peer_rig_free(rig);
}

Test(peer, who_finishes_the_handshake_is_alive_however_long_it_took)
{
    PeerRig *rig = peer_rig_new();
    RtcClient *client = rtc_client_new();
    Peer *peer = peer_rig_add_client(rig, 1, client);
    cr_assert(peer_rig_connect(rig, peer, client));
    cr_expect_gt(rig->heard_at_connect_us, rig->replied_at_connect_us);
    rtc_client_free(client);
    peer_rig_free(rig);
}

Test(peer, prefers_gcm_and_says_so)
{
    PeerRig *rig = peer_rig_new();
    RtcClient *client = rtc_client_new();
    Peer *peer = peer_rig_add_client(rig, 1, client);
    cr_assert(peer_rig_connect(rig, peer, client));
    PeerStats stats;
    peer_take_stats(peer, clock_now_us(), &stats);
    cr_expect_str_eq(stats.profile, srtp_profile_name(SRTP_PROFILE_AEAD_AES_128_GCM));
    cr_expect_lt(stats.rtt_ms, 0, "unknown before a report");
    rtc_client_free(client);
    peer_rig_free(rig);
}

Test(peer, knows_the_offer_it_was_made_for)
{
    PeerRig *rig = peer_rig_new();
    RtcClient *client = rtc_client_new();
    Peer *peer = peer_rig_add_client(rig, 1, client);
    char *text = rtc_client_offer(client);
    SdpSession *offer = g_new0(SdpSession, 1);
    Problem problem;
    cr_assert(sdp_parse(text, strlen(text), offer, &problem));
    cr_expect(peer_is_for(peer, offer));
    offer->ice_ufrag[0] ^= 1;
    cr_expect_not(peer_is_for(peer, offer));
    g_free(offer);
    g_free(text);
    rtc_client_free(client);
    peer_rig_free(rig);
}

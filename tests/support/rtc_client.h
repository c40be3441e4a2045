/* A small WebRTC client for tests of the relay: one UDP socket on 127.0.0.1, ICE (controlling,
 * libnice's STUN codec), DTLS active, SRTP, all driven by the calling thread, which waits where it
 * says so. Audio and video offered both ways. Belongs to one thread; the caller frees it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/rtc/sdp.h"

#define RTC_CLIENT_PACKET_BYTES 2048
/* Payload types and header extensions of our offers. */
#define RTC_CLIENT_OPUS 111
#define RTC_CLIENT_VP8 96
#define RTC_CLIENT_RTX 97

typedef struct RtcClient RtcClient;

typedef struct RtcClientPacket {
    bool is_rtcp;
    size_t size;
    int64_t arrival_us;
    uint8_t bytes[RTC_CLIENT_PACKET_BYTES]; /* decrypted */
} RtcClientPacket;

RtcClient *rtc_client_new(void);
void rtc_client_free(RtcClient *client);
uint16_t rtc_client_port(const RtcClient *client);
uint32_t rtc_client_audio_ssrc(const RtcClient *client);
uint32_t rtc_client_video_ssrc(const RtcClient *client);

/* A new offer; to g_free. */
char *rtc_client_offer(RtcClient *client);
/* The other side's description; false when it is not understood or has no candidate on
 * 127.0.0.1. */
bool rtc_client_set_answer(RtcClient *client, const char *sdp);
/* What the answer said. */
const SdpSession *rtc_client_answer(const RtcClient *client);

/* One connectivity check with USE-CANDIDATE; waits for its answer. */
bool rtc_client_check(RtcClient *client, int64_t timeout_us);
/* Checks until one is answered, then DTLS until there are keys. */
bool rtc_client_connect(RtcClient *client, int64_t timeout_us);
/* Why DTLS failed; "" otherwise. */
const char *rtc_client_failure(const RtcClient *client);
/* Says goodbye (close_notify). */
void rtc_client_close(RtcClient *client);

/* A plain RTP or RTCP packet; protected and sent. */
bool rtc_client_send_rtp(RtcClient *client, const uint8_t *bytes, size_t size);
bool rtc_client_send_rtcp(RtcClient *client, const uint8_t *bytes, size_t size);
/* Bytes as they are, for tests of what must be refused. */
bool rtc_client_send_raw(RtcClient *client, const uint8_t *bytes, size_t size);
/* The next RTP or RTCP packet that decrypts; waits. Goes on with checks meanwhile, once a second.
 */
bool rtc_client_receive(RtcClient *client, RtcClientPacket *ret_packet, int64_t timeout_us);
/* Datagrams so far that did not decrypt. */
unsigned rtc_client_rejected(const RtcClient *client);

#include "tests/support/rtc_client.h"

#include <arpa/inet.h>
#include <glib.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <stun/stunagent.h>
#include <stun/usages/ice.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/base/clock.h"
#include "bridge/rtc/dtls.h"
#include "bridge/rtc/rtp.h"
#include "bridge/rtc/srtp.h"
#include "bridge/rtc/stun.h"

#define CHECK_AGAIN_US (50 * CLOCK_US_PER_MS)
#define CONSENT_US CLOCK_US_PER_S
#define CHECK_PRIORITY 1862270975U
#define TIE_BREAKER UINT64_C(0x0123456789abcdef)

struct RtcClient {
    int fd;
    struct sockaddr_in local;
    struct sockaddr_in remote;
    char ufrag[STUN_UFRAG_CHARS + 1];
    char password[STUN_PASSWORD_CHARS + 1];
    uint32_t audio_ssrc;
    uint32_t video_ssrc;
    uint32_t rtx_ssrc;
    SdpSession answer;
    StunAgent agent;
    bool has_consent;
    int64_t checked_us;
    DtlsIdentity *identity;
    Dtls *dtls;
    SrtpContext *srtp;
    unsigned rejected;
};

RtcClient *rtc_client_new(void)
{
    RtcClient *client = g_new0(RtcClient, 1);
    client->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    client->local =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof client->local;
    client->identity = dtls_identity_new(NULL);
    if (client->fd < 0 || client->identity == NULL ||
        bind(client->fd, (struct sockaddr *)&client->local, size) < 0 ||
        getsockname(client->fd, (struct sockaddr *)&client->local, &size) < 0) {
        rtc_client_free(client);
        return NULL;
    }
    stun_make_credentials(client->ufrag, client->password);
    client->audio_ssrc = g_random_int() | 1;
    client->video_ssrc = client->audio_ssrc + 2;
    client->rtx_ssrc = client->audio_ssrc + 4;
    stun_agent_init(&client->agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                    STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT);
    return client;
}

void rtc_client_free(RtcClient *client)
{
    if (client == NULL) {
        return;
    }
    dtls_free(client->dtls);
    dtls_identity_free(client->identity);
    srtp_context_free(client->srtp);
    if (client->fd >= 0) {
        close(client->fd);
    }
    g_free(client);
}

uint16_t rtc_client_port(const RtcClient *client)
{
    return ntohs(client->local.sin_port);
}

uint32_t rtc_client_audio_ssrc(const RtcClient *client)
{
    return client->audio_ssrc;
}

uint32_t rtc_client_video_ssrc(const RtcClient *client)
{
    return client->video_ssrc;
}

char *rtc_client_offer(RtcClient *client)
{
    SdpCandidate candidate = {
        .address = "127.0.0.1", .port = rtc_client_port(client), .priority = CHECK_PRIORITY};
    SdpLocal local = {
        .ice_ufrag = client->ufrag,
        .ice_password = client->password,
        .fingerprint = dtls_identity_fingerprint(client->identity),
        .setup = SDP_SETUP_ACTPASS,
        .candidates = &candidate,
        .candidate_count = 1,
        .cname = "test",
        .audio_ssrc = client->audio_ssrc,
        .video_ssrc = client->video_ssrc,
        .video_rtx_ssrc = client->rtx_ssrc,
        .sends_audio = true,
        .sends_video = true,
        .receives_audio = true,
        .receives_video = true,
    };
    return sdp_write_offer(&local);
}

static void send_datagram(const uint8_t *bytes, size_t size, void *data)
{
    RtcClient *client = data;
    sendto(client->fd, bytes, size, 0, (struct sockaddr *)&client->remote, sizeof client->remote);
}

static bool take_candidate(RtcClient *client)
{
    for (size_t i = 0; i < client->answer.candidate_count; i++) {
        const SdpCandidate *candidate = &client->answer.candidates[i];
        if (strcmp(candidate->address, "127.0.0.1") == 0) {
            client->remote = (struct sockaddr_in){.sin_family = AF_INET,
                                                  .sin_port = htons(candidate->port),
                                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
            return true;
        }
    }
    return false;
}

bool rtc_client_set_answer(RtcClient *client, const char *sdp)
{
    Problem problem;
    if (!sdp_parse(sdp, strlen(sdp), &client->answer, &problem) || !take_candidate(client)) {
        return false;
    }
    DtlsOptions options = {
        .role = DTLS_ACTIVE,
        .fingerprint_hash = client->answer.fingerprint_hash,
        .fingerprint = client->answer.fingerprint,
        .send = send_datagram,
        .data = client,
    };
    dtls_free(client->dtls);
    client->dtls = dtls_new(client->identity, &options, NULL);
    return client->dtls != NULL;
}

const SdpSession *rtc_client_answer(const RtcClient *client)
{
    return &client->answer;
}

static void send_check(RtcClient *client)
{
    uint8_t bytes[512];
    StunMessage message;
    char *username = g_strdup_printf("%s:%s", client->answer.ice_ufrag, client->ufrag);
    const char *password = client->answer.ice_password;
    size_t size = stun_usage_ice_conncheck_create(
        &client->agent, &message, bytes, sizeof bytes, (const uint8_t *)username, strlen(username),
        (const uint8_t *)password, strlen(password), true, true, CHECK_PRIORITY, TIE_BREAKER, "1",
        STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
    send_datagram(bytes, size, client);
    client->checked_us = clock_now_us();
    g_free(username);
}

static void on_stun(RtcClient *client, const uint8_t *bytes, size_t size)
{
    StunMessage message;
    if (stun_agent_validate(&client->agent, &message, bytes, size, NULL, NULL) !=
        STUN_VALIDATION_SUCCESS) {
        client->rejected++;
        return;
    }
    struct sockaddr_storage mapped;
    socklen_t mapped_size = sizeof mapped;
    client->has_consent |= stun_usage_ice_conncheck_process(&message, &mapped, &mapped_size,
                                                            STUN_USAGE_ICE_COMPATIBILITY_RFC5245) ==
                           STUN_USAGE_ICE_RETURN_SUCCESS;
}

static void on_dtls(RtcClient *client, const uint8_t *bytes, size_t size)
{
    SrtpKeys keys;
    if (client->dtls != NULL && dtls_receive(client->dtls, bytes, size) == DTLS_STATE_CONNECTED &&
        client->srtp == NULL && dtls_get_keys(client->dtls, &keys)) {
        client->srtp = srtp_context_new(&keys, NULL);
    }
}

/* True: *ret_packet holds a decrypted packet. */
static bool on_media(RtcClient *client, RtcClientPacket *ret_packet)
{
    bool is_rtcp = rtp_is_rtcp(ret_packet->bytes, ret_packet->size);
    if (client->srtp == NULL) {
        client->rejected++;
        return false;
    }
    SrtpVerdict verdict =
        is_rtcp ? srtp_context_unprotect_rtcp(client->srtp, ret_packet->bytes, &ret_packet->size)
                : srtp_context_unprotect(client->srtp, ret_packet->bytes, &ret_packet->size);
    ret_packet->is_rtcp = is_rtcp;
    client->rejected += verdict != SRTP_VERDICT_OK;
    return verdict == SRTP_VERDICT_OK;
}

static void run_timers(RtcClient *client)
{
    int64_t now_us = clock_now_us();
    int64_t pause_us = client->has_consent ? CONSENT_US : CHECK_AGAIN_US;
    if (now_us - client->checked_us >= pause_us) {
        send_check(client);
    }
    if (client->dtls != NULL && client->has_consent) {
        int64_t deadline_us = dtls_deadline_us(client->dtls);
        if (deadline_us >= 0 && now_us >= deadline_us) {
            dtls_on_timer(client->dtls);
        }
    }
}

/* Takes one datagram, if any comes within the time; true: it was media. */
static bool step(RtcClient *client, RtcClientPacket *packet, int64_t until_us)
{
    run_timers(client);
    int64_t left_us = CLAMP(until_us - clock_now_us(), 0, 10 * CLOCK_US_PER_MS);
    struct pollfd readable = {.fd = client->fd, .events = POLLIN};
    poll(&readable, 1, (int)(left_us / CLOCK_US_PER_MS));
    ssize_t size = recv(client->fd, packet->bytes, sizeof packet->bytes, 0);
    if (size <= 0) {
        return false;
    }
    packet->size = (size_t)size;
    packet->arrival_us = clock_now_us();
    if (stun_is_message(packet->bytes, packet->size)) {
        on_stun(client, packet->bytes, packet->size);
    } else if (dtls_is_record(packet->bytes, packet->size)) {
        on_dtls(client, packet->bytes, packet->size);
    } else if (rtp_is_packet(packet->bytes, packet->size)) {
        return on_media(client, packet);
    }
    return false;
}

bool rtc_client_check(RtcClient *client, int64_t timeout_us)
{
    RtcClientPacket packet;
    int64_t until_us = clock_now_us() + timeout_us;
    client->has_consent = false;
    client->checked_us = 0;
    while (!client->has_consent && clock_now_us() < until_us) {
        step(client, &packet, until_us);
    }
    return client->has_consent;
}

bool rtc_client_connect(RtcClient *client, int64_t timeout_us)
{
    RtcClientPacket packet;
    int64_t until_us = clock_now_us() + timeout_us;
    if (!rtc_client_check(client, timeout_us)) {
        return false;
    }
    dtls_start(client->dtls);
    while (client->srtp == NULL && dtls_state(client->dtls) == DTLS_STATE_HANDSHAKING &&
           clock_now_us() < until_us) {
        step(client, &packet, until_us);
    }
    return client->srtp != NULL;
}

const char *rtc_client_failure(const RtcClient *client)
{
    return client->dtls == NULL ? "" : dtls_failure(client->dtls);
}

void rtc_client_close(RtcClient *client)
{
    dtls_close(client->dtls);
}

static bool send_protected(RtcClient *client, const uint8_t *bytes, size_t size, bool is_rtcp)
{
    _Alignas(16) uint8_t packet[RTC_CLIENT_PACKET_BYTES + SRTP_TRAILER_BYTES_MAX];
    if (client->srtp == NULL || size > RTC_CLIENT_PACKET_BYTES) {
        return false;
    }
    memcpy(packet, bytes, size);
    SrtpVerdict verdict =
        is_rtcp ? srtp_context_protect_rtcp(client->srtp, packet, &size, sizeof packet)
                : srtp_context_protect(client->srtp, packet, &size, sizeof packet);
    if (verdict != SRTP_VERDICT_OK) {
        return false;
    }
    send_datagram(packet, size, client);
    return true;
}

bool rtc_client_send_rtp(RtcClient *client, const uint8_t *bytes, size_t size)
{
    return send_protected(client, bytes, size, false);
}

bool rtc_client_send_rtcp(RtcClient *client, const uint8_t *bytes, size_t size)
{
    return send_protected(client, bytes, size, true);
}

bool rtc_client_send_raw(RtcClient *client, const uint8_t *bytes, size_t size)
{
    send_datagram(bytes, size, client);
    return true;
}

bool rtc_client_receive(RtcClient *client, RtcClientPacket *ret_packet, int64_t timeout_us)
{
    int64_t until_us = clock_now_us() + timeout_us;
    do {
        if (step(client, ret_packet, until_us)) {
            return true;
        }
    } while (clock_now_us() < until_us);
    return false;
}

unsigned rtc_client_rejected(const RtcClient *client)
{
    return client->rejected;
}

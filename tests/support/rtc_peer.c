/* A WebRTC peer for the integration tests: says its offer, takes the answer, connects, sends a
 * little sound, counts what it receives. JSON, one object a line: {"offer"} out, {"answer"} in,
 * {"connected"}, then {"rtp","rtcp","rejected"} twice a second until its input ends. */
#include <glib.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bridge/base/clock.h"
#include "tests/support/rtc_client.h"

#define LINE_BYTES (64 * 1024)
#define CONNECT_US (10 * CLOCK_US_PER_S)
#define REPORT_US (500 * CLOCK_US_PER_MS)
#define FRAME_US (20 * CLOCK_US_PER_MS)
#define FRAME_SAMPLES 960

typedef struct Counts {
    int rtp;
    int rtcp;
} Counts;

static void say(json_t *line)
{
    json_dumpf(line, stdout, JSON_COMPACT);
    json_decref(line);
    putchar('\n');
    fflush(stdout);
}

static bool take_answer(RtcClient *client)
{
    static char line[LINE_BYTES];
    json_t *message = fgets(line, sizeof line, stdin) != NULL ? json_loads(line, 0, NULL) : NULL;
    const char *sdp = json_string_value(json_object_get(message, "answer"));
    bool is_taken = sdp != NULL && rtc_client_set_answer(client, sdp);
    json_decref(message);
    return is_taken;
}

static bool has_input_ended(void)
{
    char byte;
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&input, 1, 0) > 0 && read(STDIN_FILENO, &byte, 1) <= 0;
}

/* 20 ms of Opus silence. */
static void send_silence(RtcClient *client, uint16_t sequence)
{
    uint32_t timestamp = (uint32_t)sequence * FRAME_SAMPLES;
    uint32_t ssrc = rtc_client_audio_ssrc(client);
    const uint8_t packet[] = {
        0x80,
        RTC_CLIENT_OPUS,
        sequence >> 8,
        sequence & 0xff,
        timestamp >> 24,
        timestamp >> 16 & 0xff,
        timestamp >> 8 & 0xff,
        timestamp & 0xff,
        ssrc >> 24,
        ssrc >> 16 & 0xff,
        ssrc >> 8 & 0xff,
        ssrc & 0xff,
        0xf8,
        0xff,
        0xfe,
    };
    rtc_client_send_rtp(client, packet, sizeof packet);
}

static void go_on(RtcClient *client)
{
    static RtcClientPacket packet;
    Counts counts = {0};
    uint16_t sequence = 0;
    int64_t frame_us = clock_now_us();
    int64_t report_us = frame_us;
    while (!has_input_ended()) {
        int64_t now_us = clock_now_us();
        if (now_us >= frame_us) {
            send_silence(client, sequence++);
            frame_us += FRAME_US;
        }
        if (now_us >= report_us) {
            report_us = now_us + REPORT_US;
            say(json_pack("{s:i, s:i, s:i}", "rtp", counts.rtp, "rtcp", counts.rtcp, "rejected",
                          (int)rtc_client_rejected(client)));
        }
        if (rtc_client_receive(client, &packet, MAX(frame_us - now_us, 0))) {
            *(packet.is_rtcp ? &counts.rtcp : &counts.rtp) += 1;
        }
    }
}

int main(void)
{
    RtcClient *client = rtc_client_new();
    g_autofree char *offer = client != NULL ? rtc_client_offer(client) : NULL;
    if (offer == NULL) {
        return 1;
    }
    setvbuf(stdin, NULL, _IONBF, 0);
    say(json_pack("{s:s}", "offer", offer));
    bool is_connected = take_answer(client) && rtc_client_connect(client, CONNECT_US);
    say(json_pack("{s:b, s:s}", "connected", is_connected, "failure", rtc_client_failure(client)));
    if (is_connected) {
        go_on(client);
        rtc_client_close(client);
    }
    rtc_client_free(client);
    return is_connected ? 0 : 1;
}

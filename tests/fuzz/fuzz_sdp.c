/* Any text as an offer; what is accepted must yield an answer that is a description itself, unless
 * nothing of it was taken up. */
#include <glib.h>
#include <string.h>

#include "bridge/rtc/sdp.h"

static const SdpLocal local = {
    .ice_ufrag = "Abcd0123",
    .ice_password = "thePasswordOfThisPeer123",
    .ice_lite = true,
    .fingerprint = "6B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64:1A:24:C2:43:F0:A1:"
                   "58:D0:A1:2C:19:08",
    .setup = SDP_SETUP_PASSIVE,
    .candidates = (const SdpCandidate[]){{"192.0.2.1", 8443, 2130706431}},
    .candidate_count = 1,
    .cname = "bridge",
    .audio_ssrc = 11,
    .video_ssrc = 22,
    .video_rtx_ssrc = 33,
    .sends_audio = true,
    .sends_video = true,
    .receives_audio = true,
    .receives_video = true,
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    SdpSession offer, answered;
    Problem problem = {0};
    if (!sdp_parse((const char *)bytes, size, &offer, &problem)) {
        if (!g_str_has_prefix(problem.message, "line ")) {
            __builtin_trap();
        }
        return 0;
    }
    char *answer = sdp_write_answer(&offer, &local);
    if (!sdp_parse(answer, strlen(answer), &answered, &problem) ||
        answered.media_count != offer.media_count) {
        __builtin_trap();
    }
    g_free(answer);
    return 0;
}

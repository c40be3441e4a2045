#include <criterion/criterion.h>
#include <string.h>

#include "bridge/rtc/rtp.h"
#include "tests/bench/bare.h"

#define PAYLOAD "what is said"

typedef struct Pair {
    BareCipher *sender;
    SrtpContext *receiver;
} Pair;

static Pair pair_open(void)
{
    const SrtpKeys keys = bare_keys(BARE_RECEIVER);
    return (Pair){bare_cipher_new(), srtp_context_new(&keys, NULL)};
}

static void pair_close(Pair *pair)
{
    bare_cipher_free(pair->sender);
    srtp_context_free(pair->receiver);
}

static SrtpVerdict hand_over(Pair *pair, uint16_t seq, uint32_t rollover)
{
    _Alignas(16) uint8_t bytes[64 + BARE_TAG_BYTES];
    const RtpHeader header = {.payload_type = 96, .seq = seq, .timestamp = 5, .ssrc = 0x12345678};
    size_t size = rtp_write_header(&header, bytes, sizeof bytes);
    memcpy(bytes + size, PAYLOAD, sizeof PAYLOAD);
    size = bare_cipher_protect(pair->sender, bytes, size + sizeof PAYLOAD, rollover);
    SrtpVerdict verdict = srtp_context_unprotect(pair->receiver, bytes, &size);
    if (verdict == SRTP_VERDICT_OK) {
        cr_assert_str_eq((const char *)bytes + RTP_HEADER_BYTES, PAYLOAD);
    }
    return verdict;
}

Test(bare, is_understood_by_libsrtp)
{
    Pair pair = pair_open();
    cr_assert_eq(hand_over(&pair, 1, 0), SRTP_VERDICT_OK);
    cr_assert_eq(hand_over(&pair, 2, 0), SRTP_VERDICT_OK);
    pair_close(&pair);
}

Test(bare, goes_on_when_sequence_numbers_begin_again)
{
    Pair pair = pair_open();
    cr_assert_eq(hand_over(&pair, 65535, 0), SRTP_VERDICT_OK);
    cr_assert_eq(hand_over(&pair, 0, 1), SRTP_VERDICT_OK);
    cr_assert_eq(hand_over(&pair, 1, 0), SRTP_VERDICT_FORGED);
    pair_close(&pair);
}

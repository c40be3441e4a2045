/* Any datagram that begins like STUN, from an address nobody has verified. Random bytes never pass
 * HMAC and CRC, so the input is also taken as the attributes of a request that is sealed right. */
#include <glib.h>
#include <netinet/in.h>
#include <string.h>

#include "bridge/base/bytes.h"
#include "bridge/base/limits.h"
#include "bridge/rtc/stun.h"

#define PASSWORD "thePasswordOfThisPeer123"

enum { HEADER_BYTES = 20, INTEGRITY_BYTES = 20, SEAL_BYTES = 4 + INTEGRITY_BYTES + 8 };

static const char *find_password(const char *ufrag, void *data)
{
    return memcmp(ufrag, "Abcd0123", STUN_UFRAG_CHARS) == 0 ? PASSWORD : NULL;
}

static void judge(const uint8_t *bytes, size_t size)
{
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_port = 1};
    char ufrag[STUN_UFRAG_CHARS + 1];
    StunCheck check;
    stun_is_message(bytes, size);
    bool peeked = stun_peek_ufrag(bytes, size, ufrag);
    StunVerdict verdict =
        stun_answer(bytes, size, (struct sockaddr *)&from, find_password, NULL, &check);
    bool answered = verdict == STUN_VERDICT_CHECK || verdict == STUN_VERDICT_REPLY;
    if (check.reply_size > sizeof check.reply || answered != (check.reply_size > 0) ||
        (verdict == STUN_VERDICT_CHECK && !peeked)) {
        __builtin_trap();
    }
}

static uint32_t crc32(const uint8_t *bytes, size_t size)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
        }
    }
    return ~crc;
}

/* RFC 8489 sections 14.5 and 14.7: each sum is over a header whose length includes its attribute.
 */
static void set_length(uint8_t *bytes, size_t body_bytes)
{
    bytes[2] = (uint8_t)(body_bytes >> 8);
    bytes[3] = (uint8_t)body_bytes;
}

static void write_integrity(ByteWriter *writer)
{
    size_t size = byte_writer_size(writer);
    uint8_t sum[INTEGRITY_BYTES];
    gsize sum_bytes = sizeof sum;
    set_length(writer->start, size + 4 + INTEGRITY_BYTES - HEADER_BYTES);
    GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA1, (const guchar *)PASSWORD, strlen(PASSWORD));
    g_hmac_update(hmac, writer->start, (gssize)size);
    g_hmac_get_digest(hmac, sum, &sum_bytes);
    g_hmac_unref(hmac);
    write_u16(writer, 0x0008);
    write_u16(writer, INTEGRITY_BYTES);
    write_bytes(writer, sum, sizeof sum);
}

static void write_fingerprint(ByteWriter *writer)
{
    size_t size = byte_writer_size(writer);
    set_length(writer->start, size + 8 - HEADER_BYTES);
    write_u16(writer, 0x8028);
    write_u16(writer, 4);
    write_u32(writer, crc32(writer->start, size) ^ 0x5354554e);
}

static void judge_sealed(const uint8_t *attributes, size_t size)
{
    if (size > LIMIT_DATAGRAM_BYTES - HEADER_BYTES - SEAL_BYTES) {
        return;
    }
    uint8_t *bytes = g_malloc(HEADER_BYTES + size + SEAL_BYTES);
    ByteWriter writer = byte_writer(bytes, HEADER_BYTES + size + SEAL_BYTES);
    write_u32(&writer, 0x00010000);
    write_u32(&writer, 0x2112a442);
    write_bytes(&writer, "transaction!", 12);
    write_bytes(&writer, attributes, size);
    write_integrity(&writer);
    write_fingerprint(&writer);
    judge(bytes, byte_writer_size(&writer));
    g_free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    judge(bytes, size);
    judge_sealed(bytes, size);
    return 0;
}

#include "bridge/rtc/srtp_gcm.h"

#include <glib.h>
#include <openssl/evp.h>
#include <string.h>

#include "bridge/base/bytes.h"

enum {
    KEY_BYTES = 16,
    SALT_BYTES = 12,
    BLOCK_BYTES = 16,
    LABEL_AT = 7,
    LABEL_RTP_KEY = 0x00,
    LABEL_RTP_SALT = 0x02,
    HEADER_BYTES = 12,
    EXTENSION_BYTES = 4,
    WORD_BYTES = 4,
    REMEMBERED = 64, /* numbers */
};

typedef struct GcmStream {
    uint32_t ssrc;
    uint32_t rollovers;
    uint16_t seq;  /* the latest */
    uint64_t used; /* bit n: the number n before the latest was used */
} GcmStream;

struct SrtpGcm {
    EVP_CIPHER_CTX *cipher;
    uint8_t salt[SALT_BYTES];
    size_t stream_count;
    GcmStream streams[SRTP_GCM_STREAMS_MAX];
};

/* RFC 3711 section 4.3.1, with a key derivation rate of 0: the key stream of the master key in
 * counter mode, from the master salt with the label in it. */
static bool derive(const uint8_t *master, uint8_t label, uint8_t *ret_bytes, size_t size)
{
    uint8_t counter[BLOCK_BYTES] = {0};
    memcpy(counter, master + KEY_BYTES, SALT_BYTES);
    counter[LABEL_AT] ^= label;
    memset(ret_bytes, 0, size);
    int length;
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    bool is_fine = cipher != NULL &&
                   EVP_EncryptInit_ex(cipher, EVP_aes_128_ctr(), NULL, master, counter) == 1 &&
                   EVP_EncryptUpdate(cipher, ret_bytes, &length, ret_bytes, (int)size) == 1;
    EVP_CIPHER_CTX_free(cipher);
    return is_fine;
}

static bool open_cipher(SrtpGcm *gcm, const uint8_t *master)
{
    uint8_t key[KEY_BYTES];
    bool is_fine = derive(master, LABEL_RTP_KEY, key, sizeof key) &&
                   derive(master, LABEL_RTP_SALT, gcm->salt, sizeof gcm->salt);
    gcm->cipher = EVP_CIPHER_CTX_new();
    is_fine = is_fine && gcm->cipher != NULL &&
              EVP_EncryptInit_ex(gcm->cipher, EVP_aes_128_gcm(), NULL, key, NULL) == 1;
    explicit_bzero(key, sizeof key);
    return is_fine;
}

SrtpGcm *srtp_gcm_new(const uint8_t master[SRTP_GCM_MASTER_BYTES])
{
    SrtpGcm *gcm = g_new0(SrtpGcm, 1);
    if (!open_cipher(gcm, master)) {
        srtp_gcm_free(gcm);
        return NULL;
    }
    return gcm;
}

void srtp_gcm_free(SrtpGcm *gcm)
{
    if (gcm != NULL) {
        EVP_CIPHER_CTX_free(gcm->cipher);
        explicit_bzero(gcm->salt, sizeof gcm->salt);
        g_free(gcm);
    }
}

/* The header is authenticated and stays in the clear; 0: it is not within the packet. */
static size_t header_size(const uint8_t *packet, size_t size)
{
    if (size < HEADER_BYTES) {
        return 0;
    }
    size_t header = HEADER_BYTES + (size_t)(packet[0] & 0x0f) * WORD_BYTES;
    if ((packet[0] & 0x10) != 0) {
        if (size < header + EXTENSION_BYTES) {
            return 0;
        }
        header +=
            EXTENSION_BYTES + (size_t)(packet[header + 2] << 8 | packet[header + 3]) * WORD_BYTES;
    }
    return header <= size ? header : 0;
}

static GcmStream *find_stream(SrtpGcm *gcm, uint32_t ssrc)
{
    for (size_t i = 0; i < gcm->stream_count; i++) {
        if (gcm->streams[i].ssrc == ssrc) {
            return &gcm->streams[i];
        }
    }
    return NULL;
}

static SrtpGcmResult go_on(GcmStream *stream, uint16_t seq, unsigned step, uint32_t *ret_rollovers)
{
    if (seq < stream->seq && ++stream->rollovers == 0) {
        stream->rollovers = UINT32_MAX;
        return SRTP_GCM_FAILED;
    }
    stream->used = step < REMEMBERED ? stream->used << step | 1 : 1;
    stream->seq = seq;
    *ret_rollovers = stream->rollovers;
    return SRTP_GCM_OK;
}

static SrtpGcmResult fill_in(GcmStream *stream, uint16_t seq, unsigned age, uint32_t *ret_rollovers)
{
    bool is_of_round_before = seq > stream->seq;
    if (age >= REMEMBERED || (stream->used >> age & 1) != 0 ||
        (is_of_round_before && stream->rollovers == 0)) {
        return SRTP_GCM_REPEATED;
    }
    stream->used |= UINT64_C(1) << age;
    *ret_rollovers = stream->rollovers - is_of_round_before;
    return SRTP_GCM_OK;
}

/* Takes the number for this packet alone. */
static SrtpGcmResult take(SrtpGcm *gcm, uint32_t ssrc, uint16_t seq, uint32_t *ret_rollovers)
{
    GcmStream *stream = find_stream(gcm, ssrc);
    if (stream == NULL) {
        if (gcm->stream_count == SRTP_GCM_STREAMS_MAX) {
            return SRTP_GCM_TOO_MANY;
        }
        gcm->streams[gcm->stream_count++] = (GcmStream){.ssrc = ssrc, .seq = seq, .used = 1};
        *ret_rollovers = 0;
        return SRTP_GCM_OK;
    }
    int16_t step = (int16_t)(seq - stream->seq);
    return step > 0 ? go_on(stream, seq, (unsigned)step, ret_rollovers)
                    : fill_in(stream, seq, (unsigned)-step, ret_rollovers);
}

/* RFC 7714 section 8.1. */
static void make_iv(const SrtpGcm *gcm, const uint8_t *packet, uint32_t rollovers,
                    uint8_t iv[SALT_BYTES])
{
    ByteWriter writer = byte_writer(iv, SALT_BYTES);
    write_u16(&writer, 0);
    write_bytes(&writer, packet + 8, 4);
    write_u32(&writer, rollovers);
    write_bytes(&writer, packet + 2, 2);
    for (size_t i = 0; i < SALT_BYTES; i++) {
        iv[i] ^= gcm->salt[i];
    }
}

static bool seal(SrtpGcm *gcm, const uint8_t *iv, uint8_t *packet, size_t header, size_t size)
{
    int length;
    return EVP_EncryptInit_ex(gcm->cipher, NULL, NULL, NULL, iv) == 1 &&
           EVP_EncryptUpdate(gcm->cipher, NULL, &length, packet, (int)header) == 1 &&
           EVP_EncryptUpdate(gcm->cipher, packet + header, &length, packet + header,
                             (int)(size - header)) == 1 &&
           EVP_EncryptFinal_ex(gcm->cipher, packet + size, &length) == 1 &&
           EVP_CIPHER_CTX_ctrl(gcm->cipher, EVP_CTRL_GCM_GET_TAG, SRTP_GCM_TAG_BYTES,
                               packet + size) == 1;
}

SrtpGcmResult srtp_gcm_protect(SrtpGcm *gcm, uint8_t *packet, size_t *size)
{
    size_t header = header_size(packet, *size);
    if (header == 0) {
        return SRTP_GCM_MALFORMED;
    }
    ByteReader reader = byte_reader(packet + 2, HEADER_BYTES - 2);
    uint16_t seq = read_u16(&reader);
    read_u32(&reader); /* timestamp */
    uint32_t ssrc = read_u32(&reader);
    uint32_t rollovers;
    SrtpGcmResult result = take(gcm, ssrc, seq, &rollovers);
    if (result != SRTP_GCM_OK) {
        return result;
    }
    uint8_t iv[SALT_BYTES];
    make_iv(gcm, packet, rollovers, iv);
    if (!seal(gcm, iv, packet, header, *size)) {
        return SRTP_GCM_FAILED;
    }
    *size += SRTP_GCM_TAG_BYTES;
    return SRTP_GCM_OK;
}

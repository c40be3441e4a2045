#include "bridge/rtc/srtp.h"

#include <gio/gio.h>
#include <srtp2/srtp.h>
#include <string.h>

#include "bridge/base/limits.h"
#include "bridge/rtc/gcm_cipher.h"
#include "bridge/rtc/replay.h"
#include "bridge/rtc/srtp_gcm.h"

G_STATIC_ASSERT(SRTP_TRAILER_BYTES_MAX == SRTP_MAX_TRAILER_LEN);
G_STATIC_ASSERT(SRTP_AES_ICM_128_KEY_LEN_WSALT <= SRTP_KEY_BYTES_MAX);

enum {
    RTP_BYTES_MIN = 12,
    RTP_SSRC_AT = 8,
    RTCP_BYTES_MIN = 8,
    RTCP_SSRC_AT = 4,
};

/* What a session of one direction is keyed with. */
typedef struct SrtpDirection {
    srtp_ssrc_type_t type;
    const uint8_t *key;
} SrtpDirection;

struct SrtpContext {
    SrtpGcm *gcm; /* of that profile; NULL: of the other one, which has the rest */
    srtp_t outbound;
    srtp_t inbound;
    /* Streams the library holds for the peer: it makes one for every SSRC that authenticates. */
    size_t ssrc_count;
    uint32_t ssrcs[LIMIT_PEER_SSRCS];
};

const char *srtp_profile_name(SrtpProfile profile)
{
    switch (profile) {
    case SRTP_PROFILE_AES128_CM_SHA1_80:
        return "SRTP_AES128_CM_SHA1_80";
    case SRTP_PROFILE_AEAD_AES_128_GCM:
        return "SRTP_AEAD_AES_128_GCM";
    }
    return "none";
}

static size_t key_size(SrtpProfile profile)
{
    switch (profile) {
    case SRTP_PROFILE_AES128_CM_SHA1_80:
        return SRTP_AES_ICM_128_KEY_LEN_WSALT;
    case SRTP_PROFILE_AEAD_AES_128_GCM:
        return GCM_MASTER_BYTES;
    }
    return 0;
}

/* The library's own state is of the whole process. */
static bool library_is_ready(void)
{
    static gsize state;
    enum { READY = 1, BROKEN = 2 };
    if (g_once_init_enter(&state)) {
        g_once_init_leave(&state, srtp_init() == srtp_err_status_ok ? READY : BROKEN);
    }
    return state == READY;
}

static bool open_session(SrtpDirection direction, srtp_t *ret_session)
{
    uint8_t key[SRTP_KEY_BYTES_MAX]; /* the library wants it writable */
    memcpy(key, direction.key, sizeof key);
    srtp_policy_t policy = {
        .ssrc = {.type = direction.type},
        .key = key,
        .window_size = REPLAY_WINDOW_PACKETS,
        .allow_repeat_tx = 0,
    };
    srtp_crypto_policy_set_rtp_default(&policy.rtp);
    srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    bool opened = srtp_create(ret_session, &policy) == srtp_err_status_ok;
    explicit_bzero(key, sizeof key);
    if (!opened) {
        *ret_session = NULL;
    }
    return opened;
}

static bool open_profile(SrtpContext *context, const SrtpKeys *keys)
{
    if (keys->profile == SRTP_PROFILE_AEAD_AES_128_GCM) {
        context->gcm = srtp_gcm_new(keys);
        return context->gcm != NULL;
    }
    SrtpDirection out = {.type = ssrc_any_outbound, .key = keys->local};
    SrtpDirection in = {.type = ssrc_any_inbound, .key = keys->remote};
    return library_is_ready() && open_session(out, &context->outbound) &&
           open_session(in, &context->inbound);
}

SrtpContext *srtp_context_new(const SrtpKeys *keys, GError **error)
{
    if (keys->size == 0 || keys->size != key_size(keys->profile)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "%zu bytes of key do not fit the SRTP profile %d", keys->size, keys->profile);
        return NULL;
    }
    SrtpContext *context = g_new0(SrtpContext, 1);
    if (!open_profile(context, keys)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "the SRTP profile %s is not to be had",
                    srtp_profile_name(keys->profile));
        srtp_context_free(context);
        return NULL;
    }
    return context;
}

void srtp_context_free(SrtpContext *context)
{
    if (context == NULL) {
        return;
    }
    srtp_gcm_free(context->gcm);
    if (context->outbound != NULL) {
        srtp_dealloc(context->outbound);
    }
    if (context->inbound != NULL) {
        srtp_dealloc(context->inbound);
    }
    g_free(context);
}

static SrtpVerdict verdict(srtp_err_status_t status)
{
    switch (status) {
    case srtp_err_status_ok:
        return SRTP_VERDICT_OK;
    case srtp_err_status_replay_fail:
    case srtp_err_status_replay_old:
    case srtp_err_status_pkt_idx_old:
        return SRTP_VERDICT_REPLAYED;
    case srtp_err_status_auth_fail:
    case srtp_err_status_cipher_fail: /* how a short AEAD packet fails */
        return SRTP_VERDICT_FORGED;
    case srtp_err_status_bad_param:
    case srtp_err_status_parse_err:
        return SRTP_VERDICT_MALFORMED;
    default:
        return SRTP_VERDICT_EXHAUSTED;
    }
}

typedef srtp_err_status_t (*SrtpTransform)(srtp_t session, void *packet, int *size);

/* The library counts in int. */
static SrtpVerdict transform(SrtpTransform call, srtp_t session, uint8_t *bytes, size_t *size)
{
    if (*size > LIMIT_DATAGRAM_BYTES) {
        return SRTP_VERDICT_MALFORMED;
    }
    int length = (int)*size;
    SrtpVerdict result = verdict(call(session, bytes, &length));
    if (result == SRTP_VERDICT_OK) {
        *size = (size_t)length;
    }
    return result;
}

static bool has_room(size_t size, size_t capacity)
{
    return capacity >= SRTP_TRAILER_BYTES_MAX && size <= capacity - SRTP_TRAILER_BYTES_MAX;
}

SrtpVerdict srtp_context_protect(SrtpContext *context, uint8_t *bytes, size_t *size,
                                 size_t capacity)
{
    if (*size < RTP_BYTES_MIN || !has_room(*size, capacity)) {
        return SRTP_VERDICT_MALFORMED;
    }
    return context->gcm != NULL ? srtp_gcm_protect(context->gcm, bytes, size)
                                : transform(srtp_protect, context->outbound, bytes, size);
}

SrtpVerdict srtp_context_protect_rtcp(SrtpContext *context, uint8_t *bytes, size_t *size,
                                      size_t capacity)
{
    if (*size < RTCP_BYTES_MIN || !has_room(*size, capacity)) {
        return SRTP_VERDICT_MALFORMED;
    }
    return context->gcm != NULL ? srtp_gcm_protect_rtcp(context->gcm, bytes, size)
                                : transform(srtp_protect_rtcp, context->outbound, bytes, size);
}

static bool knows_ssrc(const SrtpContext *context, uint32_t ssrc)
{
    for (size_t i = 0; i < context->ssrc_count; i++) {
        if (context->ssrcs[i] == ssrc) {
            return true;
        }
    }
    return false;
}

/* Where a kind of packet has its SSRC, and how it is opened. */
typedef struct SrtpOpening {
    SrtpTransform call;
    size_t size_min;
    size_t ssrc_at;
} SrtpOpening;

static SrtpVerdict open_packet(SrtpContext *context, const SrtpOpening *opening, uint8_t *bytes,
                               size_t *size)
{
    if (*size < opening->size_min) {
        return SRTP_VERDICT_MALFORMED;
    }
    uint32_t ssrc;
    memcpy(&ssrc, bytes + opening->ssrc_at, sizeof ssrc);
    bool known = knows_ssrc(context, ssrc);
    if (!known && context->ssrc_count == LIMIT_PEER_SSRCS) {
        return SRTP_VERDICT_TOO_MANY;
    }
    SrtpVerdict result = transform(opening->call, context->inbound, bytes, size);
    if (result == SRTP_VERDICT_OK && !known) {
        context->ssrcs[context->ssrc_count++] = ssrc;
    }
    return result;
}

SrtpVerdict srtp_context_unprotect(SrtpContext *context, uint8_t *bytes, size_t *size)
{
    static const SrtpOpening rtp = {srtp_unprotect, RTP_BYTES_MIN, RTP_SSRC_AT};
    return context->gcm != NULL ? srtp_gcm_unprotect(context->gcm, bytes, size)
                                : open_packet(context, &rtp, bytes, size);
}

SrtpVerdict srtp_context_unprotect_rtcp(SrtpContext *context, uint8_t *bytes, size_t *size)
{
    static const SrtpOpening rtcp = {srtp_unprotect_rtcp, RTCP_BYTES_MIN, RTCP_SSRC_AT};
    return context->gcm != NULL ? srtp_gcm_unprotect_rtcp(context->gcm, bytes, size)
                                : open_packet(context, &rtcp, bytes, size);
}

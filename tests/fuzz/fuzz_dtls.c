/* The passive side of a handshake, and datagrams of any content: the input is cut into datagrams,
 * each behind two bytes of length. */
#include <glib.h>

#include "bridge/base/bytes.h"
#include "bridge/base/limits.h"
#include "bridge/rtc/dtls.h"

static void drop(const uint8_t *bytes, size_t size, void *data)
{
    if (size > DTLS_MTU) {
        __builtin_trap();
    }
}

static DtlsIdentity *identity(void)
{
    static DtlsIdentity *made;
    if (made == NULL) {
        made = dtls_identity_new(NULL);
    }
    return made;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    DtlsOptions options = {.role = DTLS_PASSIVE,
                           .fingerprint_hash = "sha-256",
                           .fingerprint = dtls_identity_fingerprint(identity()),
                           .send = drop};
    Dtls *dtls = dtls_new(identity(), &options, NULL);
    ByteReader reader = byte_reader(bytes, size);
    while (byte_reader_left(&reader) > 0) {
        size_t length = read_u16(&reader) % (LIMIT_DATAGRAM_BYTES + 1);
        length = MIN(length, byte_reader_left(&reader));
        if (dtls_receive(dtls, read_bytes(&reader, length), length) == DTLS_STATE_CONNECTED) {
            __builtin_trap();
        }
    }
    dtls_free(dtls);
    return 0;
}

/* A message of the signalling protocol: parsed, looked up for every role, nothing done. */
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/fields.h"
#include "bridge/base/limits.h"
#include "signalling/dispatch.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    Problem problem;
    if (size > LIMIT_MESSAGE_BYTES) {
        return 0;
    }
    json_t *message = fields_parse((const char *)bytes, size, &problem);
    for (int role = ROLE_GUEST; message != NULL && role <= ROLE_ADMIN; role <<= 1) {
        int64_t id = -1;
        const MessageRow *row = dispatch_look_up(message, (ClientRole)role, &id, &problem);
        if ((row != NULL && (row->roles & (unsigned)role) == 0) || id < -1) {
            __builtin_trap();
        }
    }
    json_decref(message);
    return 0;
}

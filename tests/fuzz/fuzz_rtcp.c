/* A compound packet after decryption. */
#include "bridge/rtc/rtcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    RtcpReader reader = rtcp_reader(bytes, size);
    RtcpItem item;
    size_t items = 0;
    while (rtcp_next(&reader, &item)) {
        items++;
    }
    /* The smallest item, a NACK entry, has four bytes: more would mean that it does not advance. */
    if (items > size / 4 || rtcp_next(&reader, &item)) {
        __builtin_trap();
    }
    return 0;
}

#include "bridge/relay/demux.h"

#include "bridge/rtc/dtls.h"
#include "bridge/rtc/rtp.h"
#include "bridge/rtc/stun.h"

DemuxKind demux_kind(const uint8_t *bytes, size_t size)
{
    if (rtp_is_rtcp(bytes, size)) {
        return DEMUX_RTCP;
    }
    if (rtp_is_packet(bytes, size)) {
        return DEMUX_RTP;
    }
    if (stun_is_message(bytes, size)) {
        return DEMUX_STUN;
    }
    return dtls_is_record(bytes, size) ? DEMUX_DTLS : DEMUX_UNKNOWN;
}

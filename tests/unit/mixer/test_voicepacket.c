#include "bridge/mixer/voicepacket.h"

#include <criterion/criterion.h>
#include <string.h>

static const uint8_t good[] = {0x80, 0xef, 0x12, 0x34, 1, 2, 3, 4, 5, 6, 7, 8, 0xaa, 0xbb};

static bool parses(size_t at, uint8_t value)
{
    uint8_t bytes[sizeof good];
    VoicePacket packet;
    memcpy(bytes, good, sizeof good);
    bytes[at] = value;
    return voice_packet_parse(bytes, sizeof bytes, &packet);
}

Test(voicepacket, reads_the_fields_of_a_good_packet)
{
    VoicePacket packet;
    cr_assert(voice_packet_parse(good, sizeof good, &packet));
    cr_expect_eq(packet.seq, 0x1234);
    cr_expect_eq(packet.timestamp, 0x01020304);
    cr_expect_eq(packet.ssrc, 0x05060708);
    cr_expect_eq(packet.payload_size, 2);
    cr_expect_eq(packet.payload, good + 12);
}

Test(voicepacket, takes_it_with_and_without_marker)
{
    cr_expect(parses(1, 111));
    cr_expect(parses(1, 111 | 0x80));
}

Test(voicepacket, refuses_one_cut_off_anywhere_in_the_header)
{
    VoicePacket packet;
    for (size_t size = 0; size < 12; size++) {
        cr_expect_not(voice_packet_parse(good, size, &packet), "%zu bytes", size);
    }
}

Test(voicepacket, refuses_one_without_payload)
{
    VoicePacket packet;
    cr_expect_not(voice_packet_parse(good, 12, &packet));
}

Test(voicepacket, refuses_other_versions)
{
    cr_expect_not(parses(0, 0x00));
    cr_expect_not(parses(0, 0x40));
    cr_expect_not(parses(0, 0xc0));
}

Test(voicepacket, refuses_padding_extension_and_csrcs)
{
    cr_expect_not(parses(0, 0xa0));
    cr_expect_not(parses(0, 0x90));
    cr_expect_not(parses(0, 0x81));
    cr_expect_not(parses(0, 0x8f));
}

Test(voicepacket, refuses_other_payload_types)
{
    cr_expect_not(parses(1, 0));
    cr_expect_not(parses(1, 96));
    cr_expect_not(parses(1, 110));
    cr_expect_not(parses(1, 200));
}

Test(voicepacket, refuses_more_than_the_link_carries)
{
    uint8_t bytes[1501] = {0};
    VoicePacket packet;
    memcpy(bytes, good, sizeof good);
    cr_expect(voice_packet_parse(bytes, 1500, &packet));
    cr_expect_not(voice_packet_parse(bytes, 1501, &packet));
}

Test(voicepacket, leaves_the_result_alone_when_it_refuses)
{
    VoicePacket packet = {.seq = 7};
    cr_expect_not(voice_packet_parse(good, 5, &packet));
    cr_expect_eq(packet.seq, 7);
}

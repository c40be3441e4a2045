/* What one listener hears: a stream of sound and one of picture. Every packet is counted by its
 * clear header; of each stream one packet in EAR_SAMPLE is decrypted, which shows that the stream
 * is genuine and leaves the machine to the server under test. A plain value; one thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/base/bytes.h"
#include "bridge/rtc/reception.h"
#include "bridge/rtc/sdp.h"
#include "bridge/rtc/srtp.h"

#define EAR_SAMPLE 32

/* Since it was made. Losses are told by sequence numbers. */
typedef struct EarCounts {
    uint64_t expected;
    uint64_t received;
    uint64_t bytes;
    uint64_t decrypted; /* of the sample */
    uint64_t rejected;  /* of the sample: not genuine */
} EarCounts;

typedef struct EarStream {
    int payload_type; /* -1: none is promised */
    uint32_t clock_hz;
    uint32_t ssrc; /* 0: none has come */
    Reception reception;
} EarStream;

typedef struct Ear {
    EarStream sound;
    EarStream picture;
    uint64_t bytes;
    uint64_t decrypted;
    uint64_t rejected;
} Ear;

/* Payload types of what will come, -1: none. */
void ear_init(Ear *ear, int sound_type, int picture_type);
/* A protected RTP packet; decrypted in place when it is one of the sample. */
void ear_take_rtp(Ear *ear, SrtpContext *srtp, uint8_t *bytes, size_t size, int64_t arrival_us);
/* A decrypted RTCP packet. */
void ear_take_rtcp(Ear *ear, const uint8_t *bytes, size_t size, int64_t arrival_us);
/* Receiver reports and REMB as a browser on a good line sends them. */
void ear_write_report(Ear *ear, uint32_t ssrc, int64_t now_us, ByteWriter *writer);
/* Something of everything that was promised has come. */
bool ear_has_heard_all(const Ear *ear);
EarCounts ear_counts(const Ear *ear);

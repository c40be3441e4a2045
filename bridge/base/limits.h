/* Every size, count or rate that somebody outside controls: value, unit, reason. */
#pragma once

/* JSON. Our own messages nest 5 deep; jansson would recurse 2048 levels. */
#define LIMIT_JSON_DEPTH 16
/* Bytes of one WebSocket message over all its fragments (OWASP: 64 KiB or less). */
#define LIMIT_MESSAGE_BYTES (64 * 1024)
/* Bytes waiting for one WebSocket client that does not read; then it is closed with 1013. */
#define LIMIT_CLIENT_QUEUE_BYTES (256 * 1024)
/* Bytes of one control line between our own processes: a program of 207 seats has about 40 KiB. */
#define LIMIT_CONTROL_LINE_BYTES (1024 * 1024)
/* Bytes waiting on one control socket before it counts as hung. */
#define LIMIT_CONTROL_QUEUE_BYTES (4 * 1024 * 1024)

/* Sites in the directory and seats in a meeting. */
#define LIMIT_SITES 4096
#define LIMIT_SEATS 256
#define LIMIT_MEETINGS 32
#define LIMIT_NAME_BYTES 200

/* Media peers of one relay: the aim of 2,070 receivers and some. */
#define LIMIT_PEERS 4096
/* SSRCs one peer may use; an authenticated peer could otherwise create streams without end. */
#define LIMIT_PEER_SSRCS 16
/* Largest datagram taken from the network: the path MTU plus room for jumbo-free tunnels. */
#define LIMIT_DATAGRAM_BYTES 1500
/* Largest RTP packet we make, so that SRTP, UDP and IPv6 headers fit an MTU of 1280. */
#define LIMIT_RTP_BYTES 1200
/* SDP: bytes, lines and media sections of one description. */
#define LIMIT_SDP_BYTES (32 * 1024)
#define LIMIT_SDP_LINES 1000
#define LIMIT_SDP_MEDIA 8
/* DTLS datagrams kept while the session is not ready for them (a ClientHello takes two). */
#define LIMIT_DTLS_EARLY 4
/* Datagrams a second from one address that has not passed ICE; more are dropped unread. */
#define LIMIT_STUN_UNVERIFIED_PER_S 50

/* Voices that are decoded and mixed at once. */
#define LIMIT_VOICES 6
/* Picture: bounds of a source's frame; a larger one is shown as "no picture". */
#define LIMIT_SOURCE_WIDTH 1920
#define LIMIT_SOURCE_HEIGHT 1088
#define LIMIT_LAYOUT_CELLS 256
#define LIMIT_LAYOUTS 64
#define LIMIT_RUNGS 4

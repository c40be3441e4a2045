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
/* Connectivity checks a second for one peer from addresses that have not passed ICE; more are
 * dropped before their integrity is checked. */
#define LIMIT_STUN_UNVERIFIED_PER_S 50
/* Addresses of one peer that have passed ICE: its networks, and where it moved from. */
#define LIMIT_PEER_ADDRESSES 4
/* Packets a second taken from one peer: RTP (1080p of 8 Mbit/s has 900), RTCP and DTLS (a browser
 * that misses packets sends 50 reports), and of its sound (10 ms packets make 100). */
#define LIMIT_PEER_RTP_PER_S 3000
#define LIMIT_PEER_CONTROL_PER_S 300
#define LIMIT_PEER_AUDIO_PER_S 150
/* Packets of one video sender that wait for a missing one, and of all senders together. */
#define LIMIT_INGEST_WINDOW 256
#define LIMIT_INGEST_HELD 4096
/* Times that a missing packet is asked for. */
#define LIMIT_NACK_TRIES 10
/* Packets kept of each rung for retransmission: more than 1 s of 1080p. */
#define LIMIT_HISTORY_PACKETS 1024
/* Peers without RTX that we keep sent packets for (each 128 of them, 190 KiB). */
#define LIMIT_SENT_RINGS 256
/* Connections on the media socket that have not said hello. */
#define LIMIT_MIXERS_UNKNOWN 8

/* Voices that are decoded and mixed at once. */
#define LIMIT_VOICES 6
/* Voices a mixer remembers: those that are heard, and those that were a moment ago. */
#define LIMIT_SOUND_VOICES 16
/* Mixes without somebody: those who speak, and two whose turn has just ended. */
#define LIMIT_SOUND_MIXES (LIMIT_VOICES + 2)
/* Packets of one voice that wait to be played: 1.28 s of 20 ms, more than any wait we allow. */
#define LIMIT_VOICE_PACKETS 64
/* Packets on their way to the sound thread: 0.8 s of six voices. */
#define LIMIT_SOUND_QUEUE 256
/* Picture: bounds of a source's frame; a larger one is shown as "no picture". */
#define LIMIT_SOURCE_WIDTH 1920
#define LIMIT_SOURCE_HEIGHT 1088
/* Frames a second decoded, and packets a second taken, from one source (60 fps at 8 Mbit/s). */
#define LIMIT_SOURCE_FPS 60
#define LIMIT_SOURCE_PACKETS_PER_S 1500
/* Packets waiting for one decode worker: key frames of all cells of a wall at once. */
#define LIMIT_DECODE_QUEUE_PACKETS 2048
/* The composed picture and its encodes: pixels, frames a second, kbit/s. */
#define LIMIT_PICTURE_WIDTH 1920
#define LIMIT_PICTURE_HEIGHT 1088
#define LIMIT_PICTURE_FPS 60
#define LIMIT_RUNG_KBPS 20000
#define LIMIT_LAYOUT_CELLS 256
#define LIMIT_LAYOUTS 64
/* Characters of the message over a picture: four lines of it can still be read in a hall. */
#define LIMIT_BANNER_CHARS 300
/* Composed pictures of one meeting, and encodes: of one of them, and of all. */
#define LIMIT_VIEWS 8
#define LIMIT_VIEW_RUNGS 6
#define LIMIT_RUNGS 64
/* Seconds between two turns of a rotation: a picture needs two to come before its turn. */
#define LIMIT_ROTATE_SECONDS_MIN 2
#define LIMIT_ROTATE_SECONDS 3600

/* Seconds one may speak: to say a sentence, and a long report. */
#define LIMIT_SPEAKING_SECONDS_MIN 10
#define LIMIT_SPEAKING_SECONDS 7200

/* Reports that wait to be made into files: each costs about 100 ms. */
#define LIMIT_REPORT_QUEUE 16
/* Past meetings that one question lists, and that it looks through (ten a day for five years). */
#define LIMIT_HISTORY_LIST 100
#define LIMIT_HISTORY_SEARCHED 20000

/* Bytes of a note to or from a site: what fits on its screen; and how many a page is given. */
#define LIMIT_NOTE_BYTES 600
#define LIMIT_NOTES_LISTED 200

/* Bytes of a line that a button of a device writes. */
#define LIMIT_BUTTON_BYTES 1024

/* Views of a meeting that are recorded at once, and packets on their way to the disk: several
 * seconds, for a disk that stands still for a moment. */
#define LIMIT_RECORDS LIMIT_VIEWS
#define LIMIT_RECORD_QUEUE 2048
/* To begin, a recording must find so much more than the disk's reserve free, a part of it: no
 * flapping at the edge. Server and mixer judge alike. */
#define LIMIT_RECORD_RESTART_PART 8

/* Sets of views in the configuration. */
#define LIMIT_VIEW_PRESETS 32

/* Tokens of encoders and players (WHIP, WHEP), and sessions that one of a watcher may have. */
#define LIMIT_STREAM_TOKENS 1000
#define LIMIT_STREAM_WATCHERS 64

/* Plans under a name, and for a time: five meetings on every working day of a year and a half. */
#define LIMIT_TEMPLATES 200
#define LIMIT_BOOKINGS 2000
/* Times of meetings in one answer: each has at most 700 bytes, a client takes 256 KiB. */
#define LIMIT_OCCASIONS 300

/* Letters that wait for the mail server: five meetings of all sites. */
#define LIMIT_MAIL_QUEUE 1024

/* Signalling. Refused messages in a row before a client is closed: a broken one would go on. */
#define LIMIT_REFUSED_IN_A_ROW 3
/* Questions waiting for the database; more are answered "unavailable". */
#define LIMIT_STORE_QUEUE 4096
/* Bytes of a directory CSV: 4096 sites; it has to fit into one control line. */
#define LIMIT_CSV_BYTES (768 * 1024)
/* Levels of the tree of sites: central, province, district, commune, and room to re-organise. */
#define LIMIT_SITE_DEPTH 16
/* Devices waiting for approval: anybody may knock. */
#define LIMIT_PENDING_DEVICES 64
/* Devices whose answer waits for the admission pace: every site of the directory may come back. */
#define LIMIT_ADMISSION_QUEUE 4096
/* Passwords waiting to be hashed; a hash costs 20 ms and 19 MiB. */
#define LIMIT_PASSWORD_QUEUE 64
/* Accounts and addresses whose failed logins are remembered. */
#define LIMIT_LOGIN_MEMORY 4096
#define LIMIT_USERS 1000
#define LIMIT_USER_SESSIONS 4096
#define LIMIT_PASSWORD_BYTES 256
/* Sockets that have not said who they are: per address, per loopback address, together. */
#define LIMIT_UNAUTHENTICATED_PER_ADDRESS 8
#define LIMIT_UNAUTHENTICATED_LOOPBACK 512
#define LIMIT_UNAUTHENTICATED 256
/* TCP connections that have not: a browser opens six, an office shares one address. */
#define LIMIT_YOUNG_CONNECTIONS_PER_ADDRESS 64
#define LIMIT_YOUNG_CONNECTIONS 1024
/* TCP connections of the web door (descriptors of the process are more). */
#define LIMIT_WEB_CONNECTIONS 6000
/* Bytes of all files of the page, held in memory. */
#define LIMIT_WEB_ROOT_BYTES (64 * 1024 * 1024)

#!/usr/bin/env python3
"""Listens to the media port on the loopback device, then plays back what it heard.

  udp_replay.py PORT SECONDS

Records every UDP datagram sent to PORT for SECONDS, then sends each of them again twice: from the very
address it came from (a raw socket), and from a port of its own. Needs root. Prints one JSON line.
"""
import json
import socket
import struct
import sys
import time

ETH_P_IP = 0x0800
PACKETS_MAX = 2000


def listen(port, seconds):
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
    sniffer.bind(("lo", 0))
    sniffer.settimeout(0.1)
    end = time.monotonic() + seconds
    packets = []
    while time.monotonic() < end and len(packets) < PACKETS_MAX:
        try:
            frame, address = sniffer.recvfrom(65535)
        except socket.timeout:
            continue
        is_outgoing = address[2] == socket.PACKET_OUTGOING
        ip = frame[14:]
        if is_outgoing or len(ip) < 28 or ip[9] != socket.IPPROTO_UDP:
            continue
        udp = ip[(ip[0] & 15) * 4:]
        source, target = struct.unpack("!HH", udp[:4])
        if target == port:
            packets.append((source, udp[8:]))
    return packets


def replay(packets, port):
    spoof = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for source, body in packets:
        head = struct.pack("!HHHH", source, port, 8 + len(body), 0)
        spoof.sendto(head + body, ("127.0.0.1", port))
        own.sendto(body, ("127.0.0.1", port))


def main():
    port, seconds = int(sys.argv[1]), float(sys.argv[2])
    packets = listen(port, seconds)
    replay(packets, port)
    print(json.dumps({"heard": len(packets), "kinds": kinds(packets)}))


def kinds(packets):
    """How many of each kind, by the first byte (RFC 7983)."""
    counts = {"stun": 0, "dtls": 0, "rtp": 0}
    for _, body in packets:
        first = body[0] if body else 255
        kind = "stun" if first < 4 else "dtls" if 20 <= first < 64 else "rtp" if 128 <= first < 192 else None
        if kind:
            counts[kind] += 1
    return counts


main()

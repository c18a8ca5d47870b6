#!/usr/bin/env python3
"""Stands in for lbd: reads one NFQUEUE and marks every packet (old & ~MASK) | N, where N is what FILE holds now.

Usage: queue.py QUEUE MASK FILE LOG    Prints "bound" when it reads the queue; a line a packet goes to LOG: the mark it
came with. N = 0 leaves the mark alone. Messages: linux/netfilter/nfnetlink_queue.h.
"""
import socket
import struct
import sys

queue, mask, mark_file, log = int(sys.argv[1]), int(sys.argv[2], 0), sys.argv[3], open(sys.argv[4], "a", buffering=1)
PACKET, VERDICT, CONFIG = 0x300, 0x301, 0x302  # NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_*
sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)  # NETLINK_NETFILTER
sock.bind((0, 0))


def attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def send(kind, flags, attributes):
    body = struct.pack("!BBH", 0, 0, queue) + attributes
    sock.send(struct.pack("=IHHII", 16 + len(body), kind, 1 | flags, 0, 0) + body)


def configure(attributes):
    send(CONFIG, 4, attributes)  # NLM_F_ACK
    error = struct.unpack_from("=i", sock.recv(4096), 16)[0]
    if error:
        sys.exit(f"queue {queue}: error {-error}")


configure(attribute(1, struct.pack("!BBH", 1, 0, 0)))  # NFQA_CFG_CMD: BIND
configure(attribute(2, struct.pack("!IB", 0, 1)))  # NFQA_CFG_PARAMS: COPY_META
print("bound", flush=True)
while True:
    data = sock.recv(65536)
    length, kind = struct.unpack_from("=IH", data)
    if kind != PACKET:
        continue
    at, packet, mark = 20, 0, 0
    while at < length:
        size, what = struct.unpack_from("=HH", data, at)
        if what == 1:  # NFQA_PACKET_HDR
            packet = struct.unpack_from("!I", data, at + 4)[0]
        elif what == 3:  # NFQA_MARK
            mark = struct.unpack_from("!I", data, at + 4)[0]
        at += (size + 3) & ~3
    log.write(f"{mark:#x}\n")
    verdict = attribute(2, struct.pack("!II", 1, packet))  # NFQA_VERDICT_HDR: NF_ACCEPT
    with open(mark_file) as f:
        ours = int(f.read() or "0", 0)
    if ours:
        verdict += attribute(3, struct.pack("!I", mark & ~mask | ours))
    send(VERDICT, 0, verdict)

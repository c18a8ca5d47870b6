/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What lies in the maps that the program and lbd share. FlowLayout.java, BackendLayout.java and
 * TcCounter.java say the same for lbd; a test compares both. A change of a map's layout needs
 * another version in MapSet.java: maps of an older version are pinned on running machines.
 */
#ifndef SYNLEV_LAYOUT_H
#define SYNLEV_LAYOUT_H

#include <linux/types.h>

/*
 * Addresses and ports (source, destination) as in the packet; the protocol is TCP, UDP or SCTP and
 * three zero bytes. No field is smaller than a word, for the kernel hashes words: what was just stored in
 * smaller pieces would take some ns more to read; and it compares 8 bytes at a time.
 */
struct key4 {
	__be32 source;
	__be32 destination;
	__be32 ports;
	__be32 protocol;
};

struct key6 {
	__u64 addresses[4]; /* source, destination */
	__be32 ports;
	__be32 protocol;
};

/*
 * 24 bytes, not more: every flow the tables have room for costs this much. The counters are not
 * atomic: packets of one flow that two processors handle at once may be counted once.
 */
struct flow {
	__u32 seen;     /* CLOCK_MONOTONIC >> SEEN_SHIFT, modulo 2^32 */
	__u16 backend;  /* index into the map of backends */
	__u16 epoch;    /* of the backend when the flow was given to it */
	__u64 bytes;    /* from the IP header on */
	__u32 packets;  /* on the wire, so segments of a large one; modulo 2^32 */
	__u8 state;     /* FLOW_ */
	__u8 zero[3];
};

/* 1.05 ms; the difference of two times of 32 bits is right up to 26 days. */
#define SEEN_SHIFT 20

/* FIN or RST was seen, and no data since. */
#define FLOW_CLOSING 1

/*
 * One array element. lbd writes it through a mapping: each aligned word at once, so the first two
 * words are never torn. The IPv6 next hop is guarded by `version`, odd while lbd writes.
 */
struct backend {
	__u32 mark;        /* within the mask */
	__u16 epoch;       /* odd: there is a backend; it grows when one comes and when it goes */
	__u16 zero;
	__u32 interface4;  /* 0: no next hop known, the stack is to route */
	__be32 next_hop4;
	__u32 interface6;  /* as interface4 */
	__u32 version;
	__be32 next_hop6[4];
	__u64 reserved[3];
};

/* A flow that lbd asks about, and the answer. */
struct question {
	union {
		struct key4 key4;
		struct key6 key6;
	};
	__u32 family;  /* 4 or 6; anything else: nothing is asked */
	__u32 answer;  /* NOWHERE, then `flow` means nothing; YOUNG or GROWN */
	struct flow flow;
};

enum answer { NOWHERE, YOUNG, GROWN };

/* What a worker asks at once, and how many workers can; others ask for each flow by itself. */
#define QUESTIONS 256
#define ASKERS 32
struct questions {
	struct question of[QUESTIONS];
};

/* Two bitmaps of 65,536 bits: a clear bit says that no VIP has this hash. */
#define VIP_WORDS 1024
struct vips {
	__u64 clock; /* for the program: low half of jiffies, then their time as in flow.seen */
	__u64 reserved[7];
	__u64 bits4[VIP_WORDS];
	__u64 bits6[VIP_WORDS];
};

/* Per processor. Every IP packet to a VIP is counted in one of the first, up to MISS_LAST. */
enum counter {
	HIT_MARK,
	HIT_REDIRECT,
	MISS_UNKNOWN,
	MISS_STALE,
	MISS_EXPIRED,
	MISS_REOPENED,
	MISS_FRAGMENT,
	MISS_OPTIONS,
	MISS_TAGGED,
	MISS_HOPS,
	MISS_PROTOCOL,
	MISS_MALFORMED,
	/* Beside those: */
	MTU_EXCEEDED,
	NO_NEXT_HOP,
	PROMOTED,
	PROMOTE_FAILED,
	COUNTERS
};

struct counters {
	__u64 of[COUNTERS];
};

#endif

/*
 * The datagram that udpload sends and udpsink understands: 18 bytes, the size of the smallest Ethernet frame's payload.
 *
 *   0        2                 10                18
 *   +--------+------------------+-----------------+
 *   | run    | sequence         | sent (ns)       |   big endian; run: the number of the test run (--run), so that a
 *   +--------+------------------+-----------------+   late datagram of an earlier one is not counted
 *
 * The sequence counts all datagrams of a run from 0; flow = sequence modulo the number of flows.
 * sent is CLOCK_MONOTONIC, the same for all namespaces of the machine.
 */
#pragma once
#include <endian.h>
#include <stdint.h>
#include <string.h>

enum { DATAGRAM_SIZE = 18, DATAGRAM_MOST = 1400, DEFAULT_RUN = 0x534c };

static inline void datagram_put(char *at, uint16_t run, uint64_t sequence, uint64_t sent_ns) {
	run = htobe16(run);
	sequence = htobe64(sequence);
	sent_ns = htobe64(sent_ns);
	memcpy(at, &run, 2);
	memcpy(at + 2, &sequence, 8);
	memcpy(at + 10, &sent_ns, 8);
}

static inline uint16_t datagram_run(const char *at) {
	uint16_t run;
	memcpy(&run, at, 2);
	return be16toh(run);
}

static inline uint64_t datagram_sequence(const char *at) {
	uint64_t sequence;
	memcpy(&sequence, at + 2, 8);
	return be64toh(sequence);
}

static inline uint64_t datagram_sent(const char *at) {
	uint64_t sent_ns;
	memcpy(&sent_ns, at + 10, 8);
	return be64toh(sent_ns);
}

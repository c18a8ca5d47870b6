/*
 * frameload: small UDP datagrams as Ethernet frames, past this host's own network stack (packet(7)), so that what they meet
 * afterwards is most of what they cost; or made where they arrive, which costs nearly nothing. IPv4 only.
 */
#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addresses.h"
#include "ingress.h"
#include "report.h"
#include "run.h"

static const char usage[] =
    "Usage: frameload --device DEV|--ingress DEV --mac MAC --from CIDR [OPTIONS] ADDRESS PORT\n"
    "Sends UDP datagrams of 18 bytes as fast as it goes. Prints one line of JSON at the end.\n"
    "  --device DEV         the Ethernet interface to send on\n"
    "  --ingress DEV        instead: let the kernel make them where they arrive, at DEV's ingress (Linux 5.18, XDP)\n"
    "  --mac MAC            the next hop's address on it; with --ingress, that of DEV (needed)\n"
    "  --from CIDR          source addresses, used in turn (needed)\n"
    "  --sources N          use only the first N of them\n"
    "  --ports N            source ports per address from 20000 on, 1 to 1000 (default 4); flows = sources x ports\n"
    "  --seconds S          stop after S seconds, at most 3600 (default 10)\n"
    "Needs CAP_NET_RAW, with --ingress root. SIGTERM and Ctrl-C end it early, with the report.\n"
    "Example: frameload --device lb --mac 02:00:00:00:00:01 --from 50.0.0.0/16 --sources 1000 10.0.0.0 5001\n";

enum { BURST = 64, PAYLOAD = 18, FIRST_PORT = 20000, MOST_FLOWS = 1 << 20 };

struct frame {
	struct ethhdr ethernet;
	struct iphdr ip;
	struct udphdr udp;
	char payload[PAYLOAD];
	char padding[INGRESS_SLOT - INGRESS_FRAME];
} __attribute__((packed));

static_assert(sizeof(struct frame) == INGRESS_SLOT, "a frame fills its slot");

static const char *device, *ingress, *mac;
static unsigned ports = 4;

static int open_device(struct ethhdr *header) {
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), on = 1;
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(device)};
	socklen_t size = sizeof address;
	/* Protocol 0: to send only */
	if (fd < 0 || !address.sll_ifindex || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		die("%s", device);
	if (setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) < 0)
		die("PACKET_QDISC_BYPASS");
	memcpy(header->h_source, address.sll_addr, ETH_ALEN);
	return fd;
}

static uint16_t header_sum(const struct iphdr *ip) { /* RFC 1071 */
	uint16_t words[sizeof *ip / 2];
	uint32_t sum = 0;
	memcpy(words, ip, sizeof words);
	for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
		sum += words[i];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static struct frame *frames_of(const struct ethhdr *ethernet, const address_t *to, const range_t *from, uint64_t sources) {
	struct frame *frames = calloc(sources * ports, sizeof *frames);
	if (!frames)
		die("memory for %llu flows", (unsigned long long)sources * ports);
	for (uint64_t i = 0; i < sources * ports; i++) {
		struct iphdr ip = {.version = 4,
		                   .ihl = 5,
		                   .tot_len = htons(INGRESS_FRAME - sizeof *ethernet),
		                   .frag_off = htons(IP_DF),
		                   .ttl = 64,
		                   .protocol = IPPROTO_UDP,
		                   .saddr = range_pick(from, i % sources, 0).v4.sin_addr.s_addr,
		                   .daddr = to->v4.sin_addr.s_addr};
		ip.check = header_sum(&ip);
		frames[i].ethernet = *ethernet;
		frames[i].ip = ip;
		/* Checksum 0: none (RFC 768) */
		frames[i].udp = (struct udphdr){.source = htons((uint16_t)(FIRST_PORT + i / sources)),
		                                .dest = htons((uint16_t)address_port(to)),
		                                .len = htons(sizeof(struct udphdr) + PAYLOAD)};
	}
	return frames;
}

static uint64_t send_all(int fd, struct frame *frames, uint64_t count, failures_t *failures) {
	struct iovec parts[BURST];
	struct mmsghdr messages[BURST] = {0};
	uint64_t sent = 0, next = 0;
	while (!stop) {
		for (unsigned i = 0; i < BURST; i++) {
			parts[i] = (struct iovec){&frames[(next + i) % count], INGRESS_FRAME};
			messages[i].msg_hdr.msg_iov = &parts[i];
			messages[i].msg_hdr.msg_iovlen = 1;
		}
		int done = sendmmsg(fd, messages, BURST, 0);
		if (done >= 0)
			sent += (uint64_t)done;
		else if (errno != EINTR)
			failure_add(failures, errno);
		next += done > 0 ? (uint64_t)done : 1;
	}
	return sent;
}

int main(int argc, char **argv) {
	static const struct option known[] = {
	    {"device", required_argument, NULL, 'd'}, {"ingress", required_argument, NULL, 'i'},
	    {"mac", required_argument, NULL, 'm'},
	    {"from", required_argument, NULL, 'f'},   {"sources", required_argument, NULL, 'n'},
	    {"ports", required_argument, NULL, 'p'},  {"seconds", required_argument, NULL, 's'},
	    {"help", no_argument, NULL, 'h'},         {0}};
	range_t from = {.count = 0};
	uint64_t sources = 0;
	double seconds = 10;
	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) >= 0;) {
		switch (option) {
		case 'd': device = optarg; break;
		case 'i': ingress = optarg; break;
		case 'm': mac = optarg; break;
		case 'f': from = range_parse(optarg); break;
		case 'n': sources = (uint64_t)number("--sources", optarg, 1, MAX_RANGE); break;
		case 'p': ports = (unsigned)number("--ports", optarg, 1, 1000); break;
		case 's': seconds = number("--seconds", optarg, 0.01, 3600); break;
		case 'h': fputs(usage, stdout); return 0;
		default: misuse("unknown or incomplete option");
		}
	}
	address_t to = target_parse(argc - optind, argv + optind, &from, &sources);
	if (!device == !ingress || !mac || !sources)
		misuse("needs --device or --ingress, --mac and --from");
	struct ether_addr *next_hop = ether_aton(mac);
	if (!next_hop)
		misuse("--mac '%s': no Ethernet address", mac);
	if (to.any.sa_family != AF_INET || sources * ports > MOST_FLOWS)
		misuse("IPv4 only, and at most %d flows", MOST_FLOWS);
	struct ethhdr ethernet = {.h_source = {2}, .h_proto = htons(ETH_P_IP)};
	memcpy(ethernet.h_dest, next_hop, ETH_ALEN);
	int fd = ingress ? -1 : open_device(&ethernet);
	struct frame *frames = frames_of(&ethernet, &to, &from, sources);
	if (ingress)
		ingress_open(ingress, frames, (uint32_t)(sources * ports));
	failures_t failures = {0};
	run_prepare();
	run_limit(seconds);
	uint64_t begin = now_ns();
	uint64_t sent = ingress ? ingress_run() : send_all(fd, frames, sources * ports, &failures);
	double time = (double)(now_ns() - begin) / 1e9;
	report_open(NULL);
	json_begin(NULL);
	json_count("sent", sent);
	json_count("flows", sources * ports);
	json_real("seconds", time);
	json_real("per_second", (double)sent / time);
	failures_print("errors", &failures);
	json_end();
	return 0;
}

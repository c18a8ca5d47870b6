/*
 * whoserver: answers its name to every line over TCP (to a GET as HTTP/1.0, for curl), and to every datagram over UDP
 * (name, space, what was sent).
 * Datagrams are answered from the address they were sent to, as a client of a VIP expects.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "addresses.h"
#include "report.h"
#include "run.h"

static const char usage[] =
    "Usage: whoserver [OPTIONS]\n"
    "  --name NAME          what to answer, at most 31 characters (default: $LAB_NODE, else the host name)\n"
    "  --port N             TCP and UDP port (default 5001)\n"
    "  --address A          bind to A; repeatable (default: any address, IPv4 and IPv6)\n"
    "  --background         return when bound, printing the server's pid\n"
    "  --seconds S          end after S seconds, at most 86400 (default 3600)\n"
    "  --out FILE           write the report there (default stdout)\n"
    "It answers lines, HTTP GETs and datagrams. SIGTERM and Ctrl-C end it.\n"
    "The report, one line of JSON, counts connections, requests and datagrams.\n"
    "Example: whoserver --name s1 --background --out s1.json\n";

enum { MAX_ADDRESSES = 64, LISTENER = 1, DATAGRAMS = 2, CONNECTION = 3 };
static char name[NAME_SIZE + 1];
static size_t name_length; /* with the newline that follows it */
static uint64_t connections, requests, datagrams, open_now, most_open;
static int poller;

static void watch(int fd, uint64_t kind) {
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = kind << 32 | (uint32_t)fd};
	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll_ctl");
}

static void serve_on(address_t address) {
	char text[INET6_ADDRSTRLEN];
	int v6 = address.any.sa_family == AF_INET6, on = 1;
	for (uint64_t kind = LISTENER; kind <= DATAGRAMS; kind++) {
		int fd = address_socket(&address, kind == LISTENER ? SOCK_STREAM : SOCK_DGRAM);
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
		if (v6)
			setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
		if (kind == DATAGRAMS) {
			int size = 8 << 20;
			if (v6)
				setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
			else
				setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
			if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
				setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
		}
		if (fd < 0 || bind(fd, &address.any, address_size(&address)) < 0 || (kind == LISTENER && listen(fd, 4096) < 0))
			die("%s port %u", address_text(&address, text), address_port(&address));
		watch(fd, kind);
	}
}

static void accept_all(int listener) {
	for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
		watch(fd, CONNECTION);
		connections++;
		if (++open_now > most_open)
			most_open = open_now;
	}
}

/* For curl and browsers; HTTP/1.0, so that closing ends the answer: RFC 1945 */
static void answer_http(int fd) {
	char text[NAME_SIZE + 64];
	int length = snprintf(text, sizeof text, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n%.*s", (int)name_length, name);
	send(fd, text, (size_t)length, 0);
	requests++;
	close(fd);
	open_now--;
}

static void answer(int fd) {
	char asked[4096], text[4096];
	ssize_t got = recv(fd, asked, sizeof asked, 0);
	if (got < 0 && errno == EAGAIN)
		return;
	if (got > 4 && memcmp(asked, "GET ", 4) == 0) {
		answer_http(fd);
		return;
	}
	size_t length = 0;
	for (ssize_t i = 0; i < got; i++) {
		if (asked[i] != '\n' || length + name_length > sizeof text)
			continue;
		memcpy(text + length, name, name_length);
		length += name_length;
		requests++;
	}
	if (got <= 0 || (length && send(fd, text, length, 0) < 0)) {
		close(fd);
		open_now--;
	}
}

/* The control message that came with a datagram names the address it was sent to; sent back as it is, only with the
 * interface cleared (the answer may leave by another one), it chooses the source address: ip(7), ipv6(7). */
static void answer_datagrams(int fd) {
	static char room[NAME_SIZE + 65536];
	char control[256];
	for (int n = 0; n < 64; n++) {
		address_t from;
		struct iovec part = {room + name_length, 65536 - NAME_SIZE};
		struct msghdr message = {&from, sizeof from, &part, 1, control, sizeof control, 0};
		ssize_t got = recvmsg(fd, &message, 0);
		if (got < 0)
			return;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
			if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
				((struct in6_pktinfo *)CMSG_DATA(c))->ipi6_ifindex = 0;
			} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
				struct in_pktinfo *info = (struct in_pktinfo *)CMSG_DATA(c);
				info->ipi_spec_dst = info->ipi_addr;
				info->ipi_ifindex = 0;
			}
		}
		memcpy(room, name, name_length - 1);
		room[name_length - 1] = ' ';
		part = (struct iovec){room, name_length + (size_t)got};
		message.msg_flags = 0;
		datagrams++;
		sendmsg(fd, &message, 0);
	}
}

static void serve(void) {
	struct epoll_event events[256];
	while (!stop) {
		int ready = epoll_wait(poller, events, 256, 1000);
		for (int i = 0; i < ready; i++) {
			int fd = (int)(uint32_t)events[i].data.u64;
			switch (events[i].data.u64 >> 32) {
			case LISTENER: accept_all(fd); break;
			case DATAGRAMS: answer_datagrams(fd); break;
			default: answer(fd);
			}
		}
	}
}

int main(int argc, char **argv) {
	static const struct option known[] = {{"name", 1, 0, 'n'},    {"port", 1, 0, 'p'},       {"address", 1, 0, 'a'},
	                                      {"seconds", 1, 0, 's'}, {"background", 0, 0, 'b'}, {"out", 1, 0, 'o'},
	                                      {"help", 0, 0, '?'},    {0}};
	const char *addresses[MAX_ADDRESSES] = {"0.0.0.0", "::"}, *port = "5001", *out = NULL;
	const char *called = getenv("LAB_NODE");
	int bound = 0, background = 0;
	double seconds = 3600;
	if (called)
		snprintf(name, NAME_SIZE, "%s", called);
	else
		gethostname(name, NAME_SIZE - 1);
	for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (c) {
		case 'n': snprintf(name, NAME_SIZE, "%s", optarg); break;
		case 'p': port = optarg; break;
		case 's': seconds = number("--seconds", optarg, 0.1, 86400); break;
		case 'b': background = 1; break;
		case 'o': out = optarg; break;
		case 'a':
			if (bound == MAX_ADDRESSES)
				misuse("at most %d addresses", MAX_ADDRESSES);
			addresses[bound++] = optarg;
			break;
		default:
			if (strcmp(argv[optind - 1], "--help") != 0)
				misuse("unknown or incomplete option");
			fputs(usage, stdout);
			return 0;
		}
	}
	if (optind < argc || !*name)
		misuse("takes no arguments, and the name may not be empty");
	run_prepare();
	report_open(out);
	poller = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 0; i < (bound ? bound : 2); i++)
		serve_on(address_parse(addresses[i], port));
	if (background)
		run_background();
	run_limit(seconds);
	char line[NAME_SIZE];
	strcpy(line, name);
	name_length = strlen(strcat(name, "\n"));
	serve();
	json_begin(NULL);
	json_text("server", line);
	json_count("connections", connections);
	json_count("most_open", most_open);
	json_count("requests", requests);
	json_count("datagrams", datagrams);
	json_real("own_cpu_seconds", (double)own_cpu_ns() / 1e9);
	json_end();
	return 0;
}

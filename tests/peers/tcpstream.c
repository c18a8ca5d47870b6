/*
 * tcpstream: one TCP connection that sends as fast as it can; with --sink the other end, which throws all away. Only one
 * connection, unlike iperf3: a balancer may bring two connections of one client to two servers.
 */
#include <errno.h>
#include <getopt.h>
#include <linux/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addresses.h"
#include "report.h"
#include "run.h"

static const char usage[] =
    "Usage: tcpstream [OPTIONS] ADDRESS PORT\n"
    "       tcpstream --sink [OPTIONS]\n"
    "Sends over one connection as fast as it goes. Prints one line of JSON at the end.\n"
    "  --from CIDR          source addresses (they must be local; default: the kernel's choice)\n"
    "  --source N           use number N of them (default 0)\n"
    "  --seconds S          stop after S seconds, at most 3600 (default 10)\n"
    "  --warm-up S          then start to count after S seconds (default 0)\n"
    "  --sink               receive: one connection after the other, IPv4 and IPv6, any address\n"
    "  --port N             with --sink: TCP port (default 5003)\n"
    "  --background         with --sink: return when bound, printing the sink's pid\n"
    "The report: bytes (acknowledged by the receiver's kernel), seconds, gigabits_per_second, retransmitted segments.\n"
    "SIGTERM and Ctrl-C end it, the sender with the report.\n"
    "Example: tcpstream --from 50.0.0.0/16 --seconds 5 10.0.0.0 5003\n";

enum { CHUNK = 128 << 10 };
static char chunk[CHUNK];

static int is_sink, is_background;
static unsigned port = 5003;
static uint64_t source;
static double seconds = 10, warm_up;

static void sink(void) {
	address_t any = {.v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)}};
	int on = 1, listener = address_socket(&any, SOCK_STREAM);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (listener < 0 || bind(listener, &any.any, address_size(&any)) < 0 || listen(listener, 16) < 0)
		die("port %u", port);
	if (is_background)
		run_background();
	while (!stop) {
		struct pollfd ready = {listener, POLLIN, 0};
		int fd = poll(&ready, 1, 1000) == 1 ? accept(listener, NULL, NULL) : -1;
		if (fd < 0)
			continue;
		while (!stop && recv(fd, chunk, sizeof chunk, 0) > 0)
			;
		close(fd);
	}
}

static struct tcp_info info(int fd) {
	struct tcp_info about = {0};
	socklen_t size = sizeof about;
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &about, &size) < 0)
		die("TCP_INFO");
	return about;
}

static void stream(address_t to, const range_t *from) {
	int fd = socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval limit = {5, 0};
	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit); /* of connect, too: socket(7) */
	if (from->count) {
		address_t own = range_pick(from, source, 0);
		if (bind(fd, &own.any, address_size(&own)) < 0)
			die("source %llu", (unsigned long long)source);
	}
	if (connect(fd, &to.any, address_size(&to)) < 0)
		die("connect");
	uint64_t begin = now_ns(), counted = begin, end = begin + (uint64_t)((warm_up + seconds) * 1e9), before = 0, now = begin;
	int is_warm = warm_up == 0;
	for (; !stop && now < end; now = now_ns()) {
		if (!is_warm && now - begin >= (uint64_t)(warm_up * 1e9)) {
			is_warm = 1;
			counted = now;
			before = info(fd).tcpi_bytes_acked;
		}
		if (send(fd, chunk, sizeof chunk, 0) < 0 && errno != EINTR)
			die("send");
	}
	struct tcp_info about = info(fd);
	double time = (double)(now_ns() - counted) / 1e9;
	uint64_t bytes = about.tcpi_bytes_acked - before;
	report_open(NULL);
	json_begin(NULL);
	json_count("bytes", bytes);
	json_real("seconds", time);
	json_real("gigabits_per_second", (double)bytes * 8 / time / 1e9);
	json_count("retransmitted", about.tcpi_total_retrans);
	json_end();
	close(fd);
}

int main(int argc, char **argv) {
	static const struct option known[] = {
	    {"from", required_argument, NULL, 'f'},  {"source", required_argument, NULL, 'n'},
	    {"port", required_argument, NULL, 'p'},  {"seconds", required_argument, NULL, 's'},
	    {"warm-up", required_argument, NULL, 'w'}, {"sink", no_argument, NULL, 'k'},
	    {"background", no_argument, NULL, 'b'},  {"help", no_argument, NULL, 'h'},
	    {0}};
	range_t from = {.count = 0};
	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) >= 0;) {
		switch (option) {
		case 'f': from = range_parse(optarg); break;
		case 'n': source = (uint64_t)number("--source", optarg, 0, MAX_RANGE); break;
		case 'p': port = (unsigned)number("--port", optarg, 1, 65535); break;
		case 's': seconds = number("--seconds", optarg, 0.01, 3600); break;
		case 'w': warm_up = number("--warm-up", optarg, 0, 3600); break;
		case 'k': is_sink = 1; break;
		case 'b': is_background = 1; break;
		case 'h': fputs(usage, stdout); return 0;
		default: misuse("unknown or incomplete option");
		}
	}
	run_prepare();
	if (is_sink) {
		if (optind != argc)
			misuse("--sink takes no ADDRESS");
		sink();
		return 0;
	}
	uint64_t sources = 0;
	stream(target_parse(argc - optind, argv + optind, &from, &sources), &from);
	return 0;
}

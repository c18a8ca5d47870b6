/*
 * tcpload: connect, ask, read the answer, close, again and again; counts which server answered. See usage below.
 * One thread, one epoll: at 15,000 connections a second it needs most of a core, so look at its own cpu figure too.
 */
#include "tcpload.h"

#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "run.h"

static const char usage[] =
    "Usage: tcpload [OPTIONS] ADDRESS PORT\n"
    "Connects, sends a request, reads the server's name, closes. Prints one line of JSON at the end.\n"
    "  --from CIDR          source addresses, used in turn (they must be local; default: the kernel's choice)\n"
    "  --sources N          use only the first N of them\n"
    "  --concurrency N      connections at a time, 1 to 20000 (default 64)\n"
    "  --count N            stop after N connections (default: unlimited with --seconds, else 1000)\n"
    "  --seconds S          stop after S seconds, at most 3600 (default 60)\n"
    "  --rate N             open N connections per second (default: as fast as answers come)\n"
    "  --timeout S          give a connection up after S seconds (default 5)\n"
    "  --request TEXT       what to send, a newline is added (default who)\n"
    "  --hold N             instead keep N connections open and ask on each again and again; prints a line when\n"
    "                       all are answered once and a second one at the end: which broke or changed server\n"
    "  --interval S         with --hold: seconds between two requests on a connection (default 1)\n"
    "  --strict             exit 1 when anything failed\n"
    "SIGTERM and Ctrl-C end it early, with the report.\n"
    "Example: tcpload --from 50.0.0.0/16 --seconds 5 10.0.0.0 5001\n";

typedef struct {
	int fd; /* -1: free */
	int asked;
	uint64_t opened_ns;
} connection_t;

int connection_open(const options_t *options, uint64_t index) {
	int fd = address_socket(&options->to, SOCK_STREAM);
	if (fd < 0)
		return -errno;
	int on = 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	int failed = 0;
	if (options->sources) {
		address_t from = range_pick(&options->from, index % options->sources, 0);
		failed = bind(fd, &from.any, address_size(&from)) < 0;
	}
	if (failed ||
	    (connect(fd, &options->to.any, address_size(&options->to)) < 0 && errno != EINPROGRESS)) {
		int error = errno;
		close(fd);
		return -error;
	}
	return fd;
}

int connection_error(int fd) {
	int error = 0;
	socklen_t size = sizeof error;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	return error ? error : FAIL_EOF;
}

int answer_read(int fd, char *buffer, int size) {
	ssize_t got = recv(fd, buffer, (size_t)size, 0);
	if (got == 0)
		return -FAIL_EOF;
	if (got < 0)
		return errno == EAGAIN ? 0 : -errno;
	const char *newline = memchr(buffer, '\n', (size_t)got);
	return newline ? (int)(newline - buffer) : (int)got;
}

static const options_t *options;
static struct {
	uint64_t opened, completed, late;
	failures_t failures;
	latency_t connect, answer;
	tally_t servers;
} seen;
static connection_t *connections;
static unsigned *free_slots, free_count;
static int poller;

static void finish(connection_t *connection, int error) {
	close(connection->fd);
	connection->fd = -1;
	free_slots[free_count++] = (unsigned)(connection - connections);
	if (error)
		failure_add(&seen.failures, error);
	else
		seen.completed++;
}

static int open_next(void) {
	uint64_t begin = now_ns();
	int fd = connection_open(options, seen.opened++);
	if (fd < 0) {
		failure_add(&seen.failures, -fd);
		return 0;
	}
	connection_t *connection = &connections[free_slots[--free_count]];
	*connection = (connection_t){.fd = fd, .opened_ns = begin};
	/* edge-triggered for both directions: one epoll_ctl per connection */
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = connection};
	epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
	return 1;
}

static void proceed(connection_t *connection, unsigned events) {
	char name[256];
	if (connection->fd < 0)
		return;
	if (events & (EPOLLERR | EPOLLHUP)) {
		finish(connection, connection_error(connection->fd));
		return;
	}
	if (!connection->asked && events & EPOLLOUT) {
		latency_add(&seen.connect, now_ns() - connection->opened_ns);
		if (send(connection->fd, options->request, strlen(options->request), 0) < 0) {
			finish(connection, errno);
			return;
		}
		connection->asked = 1;
	}
	if (!(events & EPOLLIN))
		return;
	int length = answer_read(connection->fd, name, sizeof name);
	if (length > 0) {
		seen.servers.counts[tally_index(&seen.servers, name, (size_t)length)]++;
		latency_add(&seen.answer, now_ns() - connection->opened_ns);
		finish(connection, 0);
	} else if (length < 0) {
		finish(connection, -length);
	}
}

static void give_up_old(uint64_t now) {
	for (unsigned i = 0; i < options->concurrency; i++)
		if (connections[i].fd >= 0 && (double)(now - connections[i].opened_ns) > options->timeout * 1e9)
			finish(&connections[i], FAIL_TIMEOUT);
}

static void load(void) {
	struct epoll_event events[256];
	uint64_t begin = now_ns(), now = begin, checked = begin;
	uint64_t end = begin + (uint64_t)(options->seconds * 1e9);
	uint64_t due = begin;
	while (!stop && now < end && (seen.opened < options->count || free_count < options->concurrency)) {
		uint64_t wait = 10000000;
		while (seen.opened < options->count && free_count > 0) {
			if (options->rate > 0) {
				due = begin + (uint64_t)((double)seen.opened / options->rate * 1e9);
				if (due > now)
					break;
				seen.late += now - due > 10000000;
			}
			if (!open_next()) {
				wait = 1000000; /* nothing to be gained from failing in a tight loop */
				break;
			}
		}
		if (options->rate > 0 && free_count > 0 && due > now && due - now < wait)
			wait = due - now;
		struct timespec timeout = {0, (long)wait};
		int ready = epoll_pwait2(poller, events, 256, &timeout, NULL);
		for (int i = 0; i < ready; i++)
			proceed(events[i].data.ptr, events[i].events);
		now = now_ns();
		if (now - checked > 100000000) {
			give_up_old(now);
			checked = now;
		}
	}
	double seconds = (double)(now - begin) / 1e9;
	char address[INET6_ADDRSTRLEN];
	json_begin(NULL);
	json_text("mode", "load");
	json_text("address", address_text(&options->to, address));
	json_count("port", address_port(&options->to));
	json_real("seconds", seconds);
	json_count("connections", seen.completed);
	json_count("failed", seen.failures.total);
	json_count("unfinished", options->concurrency - free_count);
	failures_print("errors", &seen.failures);
	json_real("per_second", (double)seen.completed / seconds);
	if (options->rate > 0)
		json_count("opened_late", seen.late); /* more than 10 ms after their time: the rate was not kept */
	tally_print("servers", &seen.servers);
	latency_print("connect_us", &seen.connect);
	latency_print("answer_us", &seen.answer);
	json_real("own_cpu_seconds", (double)own_cpu_ns() / 1e9);
	json_end();
}

static options_t parse(int argc, char **argv, int *holding) {
	static const struct option known[] = {
	    {"from", 1, 0, 'f'},     {"sources", 1, 0, 'n'}, {"concurrency", 1, 0, 'c'}, {"count", 1, 0, 't'},
	    {"seconds", 1, 0, 's'},  {"rate", 1, 0, 'r'},    {"timeout", 1, 0, 'o'},     {"request", 1, 0, 'q'},
	    {"hold", 1, 0, 'h'},     {"interval", 1, 0, 'i'}, {"strict", 0, 0, 'x'},     {"help", 0, 0, '?'}, {0}};
	options_t parsed = {.concurrency = 64, .timeout = 5, .interval = 1, .request = "who\n"};
	for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (c) {
		case 'f': parsed.from = range_parse(optarg); break;
		case 'n': parsed.sources = (uint64_t)number("--sources", optarg, 1, MAX_RANGE); break;
		case 'c': parsed.concurrency = (unsigned)number("--concurrency", optarg, 1, 20000); break;
		case 't': parsed.count = (uint64_t)number("--count", optarg, 1, 1e9); break;
		case 's': parsed.seconds = number("--seconds", optarg, 0.001, 3600); break;
		case 'r': parsed.rate = number("--rate", optarg, 0.001, 1e6); break;
		case 'o': parsed.timeout = number("--timeout", optarg, 0.001, 600); break;
		case 'i': parsed.interval = number("--interval", optarg, 0.001, 600); break;
		case 'x': parsed.strict = 1; break;
		case 'h':
			parsed.count = (uint64_t)number("--hold", optarg, 1, 100000);
			*holding = 1;
			break;
		case 'q':
			if (strlen(optarg) > sizeof parsed.request - 2)
				misuse("--request: at most %zu bytes", sizeof parsed.request - 2);
			strcat(strcpy(parsed.request, optarg), "\n");
			break;
		default:
			if (strcmp(argv[optind - 1], "--help") != 0)
				misuse("unknown or incomplete option");
			fputs(usage, stdout);
			exit(0);
		}
	}
	parsed.to = target_parse(argc - optind, argv + optind, &parsed.from, &parsed.sources);
	if (!parsed.count)
		parsed.count = parsed.seconds > 0 ? UINT64_MAX : 1000;
	if (!(parsed.seconds > 0))
		parsed.seconds = 60;
	return parsed;
}

int main(int argc, char **argv) {
	int holding = 0;
	options_t parsed = parse(argc, argv, &holding);
	options = &parsed;
	run_prepare();
	report_open(NULL);
	if (holding)
		return hold(&parsed) > 0 && parsed.strict;
	poller = epoll_create1(EPOLL_CLOEXEC);
	connections = calloc(parsed.concurrency, sizeof *connections);
	free_slots = calloc(parsed.concurrency, sizeof *free_slots);
	if (poller < 0 || !connections || !free_slots)
		die("start");
	for (unsigned i = parsed.concurrency; i-- > 0;) {
		connections[i].fd = -1;
		free_slots[free_count++] = i;
	}
	load();
	return seen.failures.total > 0 && parsed.strict;
}

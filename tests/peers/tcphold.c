/*
 * tcpload --hold: connections that stay open while others change the balancer under them.
 * They ask in turn, spread evenly over the interval, so that a break is noticed within one interval.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "run.h"
#include "tcpload.h"

typedef struct {
	int fd; /* -1: not open (any more) */
	int server; /* index in the tally, -1 before the first answer */
	uint64_t asked_ns; /* 0: nothing outstanding */
} held_t;

static const options_t *options;
static held_t *held;
static int poller;
static uint64_t opened, pending, established, requests, answers, changed;
static failures_t not_opened, broken;
static tally_t servers;
static latency_t latency;

static void lose(held_t *connection, int error) {
	close(connection->fd);
	connection->fd = -1;
	if (connection->server < 0) {
		failure_add(&not_opened, error);
		pending--;
	} else {
		failure_add(&broken, error);
	}
}

static void ask(held_t *connection, uint64_t now) {
	if (send(connection->fd, options->request, strlen(options->request), 0) < 0) {
		if (errno != EAGAIN)
			lose(connection, errno);
		return;
	}
	connection->asked_ns = now;
	requests++;
}

static void open_more(uint64_t now) {
	while (opened < options->count && pending < options->concurrency) {
		held_t *connection = &held[opened];
		*connection = (held_t){.fd = connection_open(options, opened), .server = -1, .asked_ns = now};
		opened++;
		if (connection->fd < 0) {
			failure_add(&not_opened, -connection->fd);
			connection->fd = -1;
			continue;
		}
		pending++;
		struct epoll_event event = {.events = EPOLLOUT, .data.ptr = connection};
		epoll_ctl(poller, EPOLL_CTL_ADD, connection->fd, &event);
	}
}

static void proceed(held_t *connection, unsigned events) {
	char name[256];
	if (connection->fd < 0)
		return;
	if (events & (EPOLLERR | EPOLLHUP)) {
		lose(connection, connection_error(connection->fd));
		return;
	}
	if (events & EPOLLOUT) {
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
		epoll_ctl(poller, EPOLL_CTL_MOD, connection->fd, &event);
		ask(connection, now_ns());
		return;
	}
	int length = answer_read(connection->fd, name, sizeof name);
	if (length < 0)
		lose(connection, -length);
	if (length <= 0)
		return;
	int server = (int)tally_index(&servers, name, (size_t)length);
	answers++;
	latency_add(&latency, now_ns() - connection->asked_ns);
	connection->asked_ns = 0;
	if (connection->server < 0) {
		servers.counts[server]++;
		established++;
		pending--;
	} else if (connection->server != server) {
		changed++;
	}
	connection->server = server;
}

static void check_old(uint64_t now) {
	for (uint64_t i = 0; i < opened; i++)
		if (held[i].fd >= 0 && held[i].asked_ns && (double)(now - held[i].asked_ns) > options->timeout * 1e9)
			lose(&held[i], FAIL_TIMEOUT);
}

static void report(const char *state, double seconds) {
	static tally_t alive;
	alive = servers;
	memset(alive.counts, 0, sizeof alive.counts);
	uint64_t open = 0;
	for (uint64_t i = 0; i < opened; i++) {
		if (held[i].fd >= 0 && held[i].server >= 0) {
			alive.counts[held[i].server]++;
			open++;
		}
	}
	json_begin(NULL);
	json_text("mode", "hold");
	json_text("state", state);
	json_real("seconds", seconds);
	json_count("connections", established);
	json_count("open", open);
	json_count("failed", not_opened.total);
	failures_print("errors", &not_opened);
	json_count("broken", broken.total);
	failures_print("broken_by", &broken);
	json_count("changed", changed);
	json_count("requests", requests);
	json_count("answers", answers);
	tally_print("servers", &servers);
	tally_print("servers_open", &alive);
	latency_print("answer_us", &latency);
	json_end();
}

uint64_t hold(const options_t *given) {
	options = given;
	poller = epoll_create1(EPOLL_CLOEXEC);
	held = calloc(options->count, sizeof *held);
	if (poller < 0 || !held)
		die("start");
	struct epoll_event events[256];
	uint64_t begin = now_ns(), now = begin, checked = begin, due = begin, turn = 0;
	uint64_t end = begin + (uint64_t)(options->seconds * 1e9);
	uint64_t step = (uint64_t)(options->interval * 1e9 / (double)options->count);
	int announced = 0;
	while (!stop && now < end) {
		open_more(now);
		if (!announced && opened == options->count && pending == 0) {
			report("established", (double)(now - begin) / 1e9);
			announced = 1;
			due = now;
		}
		for (; announced && due <= now; due += step) {
			held_t *next = &held[turn++ % options->count];
			if (next->fd >= 0 && !next->asked_ns)
				ask(next, now);
		}
		uint64_t wait = announced && due - now < 10000000 ? due - now : 10000000;
		struct timespec timeout = {0, (long)wait};
		int ready = epoll_pwait2(poller, events, 256, &timeout, NULL);
		for (int i = 0; i < ready; i++)
			proceed(events[i].data.ptr, events[i].events);
		now = now_ns();
		if (now - checked > 50000000) {
			check_old(now);
			checked = now;
		}
	}
	report("ended", (double)(now - begin) / 1e9);
	return not_opened.total + broken.total + changed;
}

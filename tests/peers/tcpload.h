/*
 * What the two ways of loading a TCP service share.
 */
#pragma once
#include "addresses.h"
#include "report.h"

typedef struct {
	address_t to;
	range_t from;         /* source addresses; count 0: the kernel chooses */
	uint64_t sources;     /* how many of them are used */
	unsigned concurrency; /* connections being opened or answered at a time */
	uint64_t count;       /* connections in all */
	double seconds;
	double rate;          /* opened per second; 0: as fast as answers allow */
	double timeout;       /* seconds for connect and answer together */
	double interval;      /* hold: seconds between two requests of a connection */
	char request[64];     /* with its newline */
	int strict;
} options_t;

/* Start to connect from source number index. The descriptor, or -errno. */
int connection_open(const options_t *options, uint64_t index);

/* The errno of a connection that epoll reports as failed or hung up, FAIL_EOF when there is none. */
int connection_error(int fd);

/* The server's name is the answer's first line. Its length, 0 while none is there, -errno or -FAIL_EOF. */
int answer_read(int fd, char *buffer, int size);

/* Keep options->count connections open and use them; prints the report. The number that failed, broke or changed. */
uint64_t hold(const options_t *options);

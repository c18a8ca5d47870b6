/*
 * cpuclock PID…: the CPU time in ns (user + system, all threads, also those that have ended) each process has used.
 * /proc/PID/stat knows the same in ticks of 10 ms, /proc/PID/schedstat only one thread. clock_getcpuclockid(3).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "run.h"

int main(int argc, char **argv) {
	if (argc < 2)
		misuse("usage: cpuclock PID…");
	for (int i = 1; i < argc; i++) {
		clockid_t clock;
		struct timespec t;
		int error = clock_getcpuclockid((pid_t)number("pid", argv[i], 1, 1 << 22), &clock);
		if (error || clock_gettime(clock, &t)) {
			errno = error ? error : errno;
			die("process %s", argv[i]);
		}
		printf("%" PRIu64 "\n", (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec);
	}
	return 0;
}

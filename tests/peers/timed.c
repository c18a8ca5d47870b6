/*
 * timed COMMAND [ARG…]: runs a command to its end and prints one line of JSON: when it began and ended (CLOCK_MONOTONIC
 * in ns, the clock of udpsink's trace), its CPU time and largest resident set, its exit code. What the command itself
 * prints goes to standard error's place: nowhere, unless TIMED_KEEP names a file.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run.h"

static uint64_t micros(struct timeval t) { return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_usec; }

int main(int argc, char **argv) {
	if (argc < 2)
		misuse("usage: timed COMMAND [ARG…]");
	const char *keep = getenv("TIMED_KEEP");
	int out = open(keep ? keep : "/dev/null", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (out < 0)
		die("%s", keep);
	uint64_t begin = now_ns();
	pid_t pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		dup2(out, 1);
		dup2(out, 2);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	int status;
	struct rusage used;
	if (wait4(pid, &status, 0, &used) < 0)
		die("wait4");
	uint64_t end = now_ns();
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	printf("{\"begin_ns\":%" PRIu64 ",\"end_ns\":%" PRIu64 ",\"wall_us\":%" PRIu64 ",\"user_us\":%" PRIu64
	       ",\"system_us\":%" PRIu64 ",\"max_rss_kib\":%ld,\"exit\":%d}\n",
	       begin, end, (end - begin) / 1000, micros(used.ru_utime), micros(used.ru_stime), used.ru_maxrss, code);
	return code;
}

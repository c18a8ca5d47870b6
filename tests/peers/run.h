/*
 * What every peer does the same way: time, stopping, usage errors, going to the background.
 */
#pragma once
#include <signal.h>
#include <stdint.h>
#include <stdnoreturn.h>

/* Set by SIGTERM and SIGINT, and by SIGALRM after run_limit(): finish and print the report. */
extern volatile sig_atomic_t stop;

/* Catch the signals above, ignore SIGPIPE, raise the limit of open files to the hard limit. */
void run_prepare(void);

/* Stop by ourselves after this many seconds. */
void run_limit(double seconds);

/* CLOCK_MONOTONIC in ns: the same clock in all namespaces, and Java's System.nanoTime(). */
uint64_t now_ns(void);
void sleep_until_ns(uint64_t time);

/* CPU time of this process (user + system) in ns. */
uint64_t own_cpu_ns(void);

/* Parse a number within limits; exit 2 with a message when it is none. */
double number(const char *what, const char *text, double low, double high);

/* Fork; the parent prints the child's pid and exits 0. Call when sockets are bound, so that whoever started us may
 * go on. The report then goes to the file given to report_open, standard streams to /dev/null. */
void run_background(void);

noreturn void misuse(const char *format, ...) __attribute__((format(printf, 1, 2)));
noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2))); /* with errno, exit 1 */

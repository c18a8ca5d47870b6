/*
 * Counting things and printing them as one line of JSON.
 */
#pragma once
#include <stdint.h>
#include <stdio.h>

/* --- where the report goes: stdout, or a file when a path was given (created now, so that a bad path fails early) */
void report_open(const char *path);

/* --- writing; the commas are put in by themselves */
void json_begin(const char *key); /* "key":{   or { at the top, with key NULL */
void json_end(void);              /* }  and, at the top, the newline and a flush */
void json_text(const char *key, const char *value);
void json_count(const char *key, uint64_t value);
void json_real(const char *key, double value);
void json_counts(const char *key, const uint64_t *values, unsigned count); /* an array */

/* --- counts by name: servers */
#define MAX_NAMES 256
#define NAME_SIZE 32
typedef struct {
	unsigned used;
	char names[MAX_NAMES][NAME_SIZE];
	uint64_t counts[MAX_NAMES];
} tally_t;

/* The index of the name (added when new, cut to NAME_SIZE - 1); when the table is full, the last index stands for all others. */
unsigned tally_index(tally_t *tally, const char *name, size_t length);
void tally_print(const char *key, const tally_t *tally); /* in natural order: s2 before s10 */

/* --- counts by errno; numbers above the errno range are our own */
enum { FAIL_TIMEOUT = 200, FAIL_EOF, FAIL_CHANGED, FAIL_MAX };
typedef struct {
	uint64_t total;
	uint64_t counts[FAIL_MAX];
} failures_t;
void failure_add(failures_t *failures, int error);
void failures_print(const char *key, const failures_t *failures);

/* --- latencies: 1 us to 67 s, steps of 1/32 (3 %) */
typedef struct {
	uint64_t count, max_ns, min_ns;
	uint64_t buckets[26 * 32];
} latency_t;
void latency_add(latency_t *latency, uint64_t ns);
void latency_print(const char *key, const latency_t *latency); /* microseconds */

#include "report.h"

#include <string.h>

#include "run.h"

static FILE *out;
static unsigned depth;
static int need_comma;

void report_open(const char *path) {
	out = path ? fopen(path, "we") : stdout;
	if (!out)
		die("--out %s", path);
}

static void key_of(const char *key) {
	if (!out)
		out = stdout;
	if (need_comma)
		fputc(',', out);
	need_comma = 1;
	if (key)
		fprintf(out, "\"%s\":", key);
}

void json_begin(const char *key) {
	key_of(key);
	fputc('{', out);
	need_comma = 0;
	depth++;
}

void json_end(void) {
	fputc('}', out);
	need_comma = 1;
	if (--depth == 0) {
		fputc('\n', out);
		fflush(out);
		need_comma = 0;
	}
}

void json_text(const char *key, const char *value) {
	key_of(key);
	fputc('"', out);
	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;
		if (c < 0x20 || c >= 0x7f)
			fprintf(out, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

void json_count(const char *key, uint64_t value) {
	key_of(key);
	fprintf(out, "%llu", (unsigned long long)value);
}

void json_real(const char *key, double value) {
	key_of(key);
	fprintf(out, "%.3f", value);
}

void json_counts(const char *key, const uint64_t *values, unsigned count) {
	key_of(key);
	fputc('[', out);
	for (unsigned i = 0; i < count; i++)
		fprintf(out, i ? ",%llu" : "%llu", (unsigned long long)values[i]);
	fputc(']', out);
}

unsigned tally_index(tally_t *tally, const char *name, size_t length) {
	char cut[NAME_SIZE] = "";
	memcpy(cut, name, length < NAME_SIZE - 1 ? length : NAME_SIZE - 1);
	for (unsigned i = 0; i < tally->used; i++)
		if (strcmp(tally->names[i], cut) == 0)
			return i;
	if (tally->used == MAX_NAMES) {
		strcpy(tally->names[MAX_NAMES - 1], "(others)");
		return MAX_NAMES - 1;
	}
	strcpy(tally->names[tally->used], cut);
	return tally->used++;
}

void tally_print(const char *key, const tally_t *tally) {
	unsigned char printed[MAX_NAMES] = {0};
	json_begin(key);
	for (unsigned n = 0; n < tally->used; n++) {
		int first = -1;
		for (unsigned i = 0; i < tally->used; i++)
			if (!printed[i] && (first < 0 || strverscmp(tally->names[i], tally->names[first]) < 0))
				first = (int)i;
		printed[first] = 1;
		json_count(tally->names[first], tally->counts[first]);
	}
	json_end();
}

void failure_add(failures_t *failures, int error) {
	failures->total++;
	failures->counts[error >= 0 && error < FAIL_MAX ? error : 0]++;
}

void failures_print(const char *key, const failures_t *failures) {
	static const char *const ours[] = {"TIMEOUT", "EOF", "CHANGED"};
	json_begin(key);
	for (int i = 0; i < FAIL_MAX; i++) {
		const char *name = i >= FAIL_TIMEOUT ? ours[i - FAIL_TIMEOUT] : strerrorname_np(i);
		if (failures->counts[i])
			json_count(name ? name : "UNKNOWN", failures->counts[i]);
	}
	json_end();
}

/* Bucket = 32 steps per doubling, from 1 us (1024 ns) on */
void latency_add(latency_t *latency, uint64_t ns) {
	uint64_t units = ns >> 10 ? ns >> 10 : 1;
	unsigned power = 63 - (unsigned)__builtin_clzll(units);
	unsigned step = (unsigned)(power >= 5 ? units >> (power - 5) : units << (5 - power)) & 31;
	if (power > 25)
		power = 25, step = 31;
	latency->buckets[power * 32 + step]++;
	if (!latency->count++ || ns < latency->min_ns)
		latency->min_ns = ns;
	if (ns > latency->max_ns)
		latency->max_ns = ns;
}

static double percentile(const latency_t *latency, double share) {
	uint64_t seen = 0, wanted = (uint64_t)((double)latency->count * share);
	for (unsigned i = 0; i < 26 * 32; i++) {
		seen += latency->buckets[i];
		if (seen > wanted) {
			double lower = (double)(1ull << (i / 32)) * (1.0 + (i % 32) / 32.0) * 1.024;
			double most = (double)latency->max_ns / 1000;
			return lower < most ? lower : most;
		}
	}
	return (double)latency->max_ns / 1000;
}

void latency_print(const char *key, const latency_t *latency) {
	json_begin(key);
	if (latency->count) {
		json_real("min", (double)latency->min_ns / 1000);
		json_real("p50", percentile(latency, 0.50));
		json_real("p90", percentile(latency, 0.90));
		json_real("p99", percentile(latency, 0.99));
		json_real("p999", percentile(latency, 0.999));
		json_real("max", (double)latency->max_ns / 1000);
	}
	json_end();
}

/*
 * The kernel's BPF_PROG_TEST_RUN with BPF_F_TEST_XDP_LIVE_FRAMES (Linux 5.18, Documentation/bpf/bpf_prog_run.rst): an XDP program
 * is given frames from a pool of pages, writes the next one of ours into each, and passes it to the stack.
 */
#include "ingress.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "run.h"

/* Frames that the kernel makes before it lets the stack work on them: NAPI's own weight */
enum { BATCH = 64 };

#define CODE(...) ((struct bpf_insn){__VA_ARGS__})
#define LOAD(size, to, from, at) CODE(.code = BPF_LDX | (size) | BPF_MEM, .dst_reg = (to), .src_reg = (from), .off = (at))
#define STORE(size, to, at, from) CODE(.code = BPF_STX | (size) | BPF_MEM, .dst_reg = (to), .src_reg = (from), .off = (at))
#define NUMBER(op, to, value) CODE(.code = BPF_ALU64 | (op) | BPF_K, .dst_reg = (to), .imm = (int32_t)(value))
#define REGISTER(op, to, from) CODE(.code = BPF_ALU64 | (op) | BPF_X, .dst_reg = (to), .src_reg = (from))
#define JUMP(op, to, from, by) CODE(.code = BPF_JMP | (op) | BPF_X, .dst_reg = (to), .src_reg = (from), .off = (by))
#define JUMP_NUMBER(op, to, value, by) CODE(.code = BPF_JMP | (op) | BPF_K, .dst_reg = (to), .imm = (int32_t)(value), .off = (by))
#define EXIT CODE(.code = BPF_JMP | BPF_EXIT)

enum { NEXT = 0, MADE = 8 };

static int program, map;
static uint32_t slots;
static struct xdp_md arrival;

static int bpf(int command, union bpf_attr *attributes) { return (int)syscall(SYS_bpf, command, attributes, sizeof *attributes); }

static int load(const struct bpf_insn *code, size_t count) {
	union bpf_attr attributes = {.prog_type = BPF_PROG_TYPE_XDP,
	                             .expected_attach_type = BPF_XDP,
	                             .insns = (uintptr_t)code,
	                             .insn_cnt = (uint32_t)count,
	                             .license = (uintptr_t) "GPL"};
	int fd = bpf(BPF_PROG_LOAD, &attributes);
	if (fd < 0)
		die("loading an XDP program");
	return fd;
}

/* The value of a map: in a slot of its own the number of the next frame and how many were made; then the frames. */
static int map_of(const void *content, uint32_t frames) {
	size_t size = (size_t)(frames + 1) * INGRESS_SLOT;
	union bpf_attr map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = (uint32_t)size, .max_entries = 1};
	int fd = bpf(BPF_MAP_CREATE, &map);
	unsigned char *value = calloc(1, size);
	uint32_t key = 0;
	if (fd < 0 || !value)
		die("memory for %u frames", frames);
	memcpy(value + INGRESS_SLOT, content, size - INGRESS_SLOT);
	union bpf_attr set = {.map_fd = (uint32_t)fd, .key = (uintptr_t)&key, .value = (uintptr_t)value};
	if (bpf(BPF_MAP_UPDATE_ELEM, &set) < 0)
		die("writing %u frames", frames);
	free(value);
	return fd;
}

/* The kernel takes an interface for this only once it is ready for XDP, which a veth is as long as it has a program. */
static void prepare_device(int device) {
	const struct bpf_insn code[] = {NUMBER(BPF_MOV, BPF_REG_0, XDP_PASS), EXIT};
	union bpf_attr link = {.link_create = {.prog_fd = (uint32_t)load(code, 2),
	                                       .target_ifindex = (uint32_t)device,
	                                       .attach_type = BPF_XDP,
	                                       .flags = XDP_FLAGS_DRV_MODE}};
	if (bpf(BPF_LINK_CREATE, &link) < 0) /* goes with this process */
		die("an XDP program at interface %d", device);
}

void ingress_open(const char *device, const void *content, uint32_t frames) {
	map = map_of(content, frames);
	slots = frames + 1;
	struct bpf_insn code[64] = {
	    LOAD(BPF_W, BPF_REG_6, BPF_REG_1, offsetof(struct xdp_md, data)),
	    LOAD(BPF_W, BPF_REG_7, BPF_REG_1, offsetof(struct xdp_md, data_end)),
	    REGISTER(BPF_MOV, BPF_REG_2, BPF_REG_6),
	    NUMBER(BPF_ADD, BPF_REG_2, INGRESS_FRAME),
	    NUMBER(BPF_MOV, BPF_REG_0, XDP_DROP),
	    JUMP(BPF_JLE, BPF_REG_2, BPF_REG_7, 1),
	    EXIT,
	    CODE(.code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = BPF_REG_3, .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = map),
	    CODE(.code = 0),
	    LOAD(BPF_DW, BPF_REG_4, BPF_REG_3, MADE),
	    NUMBER(BPF_ADD, BPF_REG_4, 1),
	    STORE(BPF_DW, BPF_REG_3, MADE, BPF_REG_4),
	    LOAD(BPF_DW, BPF_REG_4, BPF_REG_3, NEXT),
	    JUMP_NUMBER(BPF_JLT, BPF_REG_4, frames, 1),
	    NUMBER(BPF_MOV, BPF_REG_4, 0),
	    REGISTER(BPF_MOV, BPF_REG_5, BPF_REG_4),
	    NUMBER(BPF_ADD, BPF_REG_5, 1),
	    STORE(BPF_DW, BPF_REG_3, NEXT, BPF_REG_5),
	    NUMBER(BPF_MUL, BPF_REG_4, INGRESS_SLOT),
	    REGISTER(BPF_ADD, BPF_REG_3, BPF_REG_4)};
	unsigned count = 20;
	int at = 0;
	for (; at + 8 <= INGRESS_FRAME; at += 8) {
		code[count++] = LOAD(BPF_DW, BPF_REG_2, BPF_REG_3, (int16_t)(INGRESS_SLOT + at));
		code[count++] = STORE(BPF_DW, BPF_REG_6, (int16_t)at, BPF_REG_2);
	}
	code[count++] = LOAD(BPF_W, BPF_REG_2, BPF_REG_3, (int16_t)(INGRESS_SLOT + at));
	code[count++] = STORE(BPF_W, BPF_REG_6, (int16_t)at, BPF_REG_2);
	code[count++] = NUMBER(BPF_MOV, BPF_REG_0, XDP_PASS);
	code[count++] = EXIT;
	program = load(code, count);
	arrival = (struct xdp_md){.data_end = INGRESS_FRAME, .ingress_ifindex = if_nametoindex(device)};
	if (!arrival.ingress_ifindex)
		die("%s", device);
	prepare_device((int)arrival.ingress_ifindex);
}

static uint64_t made(void) {
	uint64_t *value = calloc(slots, INGRESS_SLOT);
	uint32_t key = 0;
	union bpf_attr get = {.map_fd = (uint32_t)map, .key = (uintptr_t)&key, .value = (uintptr_t)value};
	if (!value || bpf(BPF_MAP_LOOKUP_ELEM, &get) < 0)
		die("how many frames were made");
	uint64_t frames = value[MADE / sizeof *value];
	free(value);
	return frames;
}

uint64_t ingress_run(void) {
	unsigned char any[INGRESS_FRAME] = {0};
	/* Each run begins and ends with waiting for all processors, which takes milliseconds: so there is only one. */
	union bpf_attr run = {.test = {.prog_fd = (uint32_t)program,
	                               .data_in = (uintptr_t)any,
	                               .data_size_in = sizeof any,
	                               .ctx_in = (uintptr_t)&arrival,
	                               .ctx_size_in = sizeof arrival,
	                               .repeat = UINT32_MAX,
	                               .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
	                               .batch_size = BATCH}};
	if (bpf(BPF_PROG_TEST_RUN, &run) < 0 && errno != EINTR)
		die("BPF_PROG_TEST_RUN of live frames");
	return made();
}

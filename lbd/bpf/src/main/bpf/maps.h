/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Settings and maps of the tc program, and what all its parts use. */
#ifndef SYNLEV_MAPS_H
#define SYNLEV_MAPS_H

#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "layout.h"

#define inline_always static __always_inline

/* What lbd sets before it loads the program; times in units of 1 << SEEN_SHIFT ns. */
const volatile struct {
	__u32 mark_mask;
	__u32 redirect;
	__u32 tcp_syn;
	__u32 tcp_established;
	__u32 tcp_closing;
	__u32 udp;
	__u32 sctp;
} settings = {.mark_mask = 0xffff};

/* Sizes of the flow tables are set by lbd, too. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, struct key4);
	__type(value, struct flow);
} flows4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, struct key6);
	__type(value, struct flow);
} flows6 SEC(".maps");

/* Flows of which only the first packet was seen: a flood of those evicts only each other. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, struct key4);
	__type(value, struct flow);
} young4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, struct key6);
	__type(value, struct flow);
} young6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct backend);
} backends SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vips);
} vips SEC(".maps");

/* Each worker's, for the program synlev_find; not pinned. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, ASKERS);
	__type(key, __u32);
	__type(value, struct questions);
} questions SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} statistics SEC(".maps");

/* What of a packet matters once its headers were read. */
struct packet {
	__u32 bytes;      /* from the IP header on */
	__u8 protocol;
	__u8 tcp_flags;   /* 0 unless TCP */
	__u8 has_data;    /* TCP: behind the header */
};

inline_always int miss(struct counters *count, enum counter why)
{
	count->of[why]++;
	return TC_ACT_UNSPEC; /* other filters may follow */
}

#endif

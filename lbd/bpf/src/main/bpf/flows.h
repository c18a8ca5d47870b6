/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Finding a packet's flow, and a flow's life. */
#ifndef SYNLEV_FLOWS_H
#define SYNLEV_FLOWS_H

#include <linux/errno.h>
#include <linux/in.h>

#include "maps.h"

#define TCP_FIN 1
#define TCP_SYN 2
#define TCP_RST 4
#define TCP_ACK 16

inline_always __u32 idle_limit(const struct packet *packet, __u8 state, int is_young)
{
	if (packet->protocol == IPPROTO_TCP) {
		if (state & FLOW_CLOSING)
			return settings.tcp_closing;
		return is_young ? settings.tcp_syn : settings.tcp_established;
	}
	return packet->protocol == IPPROTO_UDP ? settings.udp : settings.sctp;
}

/* Whether the packet or its flow's state asks for more than counting. */
inline_always int is_special(const struct flow *flow, const struct packet *packet)
{
	return packet->tcp_flags & (TCP_FIN | TCP_SYN | TCP_RST) || flow->state;
}

/* FIN and RST shorten a flow's life, data behind them restores it: a forged RST does little. */
inline_always void follow_state(struct flow *flow, const struct packet *packet)
{
	if (packet->tcp_flags & (TCP_FIN | TCP_RST))
		flow->state |= FLOW_CLOSING;
	else if (packet->has_data)
		flow->state = 0;
}

inline_always int is_first(const struct packet *packet)
{
	return (packet->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

inline_always int is_reopening(const struct flow *flow, const struct packet *packet)
{
	return flow->state & FLOW_CLOSING && is_first(packet);
}

/* On the wire; what is as short as this is worth no look at its segments. */
inline_always __u32 packets_in(struct __sk_buff *skb)
{
	return skb->len > 256 && skb->gso_segs > 1 ? skb->gso_segs : 1;
}

/*
 * The time, asked for once in a tick of the kernel's: reading jiffies is one instruction, asking
 * costs 12 ns. Processors may ask at the same time; what they write is one word.
 */
inline_always __u32 time_of(struct vips *shared)
{
	__u32 jiffies = bpf_jiffies64();
	__u64 clock = *(volatile __u64 *)&shared->clock;
	if (jiffies == clock >> 32)
		return clock;
	__u32 now = bpf_ktime_get_coarse_ns() >> SEEN_SHIFT;
	*(volatile __u64 *)&shared->clock = (__u64)jiffies << 32 | now;
	return now;
}

/*
 * Looks into both tables. Another processor may move the flow between the two looks, which was in
 * neither then: a look at the big table once more finds it. Only a SYN is not worth that, for it
 * moves nothing and nearly always is a miss.
 */
inline_always struct flow *look(void *flows, void *young, const void *key,
				const struct packet *packet, int *is_young)
{
	struct flow *flow = bpf_map_lookup_elem(flows, key);
	if (flow)
		return flow;
	flow = bpf_map_lookup_elem(young, key);
	*is_young = flow != 0;
	return flow || is_first(packet) ? flow : bpf_map_lookup_elem(flows, key);
}

/*
 * Moves a young flow to the big table. If another processor was faster, the flow is there, and `flow`
 * may be another's by now.
 */
inline_always void promote(struct counters *count, void *flows, void *young, const void *key,
			   const struct flow *flow)
{
	struct flow grown = *flow;
	long result = bpf_map_update_elem(flows, key, &grown, BPF_NOEXIST);
	if (result == 0) {
		bpf_map_delete_elem(young, key);
		count->of[PROMOTED]++;
	} else if (result != -EEXIST) {
		count->of[PROMOTE_FAILED]++; /* a bucket was locked: the next packet does it */
	}
}

/* Finds the packet's live flow and its backend, and counts; null means a miss, counted too. */
inline_always struct backend *find(struct __sk_buff *skb, struct vips *vips,
				   struct counters *count, void *flows, void *young, const void *key,
				   const struct packet *packet)
{
	int is_young = 0;
	struct flow *flow = look(flows, young, key, packet, &is_young);
	if (!flow) {
		count->of[MISS_UNKNOWN]++;
		return 0;
	}
	__u32 index = flow->backend;
	struct backend *backend = bpf_map_lookup_elem(&backends, &index);
	enum counter gone = MISS_STALE;
	if (!backend)
		goto forget;
	/* lbd gives flows odd epochs only: an equal one says that the backend is there. */
	if (*(volatile __u16 *)&backend->epoch != flow->epoch)
		goto forget;
	__u32 now = time_of(vips);
	/* Signed: lbd's clock is up to a tick ahead of this one. */
	gone = MISS_EXPIRED;
	if ((__s32)(now - flow->seen) > (__s32)idle_limit(packet, flow->state, is_young))
		goto forget;
	if (is_special(flow, packet)) {
		gone = MISS_REOPENED; /* a new connection: it may need another backend now */
		if (is_reopening(flow, packet))
			goto forget;
		follow_state(flow, packet);
	}
	flow->seen = now;
	flow->bytes += packet->bytes;
	flow->packets += packets_in(skb);
	if (is_young && !(packet->tcp_flags & (TCP_SYN | TCP_RST)))
		promote(count, flows, young, key, flow);
	return backend;

forget:
	/* Otherwise it would hide the flow that lbd will add. */
	if (is_young)
		bpf_map_delete_elem(young, key);
	else
		bpf_map_delete_elem(flows, key);
	count->of[gone]++;
	return 0;
}

#endif

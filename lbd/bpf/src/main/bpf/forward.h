/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What happens to a packet whose backend is known. */
#ifndef SYNLEV_FORWARD_H
#define SYNLEV_FORWARD_H

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "maps.h"

#define AF_INET 2
#define AF_INET6 10

inline_always void set_mark(struct __sk_buff *skb, const struct backend *backend)
{
	skb->mark = (skb->mark & ~settings.mark_mask) | backend->mark;
}

/*
 * Whether the packet fits the interface; otherwise the kernel must say so to its sender. Packets
 * that fit any interface need no question: 68 bytes (RFC 791), 1280 (RFC 8200, section 5).
 */
inline_always int fits(struct __sk_buff *skb, struct counters *count, __u32 interface,
		       __u32 least_mtu)
{
	if (skb->len <= ETH_HLEN + least_mtu)
		return 1;
	__u32 mtu = 0;
	if (bpf_check_mtu(skb, interface, &mtu, 0, skb->gso_size ? BPF_MTU_CHK_SEGS : 0) == 0)
		return 1;
	count->of[MTU_EXCEEDED]++;
	return 0;
}

/* RFC 1624; the field is one's complement, so adding 0x0100 undoes one hop less. */
inline_always void one_hop_less4(struct iphdr *ip)
{
	__u32 sum = ip->check + (__u32)bpf_htons(0x0100);
	ip->check = (__u16)(sum + (sum >= 0xffff));
	ip->ttl--;
}

inline_always int send4(struct __sk_buff *skb, struct counters *count, struct backend *backend,
			struct iphdr *ip)
{
	set_mark(skb, backend);
	if (!settings.redirect)
		return miss(count, HIT_MARK);
	/* Interface and address are one word, so they belong together. */
	union {
		__u64 word;
		struct {
			__u32 interface;
			__be32 address;
		};
	} hop = {.word = *(volatile __u64 *)&backend->interface4};
	if (!hop.interface) {
		count->of[NO_NEXT_HOP]++;
		return miss(count, HIT_MARK);
	}
	if (!fits(skb, count, hop.interface, 68))
		return miss(count, HIT_MARK);
	one_hop_less4(ip);
	count->of[HIT_REDIRECT]++;
	struct bpf_redir_neigh next = {.nh_family = AF_INET, .ipv4_nh = hop.address};
	return bpf_redirect_neigh(hop.interface, &next, sizeof(next), 0);
}

inline_always int send6(struct __sk_buff *skb, struct counters *count, struct backend *backend,
			struct ipv6hdr *ip)
{
	set_mark(skb, backend);
	if (!settings.redirect)
		return miss(count, HIT_MARK);
	volatile struct backend *shared = backend;
	__u32 version = shared->version;
	__u32 interface = shared->interface6;
	struct bpf_redir_neigh next = {.nh_family = AF_INET6};
	next.ipv6_nh[0] = shared->next_hop6[0];
	next.ipv6_nh[1] = shared->next_hop6[1];
	next.ipv6_nh[2] = shared->next_hop6[2];
	next.ipv6_nh[3] = shared->next_hop6[3];
	if (!interface || version & 1 || shared->version != version) {
		count->of[NO_NEXT_HOP]++;
		return miss(count, HIT_MARK);
	}
	if (!fits(skb, count, interface, 1280))
		return miss(count, HIT_MARK);
	ip->hop_limit--;
	/* No header checksum makes up for it in the sum that a NIC may have taken. */
	bpf_csum_update(skb, 0xffff - bpf_htons(1));
	count->of[HIT_REDIRECT]++;
	return bpf_redirect_neigh(interface, &next, sizeof(next), 0);
}

#endif

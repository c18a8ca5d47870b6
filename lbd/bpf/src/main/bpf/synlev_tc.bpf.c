// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * tc ingress: packets of known flows get their backend's mark, or go to its next hop at once;
 * all others go on unmodified, to netfilter and so to lbd. docs/tc.md draws it.
 *
 * Needs Linux 5.14 (bpf_check_mtu; programs of type syscall). The licence string below chooses the GPL for the kernel,
 * which keeps bpf_check_mtu for such programs.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "ask.h"
#include "flows.h"
#include "forward.h"
#include "headers.h"
#include "maps.h"

inline_always int steer4(struct __sk_buff *skb, struct vips *vips, struct counters *count)
{
	const __u32 headers = ETH_HLEN + sizeof(struct iphdr) + 8;
	if (!has_headers(skb, headers))
		return TC_ACT_UNSPEC;
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct iphdr *ip = data + ETH_HLEN;
	__be32 *ports = (void *)(ip + 1);
	if (data + headers > end)
		return TC_ACT_UNSPEC;
	__u32 network = bpf_ntohl(ip->daddr) >> 8;
	if (!is_vip(vips->bits4, network ^ network >> 16))
		return TC_ACT_UNSPEC;
	if (skb->vlan_present)
		return miss(count, MISS_TAGGED);
	if (ip->version != 4)
		return miss(count, MISS_MALFORMED);
	if (ip->ihl != 5)
		return miss(count, MISS_OPTIONS);
	if (ip->frag_off & bpf_htons(IP_FRAGMENT))
		return miss(count, MISS_FRAGMENT);
	if (!is_known(ip->protocol))
		return miss(count, MISS_PROTOCOL);
	if (ip->ttl <= 1)
		return miss(count, MISS_HOPS);
	__u32 length = bpf_ntohs(ip->tot_len), there = skb->len - ETH_HLEN;
	if (!length && skb->gso_size)
		length = there; /* larger than the field can tell */
	if (length < sizeof(*ip) + 8 || length > there)
		return miss(count, MISS_MALFORMED);
	struct packet packet = {.bytes = length, .protocol = ip->protocol};
	if (ip->protocol == IPPROTO_TCP && !read_tcp(ports, end, &packet, length - sizeof(*ip)))
		return miss(count, MISS_MALFORMED);
	struct key4 key = {ip->saddr, ip->daddr, *ports, protocol_word(ip->protocol)};
	struct backend *backend = find(skb, vips, count, &flows4, &young4, &key, &packet);
	return backend ? send4(skb, count, backend, ip) : TC_ACT_UNSPEC;
}

inline_always int steer6(struct __sk_buff *skb, struct vips *vips, struct counters *count)
{
	const __u32 headers = ETH_HLEN + sizeof(struct ipv6hdr) + 8;
	if (!has_headers(skb, headers))
		return TC_ACT_UNSPEC;
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct ipv6hdr *ip = data + ETH_HLEN;
	__be32 *ports = (void *)(ip + 1);
	if (data + headers > end)
		return TC_ACT_UNSPEC;
	__be32 *to = ip->daddr.in6_u.u6_addr32;
	__u32 network = to[0] ^ to[1];
	if (!is_vip(vips->bits6, network ^ network >> 16))
		return TC_ACT_UNSPEC;
	if (skb->vlan_present)
		return miss(count, MISS_TAGGED);
	if (ip->version != 6)
		return miss(count, MISS_MALFORMED);
	if (!is_known(ip->nexthdr)) {
		if (ip->nexthdr == IPPROTO_FRAGMENT)
			return miss(count, MISS_FRAGMENT);
		return miss(count, ip->nexthdr == IPPROTO_ICMPV6 ? MISS_PROTOCOL : MISS_OPTIONS);
	}
	if (ip->hop_limit <= 1)
		return miss(count, MISS_HOPS);
	__u32 length = bpf_ntohs(ip->payload_len), there = skb->len - ETH_HLEN - sizeof(*ip);
	if (!length && skb->gso_size)
		length = there;
	if (length < 8 || length > there)
		return miss(count, MISS_MALFORMED);
	struct packet packet = {.bytes = length + sizeof(*ip), .protocol = ip->nexthdr};
	if (ip->nexthdr == IPPROTO_TCP && !read_tcp(ports, end, &packet, length))
		return miss(count, MISS_MALFORMED);
	const __u64 *addresses = (void *)&ip->saddr; /* and the destination's behind it */
	struct key6 key = {
		.addresses = {addresses[0], addresses[1], addresses[2], addresses[3]},
		.ports = *ports,
		.protocol = protocol_word(ip->nexthdr)};
	struct backend *backend = find(skb, vips, count, &flows6, &young6, &key, &packet);
	return backend ? send6(skb, count, backend, ip) : TC_ACT_UNSPEC;
}

SEC("tc")
int synlev_tc(struct __sk_buff *skb)
{
	__u32 zero = 0;
	/* A frame to another station, seen in promiscuous mode, is not ours to forward. */
	if (skb->pkt_type != 0 /* PACKET_HOST */)
		return TC_ACT_UNSPEC;
	__u32 protocol = skb->protocol;
	if (protocol != bpf_htons(ETH_P_IP) && protocol != bpf_htons(ETH_P_IPV6))
		return TC_ACT_UNSPEC;
	struct vips *map = bpf_map_lookup_elem(&vips, &zero);
	struct counters *count = bpf_map_lookup_elem(&statistics, &zero);
	if (!map || !count)
		return TC_ACT_UNSPEC;
	return protocol == bpf_htons(ETH_P_IP) ? steer4(skb, map, count) : steer6(skb, map, count);
}

/* What a packet costs anyway: the measure that the program's own cost is taken against. */
SEC("tc")
int synlev_empty(struct __sk_buff *skb)
{
	(void)skb;
	return TC_ACT_UNSPEC;
}

char licence[] SEC("license") = "GPL";

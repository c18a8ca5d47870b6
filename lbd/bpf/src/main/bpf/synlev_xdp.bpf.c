// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * XDP in front of DPDK's AF_XDP driver: what is for one of our addresses goes to the socket of its queue, and so to
 * lbd; all else goes on in the kernel, as if we were not there. docs/dpdk-neighbours.md.
 *
 * The driver loads this file, puts its sockets into xsks_map, and attaches the program; lbd fills `ours4` and `ours6`.
 * Without a socket, as when lbd was killed, everything goes on in the kernel.
 */
#include <linux/bpf.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define inline_always static __always_inline

#define NEIGHBOUR_SOLICITATION 135 /* RFC 4861 */

/* What lbd says of an address: XdpAddresses. */
enum {
	TAKE_PACKETS = 1,
	ANSWER_FOR = 2, /* ARP and neighbour discovery, too */
};

struct prefix4 {
	__u32 length;
	__be32 address;
};

struct prefix6 {
	__u32 length;
	struct in6_addr address;
};

/* The driver looks for this name. */
struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} xsks_map SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct prefix4);
	__type(value, __u32);
} ours4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct prefix6);
	__type(value, __u32);
} ours6 SEC(".maps");

struct arp_ipv4 { /* RFC 826 */
	__be16 hardware, protocol;
	__u8 hardware_length, protocol_length;
	__be16 operation;
	__u8 sender_mac[ETH_ALEN];
	__u8 sender[4];
	__u8 target_mac[ETH_ALEN];
	__u8 target[4];
};

struct vlan {
	__be16 tag;
	__be16 type;
};

inline_always int is_ours4(const void *address, __u32 what)
{
	struct prefix4 key = {.length = 32};
	__builtin_memcpy(&key.address, address, 4);
	const __u32 *flags = bpf_map_lookup_elem(&ours4, &key);
	return flags && *flags & what;
}

inline_always int is_ours6(const void *address, __u32 what)
{
	struct prefix6 key = {.length = 128};
	__builtin_memcpy(&key.address, address, 16);
	const __u32 *flags = bpf_map_lookup_elem(&ours6, &key);
	return flags && *flags & what;
}

inline_always int is_arp_for_us(const void *at, const void *end)
{
	const struct arp_ipv4 *arp = at;
	return (const void *)(arp + 1) <= end && is_ours4(arp->target, ANSWER_FOR);
}

inline_always int is_ipv4_for_us(const void *at, const void *end)
{
	const struct iphdr *ip = at;
	return (const void *)(ip + 1) <= end && is_ours4(&ip->daddr, TAKE_PACKETS);
}

/* A solicitation to a group is for who has its target. */
inline_always int is_ipv6_for_us(const void *at, const void *end)
{
	const struct ipv6hdr *ip = at;
	if ((const void *)(ip + 1) > end)
		return 0;
	const struct icmp6hdr *icmp = (const void *)(ip + 1);
	const struct in6_addr *target = (const void *)(icmp + 1);
	if (ip->daddr.in6_u.u6_addr8[0] == 0xff)
		return ip->nexthdr == IPPROTO_ICMPV6 && (const void *)(target + 1) <= end
			&& icmp->icmp6_type == NEIGHBOUR_SOLICITATION && is_ours6(target, ANSWER_FOR);
	return is_ours6(&ip->daddr, TAKE_PACKETS);
}

inline_always int is_for_us(const void *at, const void *end)
{
	const struct ethhdr *ethernet = at;
	const void *packet = ethernet + 1;
	if (packet > end)
		return 0;
	__be16 type = ethernet->h_proto;
	if (type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD)) {
		const struct vlan *vlan = packet;
		packet = vlan + 1;
		if (packet > end)
			return 0;
		type = vlan->type;
	}
	if (type == bpf_htons(ETH_P_IP))
		return is_ipv4_for_us(packet, end);
	if (type == bpf_htons(ETH_P_IPV6))
		return is_ipv6_for_us(packet, end);
	return type == bpf_htons(ETH_P_ARP) && is_arp_for_us(packet, end);
}

SEC("xdp")
int synlev_xdp(struct xdp_md *context)
{
	const void *frame = (void *)(long)context->data;
	const void *end = (void *)(long)context->data_end;
	if (!is_for_us(frame, end))
		return XDP_PASS;
	return bpf_redirect_map(&xsks_map, context->rx_queue_index, XDP_PASS);
}

char licence[] SEC("license") = "GPL";

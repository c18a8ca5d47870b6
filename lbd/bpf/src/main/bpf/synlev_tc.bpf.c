// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * tc ingress: packets of known flows get their backend's mark, or go to its next hop at once;
 * all others go on unmodified, to netfilter and so to lbd. docs/tc.md draws it.
 *
 * Needs Linux 5.12 (bpf_check_mtu). The licence string below chooses the GPL for the kernel,
 * which keeps bpf_check_mtu for such programs.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "layout.h"

#define inline_always static __always_inline
#define AF_INET 2
#define AF_INET6 10
#define IP_FRAGMENT 0x3fff /* more fragments, or an offset (RFC 791); not "don't fragment" */
#define TCP_FIN 1
#define TCP_SYN 2
#define TCP_RST 4
#define TCP_ACK 16

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
	__u8 tcp_is_bad;  /* TCP: the data offset is wrong */
};

inline_always int miss(struct counters *count, enum counter why)
{
	count->of[why]++;
	return TC_ACT_UNSPEC; /* other filters may follow */
}

inline_always int is_vip(const __u64 *bits, __u32 hash)
{
	hash &= 0xffff;
	return bits[hash >> 6] >> (hash & 63) & 1;
}

inline_always __u32 idle_limit(const struct packet *packet, __u8 state, int is_young)
{
	if (packet->protocol == IPPROTO_TCP) {
		if (state & FLOW_CLOSING)
			return settings.tcp_closing;
		return is_young ? settings.tcp_syn : settings.tcp_established;
	}
	return packet->protocol == IPPROTO_UDP ? settings.udp : settings.sctp;
}

/*
 * FIN and RST shorten a flow's life, data behind them restores it: a forged RST does little.
 */
inline_always void follow_state(struct flow *flow, const struct packet *packet)
{
	if (packet->protocol != IPPROTO_TCP)
		return;
	if (packet->tcp_flags & (TCP_FIN | TCP_RST))
		flow->state |= FLOW_CLOSING;
	else if (flow->state && packet->has_data)
		flow->state = 0;
}

inline_always int is_reopening(const struct flow *flow, const struct packet *packet)
{
	return flow->state & FLOW_CLOSING &&
	       (packet->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
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

/* Finds the packet's live flow and its backend, and counts; null means a miss, counted too. */
inline_always struct backend *find(struct __sk_buff *skb, struct vips *vips,
				   struct counters *count, void *flows, void *young, const void *key,
				   const struct packet *packet)
{
	int is_young = 0;
	struct flow *flow = bpf_map_lookup_elem(flows, key);
	if (!flow) {
		flow = bpf_map_lookup_elem(young, key);
		if (!flow) {
			count->of[MISS_UNKNOWN]++;
			return 0;
		}
		is_young = 1;
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
	gone = MISS_REOPENED; /* a new connection: it may need another backend now */
	if (is_reopening(flow, packet))
		goto forget;

	flow->seen = now;
	flow->bytes += packet->bytes;
	flow->packets += packets_in(skb);
	follow_state(flow, packet);
	if (is_young && !(packet->tcp_flags & (TCP_SYN | TCP_RST))) {
		struct flow grown = *flow;
		if (bpf_map_update_elem(flows, key, &grown, BPF_ANY) == 0) {
			bpf_map_delete_elem(young, key);
			count->of[PROMOTED]++;
		} else {
			count->of[PROMOTE_FAILED]++; /* a bucket was locked: the next packet does it */
		}
	}
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

/*
 * Reads ports and TCP's flags. `here` is what remains of the packet from the transport header on
 * by the IP length, at least 8. Returns 0 when the TCP header is bad.
 */
inline_always int read_tcp(const void *header, const void *end, struct packet *packet, __u32 here)
{
	const struct tcphdr *tcp = header;
	if ((const void *)(tcp + 1) > end)
		return 0;
	__u32 length = tcp->doff * 4;
	packet->tcp_flags = ((const __u8 *)tcp)[13];
	packet->has_data = here > length;
	return length >= sizeof(*tcp) && length <= here;
}

/*
 * Makes the headers readable: nearly always they are. Returns 0 if the packet is shorter.
 * Packet pointers must be taken anew afterwards.
 */
inline_always int has_headers(struct __sk_buff *skb, __u32 least)
{
	__u32 there = skb->data_end - skb->data;
	__u32 wanted = least + 12; /* TCP's header is 12 bytes longer than UDP's */
	if (wanted > skb->len)
		wanted = skb->len;
	if (wanted < least)
		return 0;
	return there >= wanted || bpf_skb_pull_data(skb, wanted) == 0;
}

inline_always __be32 protocol_word(__u8 protocol)
{
	return bpf_htonl((__u32)protocol << 24);
}

inline_always int is_known(__u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

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
	struct key6 key = {.ports = *ports, .protocol = protocol_word(ip->nexthdr)};
	__builtin_memcpy(key.source, &ip->saddr, 16);
	__builtin_memcpy(key.destination, &ip->daddr, 16);
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

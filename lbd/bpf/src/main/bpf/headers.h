/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Reading a packet's headers, which nobody has checked yet. */
#ifndef SYNLEV_HEADERS_H
#define SYNLEV_HEADERS_H

#include <linux/in.h>
#include <linux/tcp.h>

#include "maps.h"

#define IP_FRAGMENT 0x3fff /* more fragments, or an offset (RFC 791); not "don't fragment" */

/*
 * Reads TCP's flags and whether data follows. `here` is what remains of the packet from the transport header on
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
 * Makes the headers readable where they are not, which is rare. Returns 0 if the packet is shorter
 * than `least`. Packet pointers must be taken anew afterwards.
 */
inline_always int has_headers(struct __sk_buff *skb, __u32 least)
{
	__u32 there = skb->data_end - skb->data;
	__u32 wanted = least + 12; /* TCP's header is 12 bytes longer than UDP's */
	if (there >= wanted)
		return 1;
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

inline_always int is_vip(const __u64 *bits, __u32 hash)
{
	hash &= 0xffff;
	return bits[hash >> 6] >> (hash & 63) & 1;
}

#endif

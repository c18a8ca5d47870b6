#include "addresses.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

static int parse_any(const char *text, address_t *out) {
	memset(out, 0, sizeof *out);
	if (inet_pton(AF_INET, text, &out->v4.sin_addr) == 1) {
		out->v4.sin_family = AF_INET;
		return 1;
	}
	if (inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1) {
		out->v6.sin6_family = AF_INET6;
		return 1;
	}
	return 0;
}

static void set_port(address_t *address, unsigned port) {
	if (address->any.sa_family == AF_INET)
		address->v4.sin_port = htons((uint16_t)port);
	else
		address->v6.sin6_port = htons((uint16_t)port);
}

address_t address_parse(const char *text, const char *port) {
	address_t address;
	if (!parse_any(text, &address))
		misuse("'%s' is no IPv4 or IPv6 address", text);
	set_port(&address, (unsigned)number("port", port, 1, 65535));
	return address;
}

range_t range_parse(const char *cidr) {
	char text[INET6_ADDRSTRLEN + 8];
	if (strlen(cidr) >= sizeof text)
		misuse("'%s' is no CIDR such as 50.0.0.0/16 or 2000::/112", cidr);
	strcpy(text, cidr);
	char *slash = strchr(text, '/');
	if (slash)
		*slash = 0;
	range_t range;
	if (!parse_any(text, &range.first))
		misuse("'%s' is no CIDR such as 50.0.0.0/16 or 2000::/112", cidr);
	int bits = range.first.any.sa_family == AF_INET ? 32 : 128;
	int host = bits - (slash ? (int)number("prefix length", slash + 1, 0, bits) : bits);
	range.count = host >= 24 ? MAX_RANGE : 1u << host;
	return range;
}

address_t target_parse(int count, char **arguments, const range_t *from, uint64_t *sources) {
	if (count != 2)
		misuse("needs ADDRESS and PORT");
	address_t to = address_parse(arguments[0], arguments[1]);
	if (from->count && from->first.any.sa_family != to.any.sa_family)
		misuse("--from and ADDRESS must be of the same family");
	if (!from->count || !*sources || *sources > from->count)
		*sources = from->count;
	return to;
}

address_t range_pick(const range_t *range, uint64_t index, unsigned port) {
	address_t address = range->first;
	uint32_t *low = address.any.sa_family == AF_INET ? &address.v4.sin_addr.s_addr
	                                                 : &address.v6.sin6_addr.s6_addr32[3];
	*low = htonl(ntohl(*low) + (uint32_t)(index % range->count));
	set_port(&address, port);
	return address;
}

socklen_t address_size(const address_t *address) {
	return address->any.sa_family == AF_INET ? sizeof address->v4 : sizeof address->v6;
}

unsigned address_port(const address_t *address) {
	return ntohs(address->any.sa_family == AF_INET ? address->v4.sin_port : address->v6.sin6_port);
}

const char *address_text(const address_t *address, char *buffer) {
	if (address->any.sa_family == AF_INET)
		return inet_ntop(AF_INET, &address->v4.sin_addr, buffer, INET6_ADDRSTRLEN);
	if (IN6_IS_ADDR_V4MAPPED(&address->v6.sin6_addr))
		return inet_ntop(AF_INET, &address->v6.sin6_addr.s6_addr32[3], buffer, INET6_ADDRSTRLEN);
	return inet_ntop(AF_INET6, &address->v6.sin6_addr, buffer, INET6_ADDRSTRLEN);
}

int address_socket(const address_t *address, int type) {
	int fd = socket(address->any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	int on = 1;
	setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on);
	if (type == SOCK_STREAM)
		setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
	return fd;
}

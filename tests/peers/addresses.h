/*
 * Socket addresses and ranges of them, IPv4 and IPv6 alike.
 */
#pragma once
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

typedef union {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
} address_t;

/* A range of addresses: count addresses from first on, as many as its prefix holds but at most MAX_RANGE. */
typedef struct {
	address_t first;
	uint64_t count;
} range_t;

#define MAX_RANGE (1u << 24)

/* Parse ADDRESS and PORT (host order); exit 2 with a message when wrong. */
address_t address_parse(const char *text, const char *port);

/* Parse CIDR "50.0.0.0/16"; a missing length means one address. Exit 2 with a message when wrong. */
range_t range_parse(const char *cidr);

/* Parse what follows the options of a sender: ADDRESS and PORT, of the family of the sources. *sources, 0 for all,
 * becomes how many of them are used; 0 when there are none. Exit 2 with a message when wrong. */
address_t target_parse(int count, char **arguments, const range_t *from, uint64_t *sources);

/* The address number index % count of the range, with this port (host order, 0: any). */
address_t range_pick(const range_t *range, uint64_t index, unsigned port);

socklen_t address_size(const address_t *address);
unsigned address_port(const address_t *address);

/* Text form without the port; buffer of INET6_ADDRSTRLEN. v4-mapped addresses print as IPv4. */
const char *address_text(const address_t *address, char *buffer);

/* A socket of the address's family, non-blocking, close-on-exec, allowed to use any local-routed source address
 * without reserving its port for all destinations (IP_FREEBIND, IP_BIND_ADDRESS_NO_PORT: ip(7)). -1 and errno. */
int address_socket(const address_t *address, int type);

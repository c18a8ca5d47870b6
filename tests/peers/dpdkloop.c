// The DPDK fast path's loop in C: what a compiler makes of the same work. Twin of RingBench.java.
//
//   dpdkloop l2dsr|ipip|l2dsr-flows|ipip-flows|none SECONDS CORE EAL-DRIVER-DIRECTORY
//
// Two rings and two ports over them. The loop receives from the one, decides (service by VIP, keyed flow hash, Maglev
// table of 65537 slots, 100 backends with records of 128 bytes), rewrites and sends; the feeder in the same thread takes
// what was sent, makes each packet one of a million flows again, and puts it back. `none` only moves packets, so it
// tells the feeder's own part. The modes with -flows remember each flow's backend in a table for 1,048,576 of them, with
// the layout of FlowBucket.java: they look a burst up in passes that prefetch for the next one. Prints ns per packet,
// least and median of rounds, as one line of JSON.
#include <inttypes.h>
#include <rte_eal.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STEPS = 1024, BURST = 64, PACKETS = 2048, FRAME = 64, SLOTS = 65537, BACKENDS = 100, VIPS = 64, MTU = 1500, REASONS = 128 };
enum { ROUNDS_PER_SECOND = 8192 }; // at most
enum way { SEND, FREE };
enum mode { NONE, L2DSR, IPIP };
static const uint32_t VIP = 0xc0000201; // 192.0.2.1

struct backend {
    char name[64];
    uint32_t weight;
    uint8_t state, health, flags;
    uint64_t mac;
    uint32_t ipv4;
    uint8_t ipv6[16];
} __rte_aligned(128);

struct table {
    uint64_t generation;
    uint16_t slots[SLOTS];
    uint32_t marks[BACKENDS];
    struct backend backends[BACKENDS];
};

struct vip {
    uint32_t address;
    uint32_t service; // 0 for a free place
};

struct decision {
    uint64_t mac, generation;
    uint32_t mark, backend, hash, slot, ipv4, service;
    uint8_t reason, is_forwarded;
};

// FlowBucket.java draws it.
enum { PLACES = 8, FLOWS = 1 << 20, BUCKETS = FLOWS * 2 / PLACES, TICK = 20, NOTED = 256 };
struct key {
    uint64_t number, transport, addresses[4], unused[2];
};

struct bucket {
    uint8_t tags[PLACES], states[PLACES];
    uint32_t seen[PLACES];
    uint8_t unused[16];
} __rte_aligned(64);

struct flow {
    uint64_t transport, addresses, matches;
    struct bucket *bucket;
    int place;
    uint32_t hash;
    uint64_t number;
};

static struct table *table;
static struct vip *vips;
static uint64_t epoch = 2, key0, key1, key2, own_mac = 0x02cc00000001;
static struct bucket *buckets;
static struct key (*keys)[PLACES]; // of each bucket
static bool has_flows;
static uint32_t tick, limits[8] = {0, 114440, 7152557, 228881, 286102, 286102, 286102, 286102};
static uint64_t hits, misses, inserted, evicted;
static uint64_t reasons[REASONS], steered[BACKENDS];
static enum mode mode;

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static inline uint64_t mix(uint64_t a, uint64_t b) {
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint32_t flow_hash(uint32_t source, uint32_t destination, uint32_t ports, uint8_t protocol) {
    uint64_t addresses = (uint64_t)source << 32 | destination;
    uint64_t transport = (uint64_t)protocol << 32 | ports;
    return mix(mix(addresses ^ key0, transport ^ key1) ^ key2, 0xe7037ed1a0b428dbull) >> 32;
}

static inline bool find_service(uint32_t address, uint32_t *service) {
    uint32_t at = address * 0x9e3779b1u >> 26;
    while (vips[at].service != 0) {
        if (vips[at].address == address) {
            *service = vips[at].service;
            return true;
        }
        at = (at + 1) % VIPS;
    }
    return false;
}

static inline void drop(struct decision *out, uint8_t reason) {
    out->is_forwarded = 0;
    out->reason = reason;
}

static inline void by_table(struct decision *out, uint32_t hash, uint8_t reason) {
    uint32_t slot = (uint64_t)hash * SLOTS >> 32, backend = table->slots[slot];
    out->hash = hash;
    out->slot = slot;
    if (backend >= BACKENDS) {
        return drop(out, 17);
    }
    const struct backend *record = &table->backends[backend];
    out->mark = table->marks[backend];
    out->backend = backend;
    out->generation = table->generation;
    out->mac = record->flags & 4 ? record->mac : 0;
    out->ipv4 = record->ipv4;
    out->reason = reason;
    out->is_forwarded = 1;
}

// The places with a tag, each as the highest bit of its byte.
static inline uint64_t match(const struct bucket *bucket, uint8_t tag) {
    uint64_t tags, low = 0x7f7f7f7f7f7f7f7f;
    memcpy(&tags, bucket->tags, 8);
    uint64_t different = tags ^ tag * 0x0101010101010101ull;
    return ~(((different & low) + low) | different | low);
}

static inline uint8_t tag(uint32_t hash) {
    return (hash & 0x7f) | 0x80;
}

static inline struct key *key_of(const struct bucket *bucket, int place) {
    return &keys[bucket - buckets][place];
}

static inline void prepare(struct flow *flow, struct decision *out, uint32_t hash, uint32_t source,
                           uint32_t destination, uint32_t ports, uint8_t protocol) {
    out->reason = 0; // not decided yet
    flow->hash = hash;
    flow->transport = (uint64_t)ports << 32 | 4 << 8 | protocol;
    flow->addresses = (uint64_t)source << 32 | destination;
    flow->bucket = &buckets[(uint64_t)hash * BUCKETS >> 32];
    rte_prefetch0(flow->bucket);
}

static void approach(struct flow *flows, int count, const struct decision *out) {
    for (int i = 0; i < count; i++) {
        if (out[i].reason != 0) {
            continue;
        }
        flows[i].matches = match(flows[i].bucket, tag(flows[i].hash));
        if (flows[i].matches) {
            const struct key *key = key_of(flows[i].bucket, __builtin_ctzll(flows[i].matches) >> 3);
            rte_prefetch0(key);
        }
    }
}

static inline int find(const struct flow *flow) {
    for (uint64_t matches = flow->matches; matches; matches &= matches - 1) {
        int place = __builtin_ctzll(matches) >> 3;
        const struct key *key = key_of(flow->bucket, place);
        if (key->transport == flow->transport && key->addresses[0] == flow->addresses) {
            bool is_over = tick - flow->bucket->seen[place] > limits[flow->bucket->states[place] & 7];
            return is_over ? -1 : place;
        }
    }
    return -1;
}

static void follow(struct flow *flows, int count, struct decision *out) {
    for (int i = 0; i < count; i++) {
        flows[i].place = -1;
        if (out[i].reason != 0) {
            continue; // no flow's
        }
        flows[i].place = find(&flows[i]);
        if (flows[i].place >= 0) {
            uint32_t backend = key_of(flows[i].bucket, flows[i].place)->number & 0xffff;
            const struct backend *record = &table->backends[backend];
            uint32_t identity = key_of(flows[i].bucket, flows[i].place)->number >> 32;
            if (record->weight == identity) {
                out[i].hash = flows[i].hash;
                out[i].mark = table->marks[backend];
                out[i].backend = backend;
                out[i].generation = table->generation;
                out[i].mac = record->flags & 4 ? record->mac : 0;
                out[i].ipv4 = record->ipv4;
                out[i].reason = 5;
                out[i].is_forwarded = 1;
                continue;
            }
        }
        flows[i].place = -1;
        by_table(&out[i], flows[i].hash, 2);
    }
}

static int room(struct bucket *bucket) {
    uint64_t free = match(bucket, 0);
    if (free) {
        return __builtin_ctzll(free) >> 3;
    }
    int spared = 0;
    int64_t worth = INT64_MAX;
    for (int place = 0; place < PLACES; place++) {
        uint32_t idle = tick - bucket->seen[place];
        int64_t its = (bucket->states[place] == 4 ? 0 : 1ll << 32) - (int64_t)idle;
        if (its < worth) {
            worth = its;
            spared = place;
        }
    }
    evicted++;
    return spared;
}

static void settle(struct flow *flows, int count, const struct decision *out) {
    for (int i = 0; i < count; i++) {
        if (flows[i].place >= 0) {
            struct bucket *bucket = flows[i].bucket;
            int place = flows[i].place;
            if (tick - bucket->seen[place] >= NOTED) {
                bucket->seen[place] = tick;
            }
            if (bucket->states[place] == 4) {
                bucket->states[place] = 5;
            }
            hits++;
        }
    }
    for (int i = 0; i < count; i++) {
        if (flows[i].place >= 0 || out[i].reason != 2) {
            continue;
        }
        misses++;
        struct bucket *bucket = flows[i].bucket;
        flows[i].matches = match(bucket, tag(flows[i].hash));
        if (find(&flows[i]) >= 0) {
            continue; // an earlier packet of the burst added it
        }
        int place = room(bucket);
        struct key *key = key_of(bucket, place);
        key->transport = flows[i].transport;
        key->addresses[0] = flows[i].addresses;
        key->number = (uint64_t)table->backends[out[i].backend].weight << 32 | 1 << 16 | out[i].backend;
        bucket->seen[place] = tick;
        bucket->states[place] = 4;
        bucket->tags[place] = tag(flows[i].hash);
        inserted++;
    }
}

static inline void decide(const uint8_t *packet, int length, struct decision *out, struct flow *flow) {
    if (length < 20 || packet[0] >> 4 != 4) {
        return drop(out, 41);
    }
    const struct rte_ipv4_hdr *ip = (const void *)packet;
    int header = (packet[0] & 15) * 4, total = rte_be_to_cpu_16(ip->total_length);
    if (header < 20 || total < header || length < header) {
        return drop(out, 42);
    }
    if (rte_be_to_cpu_16(ip->fragment_offset) & 0x3fff) {
        return drop(out, 24);
    }
    if (ip->next_proto_id != IPPROTO_TCP && ip->next_proto_id != IPPROTO_UDP) {
        return drop(out, 28);
    }
    int end = total < length ? total : length;
    if (end < header + 8) {
        return drop(out, 50);
    }
    uint32_t source = rte_be_to_cpu_32(ip->src_addr), destination = rte_be_to_cpu_32(ip->dst_addr);
    uint32_t ports = rte_be_to_cpu_32(*(const uint32_t *)(packet + header));
    if (ip->next_proto_id == IPPROTO_UDP) {
        int udp = rte_be_to_cpu_16(*(const uint16_t *)(packet + header + 4));
        if (udp > 0 && udp < 8) {
            return drop(out, 46);
        }
    } else if (end > header + 12 && packet[header + 12] >> 4 < 5) {
        return drop(out, 46);
    }
    if (!find_service(destination, &out->service)) {
        return drop(out, 16);
    }
    uint32_t hash = flow_hash(source, destination, ports, ip->next_proto_id);
    if (has_flows) {
        return prepare(flow, out, hash, source, destination, ports, ip->next_proto_id);
    }
    by_table(out, hash, ip->next_proto_id == IPPROTO_TCP ? 1 : 2);
}

static void decide_all(uint8_t **packets, int *lengths, int count, struct decision *out) {
    static struct flow flows[BURST];
    uint64_t before;
    do {
        before = __atomic_load_n(&epoch, __ATOMIC_ACQUIRE);
        for (int i = 0; i < count; i++) {
            decide(packets[i], lengths[i], &out[i], &flows[i]);
        }
        if (has_flows) {
            approach(flows, count, out);
            follow(flows, count, out);
        }
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    } while (__atomic_load_n(&epoch, __ATOMIC_RELAXED) != before);
    if (has_flows) {
        tick = now() >> TICK;
        settle(flows, count, out);
    }
    for (int i = 0; i < count; i++) {
        reasons[out[i].reason]++;
        if (out[i].is_forwarded) {
            steered[out[i].backend]++;
        }
    }
}

static inline void put_addresses(uint8_t *frame, uint64_t to, uint64_t from) {
    *(uint64_t *)frame = rte_cpu_to_be_64(to << 16 | from >> 32);
    *(uint32_t *)(frame + 8) = rte_cpu_to_be_32((uint32_t)from);
}

static inline void decrement_ttl(struct rte_ipv4_hdr *ip) {
    uint32_t old = rte_be_to_cpu_16(*(uint16_t *)&ip->time_to_live);
    uint32_t sum = (~rte_be_to_cpu_16(ip->hdr_checksum) & 0xffff) + (~old & 0xffff) + (old - 0x100);
    ip->time_to_live--;
    sum = (sum & 0xffff) + (sum >> 16);
    ip->hdr_checksum = rte_cpu_to_be_16(~((sum & 0xffff) + (sum >> 16)));
}

static inline enum way forward(struct rte_mbuf *mbuf, uint8_t *packet, int there, const struct decision *decision) {
    struct rte_ipv4_hdr *ip = (void *)packet;
    int length = rte_be_to_cpu_16(ip->total_length), outer = mode == IPIP ? 20 : 0;
    if (length > there || length < 20 || decision->mac == 0 || length + outer > MTU || ip->time_to_live <= 1) {
        return FREE;
    }
    decrement_ttl(ip);
    if (mode == L2DSR) {
        put_addresses(packet - 14, decision->mac, own_mac);
        return SEND;
    }
    if (mbuf->data_off < outer) {
        return FREE;
    }
    mbuf->data_off -= outer;
    mbuf->pkt_len = mbuf->data_len = 14 + outer + length;
    uint8_t *frame = rte_pktmbuf_mtod(mbuf, uint8_t *);
    put_addresses(frame, decision->mac, own_mac);
    *(uint16_t *)(frame + 12) = RTE_BE16(0x0800);
    struct rte_ipv4_hdr *out = (void *)(frame + 14);
    uint32_t source = 0xac100000 | decision->hash * 0x9e3779b1u >> 16;
    uint32_t first = 0x4500 | ip->type_of_service, total = 20 + length;
    out->version_ihl = 0x45;
    out->type_of_service = ip->type_of_service;
    out->total_length = rte_cpu_to_be_16(total);
    out->packet_id = 0;
    out->fragment_offset = RTE_BE16(0x4000);
    out->time_to_live = 64;
    out->next_proto_id = 4;
    out->src_addr = rte_cpu_to_be_32(source);
    out->dst_addr = rte_cpu_to_be_32(decision->ipv4);
    uint64_t sum = (uint64_t)first + total + 0x4000 + 0x4004 + (source >> 16) + (source & 0xffff) +
                   (decision->ipv4 >> 16) + (decision->ipv4 & 0xffff);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    out->hdr_checksum = rte_cpu_to_be_16(~sum);
    return SEND;
}

static int step(uint16_t port) {
    struct rte_mbuf *mbufs[BURST], *taken[BURST], *sending[BURST], *freeing[BURST];
    uint8_t *packets[BURST];
    int lengths[BURST], count = 0, to_send = 0, to_free = 0;
    static struct decision decisions[BURST];
    int received = rte_eth_rx_burst(port, 0, mbufs, BURST);
    if (mode == NONE) {
        return rte_eth_tx_burst(port, 0, mbufs, received);
    }
    for (int i = 0; i < received; i++) {
        uint8_t *frame = rte_pktmbuf_mtod(mbufs[i], uint8_t *);
        int length = mbufs[i]->data_len;
        if (length <= 14 || *(uint16_t *)(frame + 12) != RTE_BE16(0x0800)) {
            freeing[to_free++] = mbufs[i];
            continue;
        }
        taken[count] = mbufs[i];
        packets[count] = frame + 14;
        lengths[count++] = length - 14;
    }
    decide_all(packets, lengths, count, decisions);
    for (int i = 0; i < count; i++) {
        bool is_sent = decisions[i].is_forwarded && forward(taken[i], packets[i], lengths[i], &decisions[i]) == SEND;
        if (is_sent) {
            sending[to_send++] = taken[i];
        } else {
            freeing[to_free++] = taken[i];
        }
    }
    int sent = rte_eth_tx_burst(port, 0, sending, to_send);
    if (sent < to_send) {
        rte_pktmbuf_free_bulk(sending + sent, to_send - sent);
    }
    if (to_free > 0) {
        rte_pktmbuf_free_bulk(freeing, to_free);
    }
    return received;
}

static uint64_t random_state = 88172645463325252ull;

static inline uint64_t next_random(void) { // xorshift64, Marsaglia 2003
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    return random_state ^= random_state << 17;
}

static int feed(uint16_t port) {
    struct rte_mbuf *mbufs[BURST];
    int count = rte_eth_rx_burst(port, 0, mbufs, BURST);
    for (int i = 0; i < count; i++) {
        mbufs[i]->data_off = RTE_PKTMBUF_HEADROOM;
        mbufs[i]->pkt_len = mbufs[i]->data_len = FRAME;
        uint8_t *packet = (uint8_t *)mbufs[i]->buf_addr + RTE_PKTMBUF_HEADROOM + 14;
        uint64_t flow = next_random();
        *(uint32_t *)(packet + 12) = 0x0a | ((uint32_t)flow << 8 & 0x000fff00); // one of 4096 addresses
        *(uint16_t *)(packet + 20) = flow >> 32 & 0xff;                      // and 256 ports
        packet[8] = 64;
        *(uint16_t *)(packet - 2) = RTE_BE16(0x0800); // where a tunnel header was
    }
    return rte_eth_tx_burst(port, 0, mbufs, count);
}

static void fill_state(void) {
    table = rte_zmalloc("table", sizeof *table, 64);
    vips = rte_zmalloc("vips", VIPS * sizeof *vips, 64);
    buckets = has_flows ? rte_zmalloc("flows", sizeof(struct bucket) * BUCKETS, 64) : NULL;
    keys = has_flows ? rte_zmalloc("keys", sizeof keys[0] * BUCKETS, 64) : NULL;
    if (table == NULL || vips == NULL || (has_flows && (buckets == NULL || keys == NULL))) {
        rte_exit(1, "no huge pages for the table\n");
    }
    for (int i = 0; i < SLOTS; i++) {
        table->slots[i] = next_random() % BACKENDS;
    }
    for (int i = 0; i < BACKENDS; i++) {
        table->marks[i] = 101 + i;
        table->backends[i] = (struct backend){.weight = 77 + i, .flags = 5, .mac = 0x02bb00000000 + i, .ipv4 = 0x0a010000 + i};
    }
    vips[VIP * 0x9e3779b1u >> 26] = (struct vip){VIP, 1};
    key0 = next_random(), key1 = next_random(), key2 = next_random();
}

static uint16_t make_port(const char *name, struct rte_ring *receive, struct rte_ring *send, struct rte_mempool *pool) {
    int port = rte_eth_from_rings(name, &receive, 1, &send, 1, 0);
    struct rte_eth_conf conf = {0};
    if (port < 0 || rte_eth_dev_configure(port, 1, 1, &conf) || rte_eth_rx_queue_setup(port, 0, 1024, 0, NULL, pool) ||
        rte_eth_tx_queue_setup(port, 0, 1024, 0, NULL) || rte_eth_dev_start(port)) {
        rte_exit(1, "no port over rings\n");
    }
    return port;
}

static void put_packets(uint16_t port, struct rte_mempool *pool) {
    for (int i = 0; i < PACKETS; i++) {
        struct rte_mbuf *mbuf = rte_pktmbuf_alloc(pool);
        uint8_t *frame = (uint8_t *)rte_pktmbuf_append(mbuf, FRAME);
        memset(frame, 0, FRAME);
        *(uint16_t *)(frame + 12) = RTE_BE16(0x0800);
        struct rte_ipv4_hdr *ip = (void *)(frame + 14);
        ip->version_ihl = 0x45;
        ip->total_length = RTE_BE16(FRAME - 14);
        ip->time_to_live = 64;
        ip->next_proto_id = IPPROTO_UDP;
        ip->src_addr = 0x0a | (uint32_t)i << 8;
        ip->dst_addr = rte_cpu_to_be_32(VIP);
        *(uint16_t *)(frame + 36) = RTE_BE16(80);
        *(uint16_t *)(frame + 38) = RTE_BE16(FRAME - 34);
        if (rte_eth_tx_burst(port, 0, &mbuf, 1) != 1) {
            rte_exit(1, "ring is full\n");
        }
    }
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "Usage: %s MODE SECONDS CORE DRIVER-DIRECTORY\n"
                        "MODE: none, l2dsr, ipip, l2dsr-flows, ipip-flows\n",
                argv[0]);
        return 2;
    }
    mode = strncmp(argv[1], "ipip", 4) == 0 ? IPIP : strncmp(argv[1], "l2dsr", 5) == 0 ? L2DSR : NONE;
    has_flows = strstr(argv[1], "-flows") != NULL;
    int seconds = atoi(argv[2]);
    char driver1[512], driver2[512];
    snprintf(driver1, sizeof driver1, "%s/librte_mempool_ring.so.23", argv[4]);
    snprintf(driver2, sizeof driver2, "%s/librte_net_ring.so.23", argv[4]);
    char *eal[] = {argv[0], "-l", argv[3], "--in-memory", "--no-telemetry", "--log-level=4", "-m", has_flows ? "240" : "64",
                   "--no-pci", "-d", driver1, "-d", driver2};
    if (rte_eal_init(RTE_DIM(eal), eal) < 0) {
        return 1;
    }
    fill_state();
    struct rte_mempool *pool = rte_pktmbuf_pool_create("packets", 4095, 256, 0, 2048 + 128, -1);
    struct rte_ring *in = rte_ring_create("in", 4096, -1, 0), *out = rte_ring_create("out", 4096, -1, 0);
    if (pool == NULL || in == NULL || out == NULL) {
        return 1;
    }
    uint16_t port = make_port("loop", in, out, pool), feeder = make_port("feeder", out, in, pool);
    put_packets(feeder, pool);
    double *rounds = calloc(seconds * ROUNDS_PER_SECOND, sizeof *rounds);
    int count = 0;
    uint64_t begin = now(), total = 0, end = begin + seconds * 1000000000ull;
    for (uint64_t last = begin; last < end; count++) {
        uint64_t packets = 0;
        for (int i = 0; i < STEPS; i++) {
            packets += step(port);
            feed(feeder);
        }
        uint64_t time = now();
        rounds[count % (seconds * ROUNDS_PER_SECOND)] = (double)(time - last) / packets;
        total += packets;
        last = time;
    }
    int kept = count < seconds * ROUNDS_PER_SECOND ? count : seconds * ROUNDS_PER_SECOND;
    qsort(rounds, kept, sizeof *rounds, by_size);
    printf("{\"who\":\"c\",\"mode\":\"%s\",\"packets\":%" PRIu64 ",\"sent\":%" PRIu64
           ",\"least\":%.2f,\"median\":%.2f}\n",
           argv[1], total, mode == NONE ? total : reasons[2] + reasons[5], rounds[0], rounds[kept / 2]);
    rte_eal_cleanup();
    return 0;
}

/**
 * The datapath for machines that give their NIC to DPDK: every packet is decided and forwarded
 * here.
 *
 * <p>It decides with the same steering as the queue datapath; the daemon finds it only through the
 * Datapath contract. What DPDK's structures look like is not known here.
 *
 * <p>A burst goes through stages, each a small method over the whole burst, because C2 stops
 * inlining memory accesses in large ones: frames, decisions, forwarding, sending. None of them
 * allocates, locks or throws.
 */
package io.synlev.fastpath;

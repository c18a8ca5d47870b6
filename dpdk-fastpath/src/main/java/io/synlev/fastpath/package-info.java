/**
 * The datapath for machines that give their NIC to DPDK. Empty so far; see docs/roadmap.md.
 *
 * <p>It will decide with the same steering as the queue datapath; the daemon finds it only through
 * the Datapath contract.
 */
package io.synlev.fastpath;

/**
 * Bindings of DPDK: EAL, ports, mbufs. Empty so far; see docs/roadmap.md.
 *
 * <p>It will know nothing of load balancing.
 */
package io.synlev.dpdk;

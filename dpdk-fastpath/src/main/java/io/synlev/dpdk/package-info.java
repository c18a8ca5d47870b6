/**
 * DPDK from Java without a C shim: EAL, ports, queues, packet pools, bursts.
 *
 * <p>Knows nothing of load balancing or of what is in a packet. Everything that depends on how DPDK
 * was compiled is in {@link io.synlev.dpdk.Layout2211}; {@link io.synlev.dpdk.Eal} refuses any
 * other DPDK before it relies on it.
 *
 * <p>Calls that set things up run on the EAL's thread and may take milliseconds. Bursts run on
 * workers that {@link io.synlev.dpdk.Workers} has registered; they neither allocate nor throw.
 */
package io.synlev.dpdk;

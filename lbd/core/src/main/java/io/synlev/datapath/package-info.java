/**
 * The contracts between what decides about packets and what moves them.
 *
 * <p>A datapath (NFQUEUE, DPDK) knows nothing of services or tables: it hands packets to a {@link
 * io.synlev.datapath.BatchDecider} and does what each {@link io.synlev.datapath.Decision} says.
 * Nothing here knows native code, sockets or shared memory.
 */
package io.synlev.datapath;

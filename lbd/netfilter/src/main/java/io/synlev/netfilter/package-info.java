/**
 * The NFQUEUE datapath: packets that a rule queues, decided in batches on one thread a queue.
 *
 * <p>libmnl opens the netlink socket, libnetfilter_queue writes the configuration and the pattern
 * of a verdict; the hot loop then works on the same descriptor with recvmmsg(2) and send(2). Knows
 * nothing of services, pools or shared memory: it asks a {@link io.synlev.datapath.BatchDecider}.
 */
package io.synlev.netfilter;

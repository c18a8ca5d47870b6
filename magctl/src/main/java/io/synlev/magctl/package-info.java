/**
 * The tool that people and scripts manage a balancer with: one class per command.
 *
 * <p>It changes and reads the shared state itself and therefore works without the daemon; the
 * daemon is only asked, where it runs, to confirm that it has taken a change over. It knows nothing
 * of packets' ways (netfilter, BPF, DPDK) and never waits for traffic.
 *
 * <p>A cold start is what people feel here, so only the class of the command that was asked for is
 * loaded, and what few commands need (JSON, sockets) only where it is needed.
 */
package io.synlev.magctl;

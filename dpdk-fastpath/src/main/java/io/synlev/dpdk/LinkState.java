package io.synlev.dpdk;

/**
 * A port's link: struct rte_eth_link, rte_ethdev.h.
 *
 * @param up whether there is one
 * @param megabits a second; 0 if there is none, 4294967295 if it is not known
 * @param fullDuplex whether both sides may send at once
 */
public record LinkState(boolean up, long megabits, boolean fullDuplex) {}

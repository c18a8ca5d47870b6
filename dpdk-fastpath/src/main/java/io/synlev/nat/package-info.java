/**
 * Full network address translation: what a client sends to a VIP goes to a backend from an address
 * of ours, and the backend's reply goes back to the client from the VIP.
 *
 * <p>Pure: packets and sessions are bytes at addresses that others own, time is passed in. What
 * DPDK is, how packets come and go and who decides about them is not known here. docs/dpdk-nat.md
 * draws the layout.
 *
 * <p>Hot: translating allocates nothing, takes no lock and throws nothing.
 */
package io.synlev.nat;

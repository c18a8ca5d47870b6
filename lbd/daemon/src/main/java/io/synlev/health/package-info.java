/**
 * Health checks: one thread asks the backends, another publishes what it finds out.
 *
 * <p>Knows the state and native sockets, and nothing of packets, steering or the control socket.
 */
package io.synlev.health;

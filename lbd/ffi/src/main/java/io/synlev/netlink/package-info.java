/**
 * Talking with the kernel over netlink: messages, attributes, a socket; and what rtnetlink knows of
 * routes.
 *
 * <p>Knows nothing of packets, queues or load balancing. Messages are built and read in place in
 * native memory that is allocated once, so asking neither allocates nor throws.
 */
package io.synlev.netlink;

/**
 * Which backend a packet gets, and why: service, fragment, ICMP error, table.
 *
 * <p>Knows packets and the shared state. Must not know queues, sockets, native code, or how a
 * verdict reaches the kernel; a datapath hands over packets through {@link
 * io.synlev.datapath.BatchDecider}.
 */
package io.synlev.steering;

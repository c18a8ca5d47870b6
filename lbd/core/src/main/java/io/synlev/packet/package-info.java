/**
 * The headers of a packet: where their fields are, and what a packet says about itself.
 *
 * <p>Pure: a packet is an address and a length, and nothing outside of it is read. Must not know
 * services, tables, marks, queues or where packets come from.
 */
package io.synlev.packet;

/**
 * Raw memory at addresses: one all-memory segment and the accesses that everything hot is built of.
 *
 * <p>Must not know what lies at the addresses: no packets, no tables, no native calls.
 */
package io.synlev.memory;

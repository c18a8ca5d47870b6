/**
 * Keyed hashing: the instance's {@link io.synlev.hash.Seed}, the hash of a flow and the hash of a
 * name.
 *
 * <p>Pure: no I/O, no native code, no knowledge of packets, pools or shared memory.
 */
package io.synlev.hash;

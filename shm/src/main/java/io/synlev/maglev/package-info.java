/**
 * Maglev consistent hashing (Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load
 * Balancer", NSDI 2016, section 3.4), with weights.
 *
 * <p>Pure: a table is a function of names, weights, seed and size. No I/O, no shared memory, no
 * native code.
 */
package io.synlev.maglev;

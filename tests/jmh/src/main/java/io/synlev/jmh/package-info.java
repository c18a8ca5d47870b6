/**
 * Micro-benchmarks of what runs per packet and per change of a pool. Nothing depends on it.
 *
 * <p>Run them with {@code tests/jmh/run}, which passes its arguments to JMH.
 */
package io.synlev.jmh;

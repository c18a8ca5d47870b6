/**
 * How threads end: what every module needs and none owns.
 *
 * <p>Must not know what the threads do.
 */
package io.synlev.threads;

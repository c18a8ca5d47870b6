/**
 * How threads end, and that they do not by mistake: what every module needs and none owns.
 *
 * <p>Must not know what the threads do.
 */
package io.synlev.threads;

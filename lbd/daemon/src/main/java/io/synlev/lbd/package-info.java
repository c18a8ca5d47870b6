/**
 * The daemon's process: options, life cycle, log, control methods.
 *
 * <p>Knows every room of lbd and joins them; how packets are received or decided is theirs.
 */
package io.synlev.lbd;

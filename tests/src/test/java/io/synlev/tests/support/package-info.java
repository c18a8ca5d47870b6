/**
 * What system tests are made of: labs, processes, daemons, rules, traffic and waiting.
 *
 * <p>It starts real programs and must not know how they work inside: what it learns, it learns from
 * their output, from the kernel's files and from the packets that arrive.
 */
package io.synlev.tests.support;

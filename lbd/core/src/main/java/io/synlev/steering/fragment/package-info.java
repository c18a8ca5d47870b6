/**
 * What is remembered about fragmented datagrams: where their first fragment went, and which
 * fragments came before it.
 *
 * <p>Pure: time is passed in, memory is bounded, nothing is allocated after the constructors. Must
 * not know services, pools, queues, or how a held packet is sent on its way again.
 */
package io.synlev.steering.fragment;

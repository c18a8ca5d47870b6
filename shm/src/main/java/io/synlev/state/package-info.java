/**
 * What a balancer knows: instance, pools, backends, services, counters and the daemon's liveness,
 * in Chronicle-Map files that magctl and lbd share.
 *
 * <p>Writers change it under one file lock and publish whole generations; readers use direct
 * addresses and re-check the instance's epoch. It knows tables and names, but nothing of packets,
 * queues or commands.
 */
package io.synlev.state;

package io.synlev.nat;

import io.synlev.datapath.BatchDecider;
import io.synlev.hash.FlowHash;
import io.synlev.hash.Seed;
import io.synlev.memory.Memory;
import io.synlev.packet.FlowBurst;
import io.synlev.packet.FlowKey;
import io.synlev.packet.PlainParser;

/**
 * Brings the sessions of a burst into the processor's cache, so that the waits for memory overlap:
 * in passes, as {@link FlowBurst} has its packets looked up elsewhere. Only what most traffic
 * consists of; changes nothing. Belongs to one worker. Hot.
 */
final class Approach {

  private final NatTable table;
  private final Sources sources;
  private final FlowHash hashes;
  private final int worker;
  private final FlowBurst flows = new FlowBurst(BatchDecider.MAX_BATCH);
  private final int[] indices = new int[BatchDecider.MAX_BATCH];
  private final int[] others = new int[BatchDecider.MAX_BATCH];
  private final int[] sessions = new int[BatchDecider.MAX_BATCH];

  /** Keeps loads that only bring memory near from being left out. */
  private long approached;

  Approach(NatTable table, Sources sources, int worker, Seed seed) {
    this.table = table;
    this.sources = sources;
    this.worker = worker;
    hashes = new FlowHash(seed);
  }

  /** What {@link Translator#approach} says. */
  void to(long[] packets, int[] lengths, int count) {
    flows.count = 0;
    int most = Math.min(count, BatchDecider.MAX_BATCH);
    PlainParser.parse(packets, lengths, 0, most, flows, indices, others, 0);
    for (int i = 0; i < flows.count; i++) {
      sessions[i] = session(i);
    }
    readAll();
  }

  private int session(int i) {
    boolean isIpv6 = flows.family[i] == FlowKey.IPV6;
    long high = isIpv6 ? flows.destinationHigh[i] : 0;
    int source = sources.find(isIpv6, high, flows.destinationLow[i]);
    if (source == Sources.NONE) {
      return table.chains.first(isIpv6 ? hashIpv6(i) : hashIpv4(i));
    }
    int port = flows.ports[i] & 0xffff;
    boolean isOurs = sources.worker(port) == worker;
    return isOurs ? table.ports.session(source, flows.protocol[i], port) : 0;
  }

  private int hashIpv4(int i) {
    return hashes.ipv4(
        (int) flows.sourceLow[i], (int) flows.destinationLow[i], flows.ports[i], flows.protocol[i]);
  }

  private int hashIpv6(int i) {
    return hashes.ipv6(
        flows.sourceHigh[i],
        flows.sourceLow[i],
        flows.destinationHigh[i],
        flows.destinationLow[i],
        flows.ports[i],
        flows.protocol[i]);
  }

  private void readAll() {
    long sum = 0;
    for (int i = 0; i < flows.count; i++) {
      if (sessions[i] != 0) {
        long session = table.address(sessions[i]);
        sum +=
            Memory.getLong(session, Session.ADDRESSES) + Memory.getLong(session, Session.BACKEND);
      }
    }
    approached += sum;
  }
}

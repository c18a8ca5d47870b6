package io.synlev.steering;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.datapath.FlowTable;
import io.synlev.datapath.Reason;
import io.synlev.steering.fragment.FragmentOptions;
import io.synlev.steering.fragment.HeldInMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A steering that remembers fragments, and the way of those it released: back into it. */
final class FragmentBed {

  /** What became of a packet: its bytes as text, and the decision that let it pass or end. */
  record Fate(Action action, int mark, Reason reason, long generation) {}

  final HeldInMemory held;
  final Fragments fragments;
  final Steering steering;

  /** By the packet's bytes; of a packet that was held, what became of it when it came back. */
  final Map<ByteBuffer, List<Fate>> fates = new HashMap<>();

  long now = Long.MAX_VALUE - 1_000_000_000;

  FragmentBed(Testbed bed, FragmentOptions options, Epoch epochs) {
    held = new HeldInMemory(options.heldBytes());
    fragments = new Fragments(options, held, Testbed.SEED);
    steering =
        new Steering(
            bed.instance,
            bed.views,
            0,
            SteeringOptions.DEFAULT,
            FlowTable.EMPTY,
            null,
            fragments,
            epochs,
            true);
  }

  FragmentBed(Testbed bed, FragmentOptions options) {
    this(bed, options, new Epoch(bed.instance));
  }

  /** Sends packets in batches of so many, each batch a microsecond after the one before. */
  void send(List<byte[]> packets, int batch) {
    for (int i = 0; i < packets.size(); i += batch) {
      decide(packets.subList(i, Math.min(i + batch, packets.size())), false);
      takeBack();
    }
  }

  /** What was released comes in again. */
  private void takeBack() {
    while (!held.released.isEmpty()) {
      List<byte[]> back = new ArrayList<>(held.released);
      held.released.clear();
      decide(back.subList(0, Math.min(back.size(), Steering.MAX_BATCH)), true);
      if (back.size() > Steering.MAX_BATCH) {
        held.released.addAll(back.subList(Steering.MAX_BATCH, back.size()));
      }
    }
  }

  void send(byte[]... packets) {
    send(List.of(packets), 1);
  }

  /** Sends a packet as another balancer does. */
  void sendFromBalancer(byte[] packet) {
    held.fromBalancer = true;
    decide(List.of(packet), false);
    held.fromBalancer = false;
    takeBack();
  }

  private void decide(List<byte[]> packets, boolean returned) {
    now += 1000;
    held.returned = returned;
    long[] addresses = new long[packets.size()];
    int[] lengths = new int[packets.size()];
    Decision[] out = new Decision[packets.size()];
    try (Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < out.length; i++) {
        byte[] packet = packets.get(i);
        MemorySegment copy = arena.allocate(packet.length);
        copy.copyFrom(MemorySegment.ofArray(packet));
        addresses[i] = copy.address();
        lengths[i] = packet.length;
        out[i] = new Decision();
      }
      steering.decideBatch(addresses, lengths, out.length, now, out);
    }
    for (int i = 0; i < out.length; i++) {
      if (out[i].reason != Reason.FRAGMENT_HELD) {
        fates
            .computeIfAbsent(ByteBuffer.wrap(packets.get(i)), _ -> new ArrayList<>())
            .add(new Fate(out[i].action, out[i].mark, out[i].reason, out[i].generation));
      }
    }
  }

  /** What became of a packet, each time it was sent. */
  List<Fate> fates(byte[] packet) {
    return fates.getOrDefault(ByteBuffer.wrap(packet), List.of());
  }

  /** What became of a packet that was sent once. */
  Fate fate(byte[] packet) {
    List<Fate> all = fates(packet);
    if (all.size() != 1) {
      throw new AssertionError("one fate expected: " + all);
    }
    return all.getFirst();
  }
}

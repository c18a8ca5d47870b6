package io.synlev.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.synlev.memory.Memory;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Both directions, sessions that begin, end and make room, errors, refusals: not one byte. */
class NatAllocationTest {

  private static final int ROUNDS = 300_000;
  private static final int CLIENTS = 400;

  private final long[] addresses = new long[1];
  private final int[] lengths = new int[1];
  private NatBed bed;
  private byte[][] there;
  private byte[][] errors;
  private long at;
  private int translated;

  @Test
  void shouldAllocateNothingInMillionsOfPackets() throws Exception {
    try (NatBed opened = new NatBed(NatBed.options(2, 1024, 2000, 4999))) {
      bed = opened;
      there =
          new byte[][] {
            Packet.tcp(NatBed.CLIENT, 0, NatBed.VIP, 80, Packet.SYN).bytes(),
            Packet.udp(NatBed.CLIENT_V6, 0, NatBed.VIP_V6, 53).bytes(),
            Packet.udp(NatBed.CLIENT, 0, NatBed.VIP, 53).fragment(9, 0x2000).bytes(),
            Packet.of(132, NatBed.CLIENT, 0, NatBed.VIP, 53, 0).bytes(),
          };
      Packet back = Packet.udp(NatBed.VIP, 53, NatBed.CLIENT, 7);
      errors = new byte[][] {Errors.error("198.51.100.254", NatBed.VIP, back.bytes(), 28)};
      at = bed.arena.allocate(256, 8).address();
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      run();
      long before = threads.getCurrentThreadAllocatedBytes();
      run();
      assertEquals(0, threads.getCurrentThreadAllocatedBytes() - before, "bytes");
      assertTrue(translated > 8 * ROUNDS, "translated " + translated);
      assertTrue(bed.counted(NatCounter.EVICTED) > ROUNDS);
      assertTrue(bed.counted(NatCounter.EXPIRED) > 1000);
      assertTrue(bed.counted(NatCounter.BORROWED) > 1000);
    }
  }

  private void run() {
    for (int i = 0; i < ROUNDS; i++) {
      int port = i * 7 % CLIENTS;
      for (byte[] packet : there) {
        put(packet);
        int transport = packet[0] >> 4 == 6 ? 40 : 20;
        Memory.putShortBe(at + transport, (short) port);
        send(0, packet.length, transport);
      }
      for (byte[] error : errors) {
        put(error);
        translate(
            bed.translators
                .get(i & 1)
                .toBackend(at, error.length, bed.hop, 0, 1, true, 2, bed.now));
      }
      bed.now += i % 1000 == 0 ? 200 * NatBed.SECOND : 100_000;
      bed.translators.get(0).sweep(bed.now);
      bed.translators.get(1).sweep(bed.now);
    }
  }

  private void put(byte[] packet) {
    for (int i = 0; i < packet.length; i++) {
      Memory.putByte(at + i, packet[i]);
    }
  }

  /** There, and back: to the owner, and to the other worker, which reads the session. */
  private void send(int worker, int length, int transport) {
    addresses[0] = at;
    lengths[0] = length;
    bed.translators.get(worker).approach(addresses, lengths, 1);
    NatOutcome outcome =
        bed.translators.get(worker).toBackend(at, length, bed.hop, 0, 1, true, 2, bed.now);
    translate(outcome);
    if (outcome == NatOutcome.TRANSLATED) {
      turn(transport);
      int owner = bed.translators.get(worker).owner(at, length);
      translate(bed.translators.get(owner).toClient(at, length, bed.now));
    }
  }

  private void turn(int transport) {
    int ports = Memory.getInt(at + transport);
    Memory.putInt(at + transport, ports << 16 | ports >>> 16);
    int half = transport == 20 ? 4 : 16;
    int first = transport == 20 ? 12 : 8;
    for (int i = 0; i < half; i += 4) {
      int from = Memory.getInt(at + first + i);
      Memory.putInt(at + first + i, Memory.getInt(at + first + half + i));
      Memory.putInt(at + first + half + i, from);
    }
  }

  private void translate(NatOutcome outcome) {
    translated += outcome == NatOutcome.TRANSLATED ? 1 : 0;
  }
}

package io.synlev.nat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.FlowTimeouts;
import io.synlev.hash.FlowHash;
import io.synlev.memory.Memory;
import io.synlev.packet.FlowKey;
import io.synlev.state.NextHop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * One worker begins and ends sessions as fast as it can while another one reads them: what it finds
 * is of one session. Everything about a session follows from its client's port here, so that a
 * mixture of two is seen.
 */
class ConcurrentReadersTest {

  private static final int PORTS = 16;
  private static final int CLIENTS = 4096;
  private static final int READS = 3_000_000;
  private static final int LEAST_FOUND = 1000;
  private static final int SESSIONS = 1_000_000;

  private final AtomicReference<String> wrong = new AtomicReference<>();
  private volatile boolean isRead;
  private volatile boolean isWritten;

  @Test
  void shouldReadWhatBelongsTogether() throws Exception {
    NatOptions options =
        new NatOptions(
            NatBed.sources(NatBed.SOURCE),
            2000,
            2000 + 2 * PORTS - 1,
            2,
            64,
            FlowTimeouts.DEFAULT,
            120);
    try (NatBed bed = new NatBed(options)) {
      Thread writer = Thread.ofPlatform().start(() -> write(bed));
      int found = 0;
      try {
        found = read(bed);
      } finally {
        isRead = true;
        writer.join();
      }
      assertNull(wrong.get());
      assertTrue(found >= LEAST_FOUND, "found " + found);
      assertTrue(bed.tables.counted(0, NatCounter.EVICTED) > SESSIONS / 2);
      assertEquals(0, bed.tables.counted(1, NatCounter.OPENED));
      assertEquals(PORTS, bed.tables.sessions());
    }
  }

  /** Client port p: backend 10.1.p.p, MAC p, number p + 1. */
  private void write(NatBed bed) {
    Translator translator = bed.translators.get(0);
    NextHop hop = new NextHop();
    hop.isKnown = true;
    hop.hasIpv4 = true;
    byte[] template = Packet.tcp(NatBed.CLIENT, 0, NatBed.VIP, 80, Packet.SYN).bytes();
    try (Arena arena = Arena.ofConfined()) {
      long at = arena.allocate(template.length).address();
      for (int i = 0; i < SESSIONS || !isRead; i++) {
        isWritten = i >= SESSIONS;
        MemorySegment.copy(
            MemorySegment.ofArray(template),
            0,
            Memory.slice(at, template.length),
            0,
            template.length);
        int port = i * 7 % CLIENTS;
        Memory.putShortBe(at + 20, (short) port);
        hop.ipv4 = backend(port);
        NatOutcome outcome =
            translator.toBackend(at, template.length, hop, port + 1, port + 1, true, port, bed.now);
        if (outcome != NatOutcome.TRANSLATED) {
          wrong.set("the writer's packet is " + outcome);
        }
      }
    } finally {
      isWritten = true;
    }
  }

  private static int backend(int port) {
    return 10 << 24 | 1 << 16 | port;
  }

  /** Reads by source port with a guess at the backend, and by client port. */
  private int read(NatBed bed) {
    NatTable table = bed.tables.table(0);
    Translation translation = new Translation();
    FlowKey flow = new FlowKey();
    FlowHash hashes = new FlowHash(bed.tables.seed());
    int client = ByteBuffer.wrap(Packet.address(NatBed.CLIENT)).getInt();
    int vip = ByteBuffer.wrap(Packet.address(NatBed.VIP)).getInt();
    int source = ByteBuffer.wrap(Packet.address(NatBed.SOURCE)).getInt();
    int tick = Session.tick(bed.now);
    int found = 0;
    for (int i = 0; i < READS || !isWritten; i++) {
      int port = i % CLIENTS;
      flow.ipv4(client, vip, 6, port << 16 | 80);
      int hash = hashes.ipv4(client, vip, port << 16 | 80, 6);
      SessionReader.Found there =
          SessionReader.findFlow(
              table, flow, hash, SessionReader.ANY_BACKEND, true, tick, translation);
      if (there == SessionReader.Found.YES) {
        found++;
        check(translation, port, translation.fromPort);
        int sourcePort = translation.fromPort;
        flow.ipv4(backend(port), source, 6, port + 1 << 16 | sourcePort);
        there = SessionReader.findPort(table, flow, 0, true, tick, translation);
        if (there == SessionReader.Found.YES) {
          checkBack(translation, port);
        }
      }
    }
    return found;
  }

  private void check(Translation translation, int port, int sourcePort) {
    boolean isRight =
        (int) translation.toLow == backend(port)
            && translation.toPort == port + 1
            && translation.clientMac == port
            && translation.backend == port + 1
            && sourcePort >= 2000
            && sourcePort < 2000 + PORTS;
    if (!isRight) {
      wrong.set("of client port " + port + " another one's backend was read");
    }
  }

  private void checkBack(Translation translation, int port) {
    boolean isRight =
        translation.toPort == port
            && translation.clientMac == port
            && translation.backend == port + 1
            && translation.fromPort == 80;
    if (!isRight) {
      wrong.set("of the backend of " + port + " another one's client was read");
    }
  }
}

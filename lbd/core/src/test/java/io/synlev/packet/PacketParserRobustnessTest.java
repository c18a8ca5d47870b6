package io.synlev.packet;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.synlev.ffi.GuardPages;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Whatever the bytes are, nothing outside of them is read and the model agrees. A read outside ends
 * the test process.
 */
class PacketParserRobustnessTest {

  private static final int MUTATIONS = 1_000_000;

  private final PacketHeaders headers = new PacketHeaders();
  private final PacketHeaders quoted = new PacketHeaders();
  private GuardPages memory;
  private final FlowBurst plain = new FlowBurst(1);
  private final FlowKey plainFlow = new FlowKey();
  private final long[] addresses = new long[1];
  private final int[] lengths = new int[1];
  private final int[] indices = new int[1];
  private int errors;
  private int plains;

  @BeforeEach
  void map() throws Exception {
    memory = new GuardPages(4096);
  }

  @AfterEach
  void unmap() {
    memory.close();
  }

  private static List<byte[]> packets() {
    List<byte[]> packets = new ArrayList<>(Packets.unusual());
    packets.addAll(Errors.all());
    Captured.all().forEach(packet -> packets.add(packet.bytes()));
    return packets;
  }

  private void check(byte[] packet) {
    ModelParser model = new ModelParser(packet);
    check(packet, memory.placeAtEnd(packet), model);
    check(packet, memory.placeAtStart(packet), model);
  }

  private void check(byte[] packet, long address, ModelParser model) {
    PacketParser.parse(address, packet.length, headers);
    compare(packet, model, headers);
    checkPlain(packet, address);
    if (headers.status == HeaderStatus.OK && headers.kind == PacketKind.ICMP_ERROR) {
      IcmpErrorParser.parse(address, packet.length, headers, quoted);
      compare(packet, model.quoted(), quoted);
      errors++;
    }
  }

  /** What the parser of plain packets takes, it must read the same. */
  private void checkPlain(byte[] packet, long address) {
    plain.count = 0;
    addresses[0] = address;
    lengths[0] = packet.length;
    int left = PlainParser.parse(addresses, lengths, 0, 1, plain, indices, indices, 0);
    if (left + plain.count != 1) {
      fail("neither taken nor left: " + HexFormat.of().formatHex(packet));
    }
    if (left == 0) {
      plain.copy(0, plainFlow);
      int at = headers.transportOffset;
      boolean isTcp = headers.kind == PacketKind.TCP;
      int flags = isTcp ? TransportHeader.tcpFlags(address + at, headers.end - at) : 0;
      boolean isSame =
          headers.status == HeaderStatus.OK
              && !headers.fragment
              && flags == plain.tcpFlags[0]
              && plainFlow.family == headers.flow.family
              && plainFlow.sourceHigh == headers.flow.sourceHigh
              && plainFlow.sourceLow == headers.flow.sourceLow
              && plainFlow.destinationHigh == headers.flow.destinationHigh
              && plainFlow.destinationLow == headers.flow.destinationLow
              && plainFlow.protocol == headers.flow.protocol
              && plainFlow.ports == headers.flow.ports;
      if (!isSame) {
        fail(HexFormat.of().formatHex(packet) + "\n" + ModelParser.describe(headers));
      }
      plains++;
    }
  }

  private static void compare(byte[] packet, ModelParser model, PacketHeaders headers) {
    if (!model.agreesWith(headers)) {
      fail(
          "packet %s\nmodel  %s\nparser %s"
              .formatted(HexFormat.of().formatHex(packet), model, ModelParser.describe(headers)));
    }
  }

  @Test
  void shouldStandEveryTruncation() {
    for (byte[] packet : packets()) {
      for (int length = 0; length <= packet.length; length++) {
        check(Arrays.copyOf(packet, length));
      }
    }
  }

  @Test
  void shouldStandEveryValueOfEveryHeaderByte() {
    for (byte[] packet : packets()) {
      for (int at = 0; at < Math.min(packet.length, 160); at++) {
        byte[] changed = packet.clone();
        for (int value = 0; value < 256; value++) {
          changed[at] = (byte) value;
          check(changed);
        }
      }
    }
  }

  @Test
  void shouldStandAMillionMutations() {
    Mutator mutator = new Mutator(new SplittableRandom(20260101), packets());
    for (int i = 0; i < MUTATIONS; i++) {
      check(mutator.next());
    }
    assertTrue(errors > MUTATIONS / 10, "errors " + errors);
    assertTrue(plains > MUTATIONS / 10, "plain packets " + plains);
  }
}

package io.synlev.magctl.pcap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaptureReaderTest {
  private static final HexFormat HEX = HexFormat.of();

  /** An IPv4 header (RFC 791). */
  private static final String IPV4 = "4500001400000000400600000a0000010a000002";

  private static final String MACS = "02000000000102000000000a";

  private static List<CapturedPacket> read(byte[] file) throws IOException {
    List<CapturedPacket> packets = new ArrayList<>();
    try (CaptureReader reader = CaptureReader.of(new ByteArrayInputStream(file))) {
      for (CapturedPacket packet = reader.next(); packet != null; packet = reader.next()) {
        packets.add(packet);
      }
    }
    return packets;
  }

  /** One packet of a link type, as a pcap file. */
  private static CapturedPacket only(int linkType, String frame) throws IOException {
    byte[] file =
        CaptureFiles.pcap(ByteOrder.LITTLE_ENDIAN, false, linkType, List.of(HEX.parseHex(frame)));
    List<CapturedPacket> packets = read(file);
    assertEquals(1, packets.size());
    return packets.getFirst();
  }

  @ParameterizedTest
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void shouldReadPcapOfEitherOrderAndResolution(boolean big, boolean nanos) throws IOException {
    ByteOrder order = big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    byte[] ip = HEX.parseHex(IPV4);
    List<CapturedPacket> packets = read(CaptureFiles.pcap(order, nanos, 101, List.of(ip, ip, ip)));
    assertEquals(List.of(1L, 2L, 3L), packets.stream().map(CapturedPacket::number).toList());
    for (CapturedPacket packet : packets) {
      assertArrayEquals(ip, packet.bytes());
    }
    assertEquals(
        (CaptureFiles.SECONDS + 2) * 1_000_000_000 + 14 * (nanos ? 1 : 1000),
        packets.get(2).epochNanos());
  }

  @ParameterizedTest
  @CsvSource({
    "101, ''",
    "12, ''",
    "228, ''",
    "1, 02000000000102000000000a0800",
    "1, 02000000000102000000000a8100006f0800",
    "1, 02000000000102000000000a88a800018100006f0800",
    "113, 00000001000602000000000100000800",
    "113, 000000010006020000000001000081000064" + "0800",
    "276, 0800000000000002000100060200000000010000",
  })
  void shouldFindTheIpPacketOfEachLinkType(int linkType, String header) throws IOException {
    CapturedPacket packet = only(linkType, header + IPV4);
    assertEquals(null, packet.skipped());
    assertArrayEquals(HEX.parseHex(IPV4), packet.bytes());
  }

  @Test
  void shouldSayWhyThereIsNoIpPacket() throws IOException {
    assertEquals("no IP: ethertype 0x806", only(1, MACS + "0806" + "0001").skipped());
    assertEquals("no IP: ethertype 0x806", only(1, MACS + "8100" + "0001" + "0806").skipped());
    assertTrue(only(1, MACS).skipped().contains("inside its link header"));
    assertTrue(only(1, MACS + "8100" + "00").skipped().contains("inside a VLAN tag"));
    assertTrue(only(105, IPV4).skipped().startsWith("link type 105 is not known here"));
  }

  @ParameterizedTest
  @CsvSource({"false, 6, 1000", "true, 6, 1000", "false, 9, 1", "false, 3, 1000000", "true, 9, 1"})
  void shouldReadPcapng(boolean big, int resolution, long nanosPerTick) throws IOException {
    ByteOrder order = big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    byte[] ip = HEX.parseHex(IPV4);
    byte[] frame = HEX.parseHex(MACS + "0800" + IPV4);
    long ticks = 0x1_2345_6789L;
    byte[] file =
        CaptureFiles.join(
            CaptureFiles.section(order),
            CaptureFiles.source(order, 101, 6),
            CaptureFiles.source(order, 1, resolution),
            CaptureFiles.block(order, 4, new byte[] {0, 0, 0, 0}),
            CaptureFiles.packet(order, 1, ticks, frame),
            CaptureFiles.block(order, 0x0bad, new byte[40]),
            CaptureFiles.packet(order, 0, 5, ip));
    List<CapturedPacket> packets = read(file);
    assertEquals(2, packets.size());
    assertArrayEquals(ip, packets.get(0).bytes());
    assertEquals(ticks * nanosPerTick, packets.get(0).epochNanos());
    assertArrayEquals(ip, packets.get(1).bytes());
    assertEquals(5000, packets.get(1).epochNanos());
  }

  @Test
  void shouldReadSectionsOfDifferentOrders() throws IOException {
    byte[] ip = HEX.parseHex(IPV4);
    byte[] file = new byte[0];
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      file =
          CaptureFiles.join(
              file,
              CaptureFiles.section(order),
              CaptureFiles.source(order, 101, 6),
              CaptureFiles.packet(order, 0, 1, ip));
    }
    assertEquals(2, read(file).size());
  }

  @Test
  void shouldSayWhatIsNoCapture() {
    assertEquals(
        "it has 2 bytes: no capture file",
        assertThrows(CaptureException.class, () -> read(new byte[2])).getMessage());
    assertEquals(
        "it starts with 0x23212f62: neither pcap nor pcapng",
        assertThrows(CaptureException.class, () -> read("#!/bin/sh".getBytes())).getMessage());
  }

  @Test
  void shouldReturnEverythingBeforeTheDamage() throws IOException {
    byte[] ip = HEX.parseHex(IPV4);
    byte[] whole = CaptureFiles.pcap(ByteOrder.BIG_ENDIAN, false, 101, List.of(ip, ip));
    try (CaptureReader reader =
        CaptureReader.of(new ByteArrayInputStream(Arrays.copyOf(whole, whole.length - 1)))) {
      assertArrayEquals(ip, reader.next().bytes());
      assertEquals(
          "it ends in the middle, behind packet 1",
          assertThrows(CaptureException.class, reader::next).getMessage());
    }
  }

  /** Fixed seed. Whatever the damage, reading ends with packets or with a sentence. */
  @Test
  void shouldBearAnyDamage() {
    byte[] ip = HEX.parseHex(IPV4);
    byte[] frame = HEX.parseHex(MACS + "8100006f0800" + IPV4);
    ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    List<byte[]> files =
        List.of(
            CaptureFiles.pcap(order, true, 1, List.of(frame, frame, frame)),
            CaptureFiles.join(
                CaptureFiles.section(order),
                CaptureFiles.source(order, 1, 9),
                CaptureFiles.source(order, 101, 6),
                CaptureFiles.packet(order, 0, 1, frame),
                CaptureFiles.block(order, 3, CaptureFiles.join(new byte[] {20, 0, 0, 0}, ip)),
                CaptureFiles.packet(order, 1, 1, ip)));
    SplittableRandom random = new SplittableRandom(3);
    int refused = 0;
    for (int i = 0; i < 40_000; i++) {
      byte[] file = files.get(i % files.size()).clone();
      for (int hits = random.nextInt(1, 4); hits > 0; hits--) {
        file[random.nextInt(file.length)] = (byte) random.nextInt(256);
      }
      try {
        read(
            Arrays.copyOf(
                file, random.nextInt(4) == 0 ? random.nextInt(file.length) : file.length));
      } catch (IOException e) {
        refused++;
      }
    }
    assertTrue(refused > 2_000, "refused " + refused);
  }
}

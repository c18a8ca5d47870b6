package io.synlev.magctl.pcap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcapngWriterTest {
  /** UDP from 10.0.0.1:1000 to 10.0.0.2:53, with a byte behind the header. */
  private static final byte[] PACKET =
      HexFormat.of()
          .parseHex("4500001d0000000040110000" + "0a0000010a000002" + "03e80035000900002a");

  private static final long NANOS = 1_767_323_045_123_456_789L;

  @TempDir Path temp;

  private static byte[] write(String comment) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (PcapngWriter writer = new PcapngWriter(out, "magctl", "synlev:web", "decided", 96)) {
      writer.write(NANOS, PACKET, 1500, comment);
      writer.write(NANOS + 1, PACKET, PACKET.length, "");
    }
    return out.toByteArray();
  }

  /** Options by code, read as the draft's section 3.5 says. */
  private static Map<Integer, byte[]> options(ByteBuffer bytes) {
    Map<Integer, byte[]> options = new TreeMap<>();
    while (bytes.remaining() >= 4) {
      int code = bytes.getShort();
      byte[] value = new byte[bytes.getShort() & 0xffff];
      bytes.get(value);
      bytes.position(bytes.position() + (4 - value.length % 4) % 4);
      if (code != 0) {
        options.put(code, value);
      }
    }
    return options;
  }

  /** The body of the next block; checks that both its lengths agree. */
  private static ByteBuffer block(ByteBuffer file, int type) {
    int start = file.position();
    assertEquals(type, file.getInt());
    int length = file.getInt();
    assertEquals(0, length % 4);
    assertEquals(length, file.getInt(start + length - 4));
    ByteBuffer body = file.slice(start + 8, length - 12).order(ByteOrder.LITTLE_ENDIAN);
    file.position(start + length);
    return body;
  }

  @Test
  void shouldWriteWhatTheDraftDraws() throws IOException {
    ByteBuffer file = ByteBuffer.wrap(write("é -> s1")).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer section = block(file, 0x0a0d0d0a);
    assertEquals(0x1a2b3c4d, section.getInt());
    assertEquals(1, section.getShort());
    assertEquals(0, section.getShort());
    assertEquals(-1, section.getLong());
    assertEquals("magctl", new String(options(section).get(4), StandardCharsets.UTF_8));
    ByteBuffer source = block(file, 1);
    assertEquals(101, source.getShort());
    source.getShort();
    assertEquals(96, source.getInt());
    Map<Integer, byte[]> described = options(source);
    assertEquals("synlev:web", new String(described.get(2), StandardCharsets.UTF_8));
    assertEquals("decided", new String(described.get(3), StandardCharsets.UTF_8));
    assertArrayEquals(new byte[] {9}, described.get(9));
    ByteBuffer packet = block(file, 6);
    assertEquals(0, packet.getInt());
    assertEquals(NANOS, (long) packet.getInt() << 32 | packet.getInt() & 0xffff_ffffL);
    assertEquals(PACKET.length, packet.getInt());
    assertEquals(1500, packet.getInt());
    byte[] bytes = new byte[PACKET.length];
    packet.get(bytes);
    assertArrayEquals(PACKET, bytes);
    packet.position(packet.position() + 3);
    assertEquals("é -> s1", new String(options(packet).get(1), StandardCharsets.UTF_8));
    block(file, 6);
    assertEquals(0, file.remaining());
  }

  @Test
  void shouldReadWhatItWrote() throws IOException {
    try (CaptureReader reader = CaptureReader.of(new ByteArrayInputStream(write("x")))) {
      CapturedPacket packet = reader.next();
      assertArrayEquals(PACKET, packet.bytes());
      assertEquals(NANOS, packet.epochNanos());
      assertEquals(2, reader.next().number());
      assertEquals(null, reader.next());
    }
  }

  @Test
  void shouldBeWhatTcpdumpReads() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/tcpdump")), "no tcpdump here");
    Path file = Files.write(temp.resolve("file.pcapng"), write("c".repeat(70_000)));
    Process process =
        new ProcessBuilder(
                "/usr/bin/tcpdump", "-n", "-tt", "--nano", "-r", file.toString(), "udp port 53")
            .redirectError(temp.resolve("err").toFile())
            .start();
    String said = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), () -> said);
    assertEquals(2, said.lines().count(), said);
    assertTrue(said.startsWith("1767323045.123456789 IP 10.0.0.1.1000 > 10.0.0.2.53: "), said);
  }
}

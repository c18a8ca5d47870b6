package io.synlev.netlink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.ffi.GuardPages;
import io.synlev.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes are written out from netlink(7); behind them is memory that nobody may touch. */
class NetlinkAttributesTest {

  private static byte[] bytes(int... shorts) {
    ByteBuffer buffer = ByteBuffer.allocate(shorts.length * 2).order(ByteOrder.nativeOrder());
    for (int value : shorts) {
      buffer.putShort((short) value);
    }
    return buffer.array();
  }

  /** Types and lengths of the attributes that a walk meets. */
  private static List<String> walk(byte[] content) throws Exception {
    List<String> met = new ArrayList<>();
    try (GuardPages pages = new GuardPages(4096)) {
      NetlinkAttributes attributes = new NetlinkAttributes();
      attributes.begin(pages.placeAtEnd(content), content.length);
      while (attributes.advance()) {
        assertEquals(attributes.length(), attributes.bytes().length);
        met.add(attributes.type() + ":" + attributes.length());
      }
      assertFalse(attributes.advance(), "the end stays the end");
    }
    return met;
  }

  @Test
  void shouldMeetEachAttributeOnce() throws Exception {
    assertEquals(List.of(), walk(new byte[0]));
    assertEquals(List.of("3:0"), walk(bytes(4, 3)));
    // Lengths 4 + 2 with padding, then 4 + 4.
    assertEquals(List.of("1:2", "2:4"), walk(bytes(6, 1, 0xaaaa, 0, 8, 2, 1, 2)));
    // The last one's padding may be missing.
    assertEquals(List.of("1:2"), walk(bytes(6, 1, 0xaaaa)));
  }

  @Test
  void shouldLeaveFlagsOutOfTheType() throws Exception {
    assertEquals(List.of("5:0", "6:0"), walk(bytes(4, 0x8005, 4, 0x4006)));
  }

  @Test
  void shouldEndWhereAnAttributeIsNone() throws Exception {
    assertEquals(List.of(), walk(bytes(3, 1, 0, 0)), "shorter than its header");
    assertEquals(List.of(), walk(bytes(0, 0, 4, 1)), "of no length");
    assertEquals(List.of("1:0"), walk(bytes(4, 1, 9, 2, 0, 0)), "longer than what is there");
    assertEquals(List.of("1:0"), walk(bytes(4, 1, 0xffff, 2)));
    assertEquals(List.of("1:0"), walk(bytes(4, 1, 4)), "half a header");
  }

  @Test
  void shouldReadNothingOutsideWhateverTheBytesAre() throws Exception {
    Random random = new Random(5);
    try (GuardPages pages = new GuardPages(4096)) {
      NetlinkAttributes outer = new NetlinkAttributes();
      NetlinkAttributes inner = new NetlinkAttributes();
      for (int i = 0; i < 100_000; i++) {
        byte[] content = new byte[random.nextInt(64)];
        random.nextBytes(content);
        for (int at = 1; at < content.length; at += 2) {
          content[at] = 0; // small numbers get further
        }
        outer.begin(pages.placeAtEnd(content), content.length);
        int left = content.length;
        while (outer.advance()) {
          left -= 4 + outer.length();
          inner.beginInside(outer);
          while (inner.advance()) {
            assertTrue(inner.bytes().length <= outer.length() - 4);
          }
        }
        assertTrue(left >= 0, "no byte belongs to two attributes");
      }
    }
  }

  @Test
  void shouldReadWhatAWriterWrote() {
    try (Arena arena = Arena.ofConfined()) {
      NetlinkWriter writer = new NetlinkWriter(arena, 64);
      writer.begin(0x101, 5, 77);
      writer.bytes(2, 0, 0, 7);
      int nest = writer.beginNest(1);
      writer.attributeShortBe(2, 0x1234);
      writer.attributeByte(3, 9);
      writer.endNest(nest);
      writer.attribute(4, new byte[] {1, 2, 3, 4, 5});
      writer.finish();
      byte[] expected =
          bytes(
              52, 0, 0x101, 5, 77, 0, 0, 0, // header
              2, 0x700, // family 2, resource 7 in network order
              20, 0x8001, 6, 2, 0x3412, 0, 5, 3, 9, 0, // nest of two
              9, 4, 0x201, 0x403, 5, 0); // five bytes and padding
      byte[] written =
          Memory.slice(writer.address(), writer.length()).toArray(ValueLayout.JAVA_BYTE);
      assertArrayEquals(expected, written);
    }
  }

  @Test
  void shouldRefuseWhatDoesNotFit() {
    try (Arena arena = Arena.ofConfined()) {
      NetlinkWriter writer = new NetlinkWriter(arena, 24);
      writer.begin(1, 1, 1);
      writer.attributeInt(1, 1);
      IllegalStateException refused =
          assertThrows(IllegalStateException.class, () -> writer.attributeByte(2, 2));
      assertEquals("a netlink message of more than 24 bytes", refused.getMessage());
    }
  }
}

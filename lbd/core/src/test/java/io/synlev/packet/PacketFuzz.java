package io.synlev.packet;

import io.synlev.ffi.GuardPages;

/** One packet, and the one inside if it is an ICMP error; docs/testing.md. */
public final class PacketFuzz {

  private static final int LONGEST = 1 << 16;

  private static GuardPages memory;
  private static final PacketHeaders HEADERS = new PacketHeaders();
  private static final PacketHeaders QUOTED = new PacketHeaders();

  private PacketFuzz() {}

  /** What a fuzzer calls. */
  public static void fuzzerTestOneInput(byte[] input) throws Exception {
    if (input.length > LONGEST) {
      return;
    }
    if (memory == null) {
      memory = new GuardPages(LONGEST);
    }
    ModelParser model = new ModelParser(input);
    check(memory.placeAtEnd(input), input.length, model);
    check(memory.placeAtStart(input), input.length, model);
  }

  private static void check(long address, int length, ModelParser model) {
    PacketParser.parse(address, length, HEADERS);
    compare(model, HEADERS);
    if (HEADERS.status == HeaderStatus.OK && HEADERS.kind == PacketKind.ICMP_ERROR) {
      IcmpErrorParser.parse(address, length, HEADERS, QUOTED);
      compare(model.quoted(), QUOTED);
    }
  }

  private static void compare(ModelParser model, PacketHeaders headers) {
    if (!model.agreesWith(headers)) {
      throw new AssertionError(
          "model %s, parser %s".formatted(model, ModelParser.describe(headers)));
    }
  }
}

package io.synlev.state;

import java.nio.charset.StandardCharsets;

/** Conditions on bytes as people write them; docs/testing.md. */
public final class ByteConditionFuzz {

  private ByteConditionFuzz() {}

  /** What a fuzzer calls. */
  public static void fuzzerTestOneInput(byte[] input) {
    ByteCondition condition;
    try {
      condition = ByteCondition.parse(new String(input, StandardCharsets.UTF_8));
    } catch (StateException malformed) {
      return;
    }
    if (!ByteCondition.parse(condition.toString()).equals(condition)) {
      throw new AssertionError(condition + " is read back as another");
    }
    if ((condition.value() & ~condition.mask()) != 0
        || condition.offset() + condition.width() > ByteCondition.REACH) {
      throw new AssertionError("out of range: " + condition);
    }
  }
}

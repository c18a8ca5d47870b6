package io.synlev.dpdk;

import java.lang.foreign.Arena;

/** Texts for DPDK, which may keep them. */
final class Text {

  private Text() {}

  /** The address of a copy that is never freed: names, of which there are few. */
  static long lasting(String text) {
    return Arena.global().allocateFrom(text).address();
  }
}

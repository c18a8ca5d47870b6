package io.synlev.magctl.whynot;

/**
 * A station on the packet's way.
 *
 * @param name such as queue
 * @param outcome what became of the packet there
 * @param text what was seen
 */
public record Hop(String name, Outcome outcome, String text) {
  /** What became of the packet at a station. */
  public enum Outcome {
    /** It came through. */
    PASSED,
    /** It ended there. */
    ENDED,
    /** It may have come through: it cannot be seen from here. */
    UNSEEN
  }
}

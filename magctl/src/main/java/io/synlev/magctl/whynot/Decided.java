package io.synlev.magctl.whynot;

/**
 * What lbd decided about the probe.
 *
 * @param queue by which it came; null if by none
 * @param action mark, accept or drop
 * @param mark that it got, 0 for none
 * @param reason the reason's label
 * @param sentence what the reason means
 * @param service null for none
 * @param pool null without a backend
 * @param backend null for none
 */
public record Decided(
    Long queue,
    String action,
    int mark,
    String reason,
    String sentence,
    String service,
    String pool,
    String backend) {

  /** Whether a backend was to get it. */
  boolean isForwarded() {
    return backend != null;
  }
}

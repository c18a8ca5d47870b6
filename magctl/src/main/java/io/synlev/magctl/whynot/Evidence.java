package io.synlev.magctl.whynot;

import java.util.List;
import java.util.Optional;

/**
 * What was seen of a probe.
 *
 * @param flow who sent it to whom
 * @param device where it was put in
 * @param tap the interface of our own
 * @param sightings packets that have to do with it, in their order
 * @param decided what lbd decided, or null
 * @param sentNanos when it was put in, of {@link System#nanoTime}
 */
record Evidence(
    ProbeFlow flow,
    String device,
    String tap,
    List<Sighting> sightings,
    Decided decided,
    long sentNanos) {

  private Optional<Sighting> first(boolean isProbe, boolean isLeaving) {
    return sightings.stream()
        .filter(s -> (s.kind() == Sighting.Kind.PROBE) == isProbe && s.isLeaving() == isLeaving)
        .filter(s -> !isProbe || !s.device().equals(tap) || device.equals(tap))
        .findFirst();
  }

  /** The probe when it came in. */
  Optional<Sighting> arrival() {
    return first(true, false);
  }

  /** The probe when it left for the server. */
  Optional<Sighting> departure() {
    return first(true, true);
  }

  /** The probe when it came in again with fewer hops to live. */
  Optional<Sighting> comeback() {
    return sightings.stream()
        .filter(s -> s.kind() == Sighting.Kind.PROBE && !s.isLeaving())
        .filter(s -> s.ttl() < ProbePacket.TTL)
        .findFirst();
  }

  /** What came in for the client. */
  Optional<Sighting> answer() {
    return first(false, false);
  }

  /** What left for the client; an ICMP error may be this host's own. */
  Optional<Sighting> returned() {
    return first(false, true);
  }

  /** Milliseconds from the probe to a sighting, with two decimals. */
  String after(Sighting sighting) {
    long hundredths = (sighting.nanos() - sentNanos) / 10_000;
    return hundredths / 100 + "." + (hundredths % 100 < 10 ? "0" : "") + hundredths % 100 + " ms";
  }
}

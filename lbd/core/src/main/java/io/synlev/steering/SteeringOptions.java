package io.synlev.steering;

import io.synlev.datapath.Action;

/**
 * What steering does with packets that no table entry is for; see docs/steering.md.
 *
 * @param noService the destination is no service's
 * @param noBackend the pool has no active backend; not ACCEPT, since an unmarked packet for a VIP
 *     would follow the default route
 * @param malformed the headers are cut or contradict themselves
 * @param fragments fragments of a service's packets; not {@link Treatment#BY_FLOW}: later ones have
 *     no ports, and all of a datagram must meet
 * @param icmpErrors ICMP errors to a VIP: {@link Treatment#BY_FLOW} and BY_ADDRESSES mean those of
 *     the flow inside, which the error is about
 * @param icmpOthers ICMP messages that are neither echo requests nor errors
 * @param otherProtocols neither TCP, UDP, SCTP nor ICMP
 */
public record SteeringOptions(
    Outcome noService,
    Outcome noBackend,
    Outcome malformed,
    Treatment fragments,
    Treatment icmpErrors,
    Treatment icmpOthers,
    Treatment otherProtocols) {

  /**
   * Without a backend, without a service and malformed: dropped. Fragments and other protocols: by
   * addresses, so all fragments of a datagram meet. ICMP errors: by the flow they are about. Other
   * ICMP: left to the kernel, as neighbour discovery must be.
   */
  public static final SteeringOptions DEFAULT =
      new SteeringOptions(
          Outcome.DROP,
          Outcome.DROP,
          Outcome.DROP,
          Treatment.BY_ADDRESSES,
          Treatment.BY_FLOW,
          Treatment.ACCEPT,
          Treatment.BY_ADDRESSES);

  /** Checks what cannot work. */
  public SteeringOptions {
    if (noBackend.action() == Action.ACCEPT) {
      throw new IllegalArgumentException(
          "no backend: 'accept' would send the packet along the default route; drop it, or mark it"
              + " for a reject rule");
    }
    if (fragments == Treatment.BY_FLOW
        || icmpOthers == Treatment.BY_FLOW
        || otherProtocols == Treatment.BY_FLOW) {
      throw new IllegalArgumentException(
          "fragments, other ICMP messages and other protocols have no ports: use BY_ADDRESSES");
    }
  }

  /** The same with another outcome for packets without a service. */
  public SteeringOptions withNoService(Outcome outcome) {
    return new SteeringOptions(
        outcome, noBackend, malformed, fragments, icmpErrors, icmpOthers, otherProtocols);
  }

  /** The same with another outcome for pools without active backends. */
  public SteeringOptions withNoBackend(Outcome outcome) {
    return new SteeringOptions(
        noService, outcome, malformed, fragments, icmpErrors, icmpOthers, otherProtocols);
  }

  /** The same with another outcome for malformed packets. */
  public SteeringOptions withMalformed(Outcome outcome) {
    return new SteeringOptions(
        noService, noBackend, outcome, fragments, icmpErrors, icmpOthers, otherProtocols);
  }

  /** The same with another treatment of fragments. */
  public SteeringOptions withFragments(Treatment treatment) {
    return new SteeringOptions(
        noService, noBackend, malformed, treatment, icmpErrors, icmpOthers, otherProtocols);
  }

  /** The same with another treatment of ICMP errors. */
  public SteeringOptions withIcmpErrors(Treatment treatment) {
    return new SteeringOptions(
        noService, noBackend, malformed, fragments, treatment, icmpOthers, otherProtocols);
  }

  /** The same with another treatment of other ICMP messages. */
  public SteeringOptions withIcmpOthers(Treatment treatment) {
    return new SteeringOptions(
        noService, noBackend, malformed, fragments, icmpErrors, treatment, otherProtocols);
  }

  /** The same with another treatment of other protocols. */
  public SteeringOptions withOtherProtocols(Treatment treatment) {
    return new SteeringOptions(
        noService, noBackend, malformed, fragments, icmpErrors, icmpOthers, treatment);
  }

  /**
   * Returns this if every mark in it fits the mask.
   *
   * @throws IllegalArgumentException naming the mark that does not
   */
  public SteeringOptions checkMarks(int markMask) {
    for (Outcome outcome : new Outcome[] {noService, noBackend, malformed}) {
      if ((outcome.mark() & ~markMask) != 0) {
        throw new IllegalArgumentException(
            "mark %#x has bits outside the mark mask %#x of this instance"
                .formatted(outcome.mark(), markMask));
      }
    }
    return this;
  }
}

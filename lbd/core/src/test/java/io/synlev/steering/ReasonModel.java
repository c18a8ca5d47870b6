package io.synlev.steering;

import io.synlev.datapath.Reason;
import io.synlev.packet.HeaderStatus;
import io.synlev.packet.ModelParser;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketKind;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which reasons a packet may have, found out by the models alone: {@link ModelParser} reads it,
 * {@link NaiveServices} asks every service. Not which backend it gets, and of fragments only that
 * they are treated as such.
 */
final class ReasonModel {

  private static final Map<HeaderStatus, Reason> MALFORMED =
      Map.of(
          HeaderStatus.EMPTY, Reason.EMPTY,
          HeaderStatus.BAD_VERSION, Reason.BAD_IP_VERSION,
          HeaderStatus.TRUNCATED_IP_HEADER, Reason.TRUNCATED_IP_HEADER,
          HeaderStatus.BAD_IP_HEADER_LENGTH, Reason.BAD_HEADER_LENGTH,
          HeaderStatus.BAD_TOTAL_LENGTH, Reason.BAD_TOTAL_LENGTH,
          HeaderStatus.TRUNCATED_EXTENSION_HEADER, Reason.TRUNCATED_EXTENSION_HEADER,
          HeaderStatus.TOO_MANY_EXTENSION_HEADERS, Reason.TOO_MANY_EXTENSION_HEADERS,
          HeaderStatus.TRUNCATED_TRANSPORT_HEADER, Reason.TRUNCATED_L4_HEADER,
          HeaderStatus.HEADERS_BEYOND_LENGTH, Reason.HEADERS_BEYOND_LENGTH,
          HeaderStatus.BAD_TRANSPORT_LENGTH, Reason.BAD_TRANSPORT_LENGTH);

  private static final Set<Reason> NO_SERVICE =
      EnumSet.of(
          Reason.NO_SERVICE,
          Reason.NO_SERVICE_FOR_PROTOCOL,
          Reason.NO_SERVICE_FOR_PORT,
          Reason.NO_SERVICE_FOR_SOURCE);

  private static final Set<Reason> LATER_FRAGMENT =
      EnumSet.of(
          Reason.FRAGMENT_FOLLOWED,
          Reason.FRAGMENT_UNSERVED,
          Reason.FRAGMENT_DUPLICATE,
          Reason.FRAGMENT_OVERLAP,
          Reason.FRAGMENT_HELD,
          Reason.FRAGMENT_TOO_LONG_TO_HOLD,
          Reason.FRAGMENT_RETURNED_LATE);

  private final NaiveServices services;
  private final Map<String, Boolean> hasBackends;
  private final boolean knowsFlows;

  /**
   * Makes a model.
   *
   * @param hasBackends whether a service's pool has active backends, by the service's name
   * @param knowsFlows whether steering asks for live flows
   */
  ReasonModel(NaiveServices services, Map<String, Boolean> hasBackends, boolean knowsFlows) {
    this.services = services;
    this.hasBackends = hasBackends;
    this.knowsFlows = knowsFlows;
  }

  /**
   * Whether a packet may have this reason.
   *
   * @param headers what the parser found, the same as the model
   */
  boolean allows(Reason reason, byte[] packet, ModelParser model, PacketHeaders headers) {
    if (model.family == 0) {
      return reason == MALFORMED.get(model.status);
    }
    if (NO_SERVICE.contains(reason) && model.kind != PacketKind.ICMP_ERROR) {
      boolean isUnserved = model.fragment || model.status != HeaderStatus.OK;
      return services.explains(reason, headers)
          && (isUnserved || services.find(packet, headers).isEmpty());
    }
    if (model.fragment) {
      return model.fragmentOffset != 0 ? LATER_FRAGMENT.contains(reason) : isOfAFirst(reason);
    }
    if (model.status != HeaderStatus.OK) {
      return reason == MALFORMED.get(model.status);
    }
    Optional<String> service = services.find(packet, headers);
    if (service.isEmpty()) {
      return NO_SERVICE.contains(reason) && services.explains(reason, headers)
          || reason == Reason.TRUNCATED_L4_HEADER;
    }
    boolean hasBackend = hasBackends.get(service.get());
    return switch (model.kind) {
      case TCP -> served(reason, hasBackend, Reason.FORWARDED_TCP);
      case UDP -> served(reason, hasBackend, Reason.FORWARDED_UDP, Reason.SCTP_OVER_UDP);
      case SCTP -> served(reason, hasBackend, Reason.SCTP);
      case ICMP_ECHO -> reason == (hasBackend ? Reason.FORWARDED_ICMP_ECHO : Reason.NO_BACKEND);
      case OTHER -> reason == (hasBackend ? Reason.OTHER_PROTOCOL : Reason.NO_BACKEND);
      case ICMP_OTHER -> reason == Reason.ICMP_OTHER;
      case ICMP_ERROR -> ofError(packet, model).contains(reason);
      case UNKNOWN -> false;
    };
  }

  private boolean served(Reason reason, boolean hasBackend, Reason... forwarded) {
    return hasBackend
        ? List.of(forwarded).contains(reason) || knowsFlows && reason == Reason.FOLLOWED_FLOW
        : reason == Reason.NO_BACKEND;
  }

  /** Not one of later fragments, and not one of packets that cannot be read at all. */
  private static boolean isOfAFirst(Reason reason) {
    return reason != Reason.FRAGMENT
        && (!LATER_FRAGMENT.contains(reason)
            || reason == Reason.FRAGMENT_UNSERVED
            || reason == Reason.FRAGMENT_DUPLICATE
            || reason == Reason.FRAGMENT_OVERLAP);
  }

  /** docs/icmp.md: what an error to a VIP may be. */
  private Set<Reason> ofError(byte[] packet, ModelParser error) {
    if (error.family == 4 && packet[(packet[0] & 15) * 4] == 4) {
      return EnumSet.of(Reason.ICMP_SOURCE_QUENCH);
    }
    ModelParser quoted = error.quoted();
    switch (quoted.status) {
      case OK -> {}
      case EMPTY, TRUNCATED_IP_HEADER, TRUNCATED_EXTENSION_HEADER, TRUNCATED_TRANSPORT_HEADER -> {
        return EnumSet.of(Reason.ICMP_ERROR_INNER_TRUNCATED);
      }
      default -> {
        return EnumSet.of(Reason.ICMP_ERROR_INNER_MALFORMED);
      }
    }
    if (quoted.destinationHigh != error.destinationHigh
        || quoted.destinationLow != error.destinationLow) {
      return EnumSet.of(Reason.ICMP_ERROR_FOREIGN);
    }
    Set<Reason> all = EnumSet.of(Reason.NO_BACKEND);
    all.addAll(NO_SERVICE);
    switch (quoted.kind) {
      case ICMP_ERROR, ICMP_OTHER -> {
        return EnumSet.of(Reason.ICMP_ERROR_INNER_UNKNOWN);
      }
      case UNKNOWN, OTHER -> all.add(Reason.ICMP_ERROR_BY_ADDRESSES);
      default -> {
        all.add(Reason.FORWARDED_ICMP_ERROR);
        all.add(Reason.ICMP_ERROR_INNER_TRUNCATED); // a condition on bytes that are not quoted
        if (knowsFlows) {
          all.add(Reason.FOLLOWED_FLOW);
        }
      }
    }
    return all;
  }
}

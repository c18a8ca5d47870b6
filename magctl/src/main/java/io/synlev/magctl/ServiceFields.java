package io.synlev.magctl;

import io.synlev.state.ByteCondition;
import io.synlev.state.HashOn;
import io.synlev.state.NoBackend;
import io.synlev.state.PortRange;
import io.synlev.state.Prefix;
import io.synlev.state.Protocol;
import io.synlev.state.Service;
import io.synlev.state.ServiceHandling;
import io.synlev.state.ServiceMatch;
import io.synlev.state.StateException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** What people say about a service; null where nothing. */
final class ServiceFields {
  private static final String NONE = "none";

  @Option(
      names = "--vip",
      arity = "1..*",
      split = ",",
      paramLabel = "PREFIX",
      converter = Converters.Vip.class,
      description = "All its virtual IPs, such as 203.0.113.7 or 2001:db8::/64.")
  private List<Prefix> vips;

  @Option(names = "--pool", paramLabel = "NAME", description = "Its pool (\"default\").")
  private String pool;

  @Option(
      names = {"--protocols", "--protocol"},
      arity = "1..*",
      split = ",",
      paramLabel = "PROTOCOL",
      completionCandidates = Words.Protocols.class,
      description = "tcp, udp, sctp, icmp, other, or all (if not given).")
  private List<String> protocols;

  @Option(
      names = {"--ports", "--port"},
      arity = "1..*",
      split = ",",
      paramLabel = "PORTS",
      description = "Destination ports, such as 80 or 8000-8999, or all.")
  private List<String> ports;

  @Option(
      names = "--from",
      arity = "1..*",
      split = ",",
      paramLabel = "PREFIX",
      description = "Only clients with these addresses; \"any\" for all.")
  private List<String> sources;

  @Option(
      names = {"--source-ports", "--source-port"},
      arity = "1..*",
      split = ",",
      paramLabel = "PORTS",
      description = "Only clients with these ports, or all.")
  private List<String> sourcePorts;

  @Option(
      names = "--priority",
      paramLabel = "N",
      description = "Of services that a packet fits the highest gets it (0).")
  private Integer priority;

  @Option(
      names = "--match",
      paramLabel = "EXPR",
      description =
          "Bytes of the header, such as \"tcp[12:2] & 0x01ff = 0x0002\"; may be given again, then"
              + " all must be so. \"none\" for no condition.")
  private List<String> conditions;

  @Option(
      names = "--hash",
      paramLabel = "WHAT",
      completionCandidates = Words.ServiceHashes.class,
      description = "tuple, addresses, ports (SCTP multihoming), or pool: as the pool says.")
  private String hash;

  @Option(
      names = "--no-backend",
      paramLabel = "ACTION",
      description = "Without backends: drop, mark:N (for a reject rule), or default: as lbd says.")
  private String noBackend;

  @Option(
      names = "--echo",
      paramLabel = "yes|no",
      description = "Whether pings to its VIPs go to its pool though it is not for icmp (yes).")
  private String echo;

  @Option(
      names = "--sctp-over-udp",
      paramLabel = "PORT",
      description = "The UDP port behind which SCTP packets come, too (9899 is usual), or none.")
  private String sctpOverUdp;

  boolean saysVips() {
    return vips != null;
  }

  /** The pool's name, or null. */
  String pool() {
    return pool;
  }

  boolean isEmpty() {
    return vips == null
        && pool == null
        && protocols == null
        && ports == null
        && sources == null
        && sourcePorts == null
        && priority == null
        && conditions == null
        && hash == null
        && noBackend == null
        && echo == null
        && sctpOverUdp == null;
  }

  /**
   * A new service. If only conditions say which protocol it is for, it is for that one.
   *
   * @throws UsageException if a value cannot be read
   */
  Service create(String name) {
    List<ByteCondition> asked = conditions(List.of());
    ServiceMatch all = ServiceMatch.of(vips);
    if (protocols == null && !asked.isEmpty()) {
      all = all.withProtocols(Set.of(asked.getFirst().header().protocol()));
    }
    return new Service(
        name,
        pool == null ? PoolCommand.DEFAULT_POOL : pool,
        priority == null ? 0 : priority,
        match(all),
        handling(ServiceHandling.DEFAULT));
  }

  /**
   * A service with what is said, and the rest as it was.
   *
   * @throws UsageException if a value cannot be read
   */
  Service applyTo(Service before) {
    return new Service(
        before.name(),
        pool == null ? before.pool() : pool,
        priority == null ? before.priority() : priority,
        match(before.match()),
        handling(before.handling()));
  }

  private ServiceMatch match(ServiceMatch before) {
    return new ServiceMatch(
        protocols == null ? before.protocols() : protocols(),
        vips == null ? before.vips() : vips,
        list(ports, "all", PortRange::parse, before.ports()),
        list(sources, "any", Prefix::parse, before.sources()),
        list(sourcePorts, "all", PortRange::parse, before.sourcePorts()),
        conditions(before.conditions()));
  }

  private ServiceHandling handling(ServiceHandling before) {
    return new ServiceHandling(
        hash == null ? before.hashOn() : hashOn(),
        noBackend == null ? before.noBackend() : read(noBackend, NoBackend::parse),
        echo == null ? before.echo() : Words.yes("--echo", echo),
        sctpOverUdp == null ? before.sctpOverUdpPort() : sctpOverUdpPort());
  }

  private Set<Protocol> protocols() {
    Set<Protocol> all = EnumSet.noneOf(Protocol.class);
    for (String word : protocols) {
      all.addAll(read(word, Protocol::parse));
    }
    return all;
  }

  private List<ByteCondition> conditions(List<ByteCondition> before) {
    return list(conditions, NONE, ByteCondition::parse, before);
  }

  private HashOn hashOn() {
    return hash.equals("pool") ? null : Words.serviceHash(hash);
  }

  private int sctpOverUdpPort() {
    return sctpOverUdp.equals(NONE) ? 0 : read(sctpOverUdp, PortRange::parse).first();
  }

  /** What words say; one word says that there is nothing to restrict. */
  private static <T> List<T> list(
      List<String> words, String nothing, Function<String, T> parser, List<T> before) {
    if (words == null) {
      return before;
    }
    List<T> all = new ArrayList<>();
    for (String word : words) {
      if (!word.equals(nothing) || words.size() > 1) {
        all.add(read(word, parser));
      }
    }
    return all;
  }

  private static <T> T read(String word, Function<String, T> parser) {
    try {
      return parser.apply(word);
    } catch (StateException e) {
      throw new UsageException(e.getMessage());
    }
  }
}

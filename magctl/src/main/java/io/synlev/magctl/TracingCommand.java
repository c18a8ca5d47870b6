package io.synlev.magctl;

import io.synlev.datapath.Reason;
import io.synlev.packet.IpProtocol;
import io.synlev.state.Prefix;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** What trace and capture share: the filter, the limits, and reading until the end. */
abstract class TracingCommand extends InstanceCommand {
  private static final int POLL_MILLIS = 50;
  private static final long MILLIS_PER_SECOND = 1_000;

  @Option(names = "--service", paramLabel = "NAME", description = "Packets of this service.")
  private String service;

  @Option(
      names = "--vip",
      paramLabel = "PREFIX",
      converter = Converters.Vip.class,
      description = "Packets to these addresses.")
  private Prefix vip;

  @Option(
      names = "--source",
      paramLabel = "PREFIX",
      converter = Converters.Vip.class,
      description = "Packets from these addresses.")
  private Prefix source;

  @Option(
      names = "--proto",
      paramLabel = "PROTOCOL",
      description = "tcp, udp, sctp, icmp (of either family) or a number.")
  private String protocol;

  @Option(names = "--port", paramLabel = "PORT", description = "Packets to this port.")
  private Integer port;

  @Option(
      names = "--source-port",
      paramLabel = "PORT",
      description = "Packets from this port; echo requests with this identifier.")
  private Integer sourcePort;

  @Option(names = "--syn", description = "TCP's first packets: the same as --flags syn,!ack.")
  private boolean syn;

  @Option(
      names = "--flags",
      paramLabel = "FLAG[,FLAG]",
      description =
          "TCP packets with all of these set (fin, syn, rst, psh, ack, urg, ece, cwr);"
              + " with ! not set.")
  private String flags;

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      arity = "1..*",
      description = "Packets with one of these reasons; docs/steering.md lists them.")
  private List<String> reasons = List.of();

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      arity = "1..*",
      description = "Packets that go to one of these backends.")
  private List<String> backends = List.of();

  @Option(names = "--count", paramLabel = "N", description = "End after N packets.")
  private long count = Long.MAX_VALUE;

  @Option(names = "--seconds", paramLabel = "S", description = "End after S seconds.")
  private long seconds = Integer.MAX_VALUE;

  TracingCommand(Context context) {
    super(context);
  }

  /** How many packets a second, as it was given. */
  abstract String rate();

  /** How many bytes of each packet. */
  abstract int snapLength();

  /** Takes what has come; false if nobody wants more. */
  abstract boolean take(TraceClient.Batch batch);

  /**
   * Reads until the end: enough packets, enough time, Ctrl-C, or a reader who has gone.
   *
   * @return what has been lost since the start
   */
  final TraceClient.Batch follow(TraceClient client, Interruption interruption) {
    long end = nowMillis() + seconds * MILLIS_PER_SECOND;
    long wanted = count;
    TraceClient.Batch last = TraceClient.Batch.NOTHING;
    boolean isIdle = false;
    while (true) {
      long left = end - nowMillis();
      long pause = isIdle ? Math.clamp(left, 0, POLL_MILLIS) : 0;
      // What was decided before the end was asked for is shown: so this comes first.
      boolean isOver = interruption.isAsked(pause) || left <= 0;
      last = client.read();
      List<TraceRecord> packets = last.packets();
      if (packets.size() > wanted) {
        packets = packets.subList(0, (int) wanted);
      }
      wanted -= packets.size();
      isIdle = packets.isEmpty();
      boolean goesOn = take(new TraceClient.Batch(packets, last.overRate(), last.withoutRoom()));
      if (isOver || !goesOn || wanted == 0) {
        return last;
      }
    }
  }

  private static long nowMillis() {
    return System.nanoTime() / 1_000_000;
  }

  /** What of the filter and the limits was given, as the daemon wants it. */
  final Map<String, Object> request() {
    if (count < 1 || seconds < 1) {
      throw new UsageException("--count and --seconds: choose 1 or more");
    }
    if (syn && flags != null) {
      throw new UsageException("--syn says the same as --flags syn,!ack: use one of them");
    }
    Map<String, Object> request = new LinkedHashMap<>();
    put(request, "service", service);
    put(request, "vip", vip == null ? null : vip.toString());
    put(request, "source", source == null ? null : source.toString());
    put(request, "protocol", protocol == null ? null : protocolNumber());
    put(request, "port", port);
    put(request, "sourcePort", sourcePort);
    TcpFlags asked = syn ? TcpFlags.SYN : flags == null ? null : TcpFlags.parse(flags);
    put(request, "flagsMask", asked == null ? null : asked.mask());
    put(request, "flagsValue", asked == null ? null : asked.value());
    put(request, "reasons", reasons.isEmpty() ? null : checkedReasons());
    put(request, "backends", backends.isEmpty() ? null : backends);
    request.put("rate", perSecond());
    request.put("snapLength", snapLength());
    return request;
  }

  private static void put(Map<String, Object> request, String name, Object value) {
    if (value != null) {
      request.put(name, value);
    }
  }

  private Object protocolNumber() {
    return switch (protocol.toLowerCase(Locale.ROOT)) {
      case "tcp" -> IpProtocol.TCP;
      case "udp" -> IpProtocol.UDP;
      case "sctp" -> IpProtocol.SCTP;
      case "icmp" -> "icmp";
      default -> number(protocol, "--proto is tcp, udp, sctp, icmp or a number to 255");
    };
  }

  private int perSecond() {
    String text = rate();
    int perSecond =
        number(
            text.endsWith("/s") ? text.substring(0, text.length() - 2) : text,
            "--rate is packets a second, such as 100/s");
    if (perSecond < 1) {
      throw new UsageException("--rate " + text + ": choose 1/s or more");
    }
    return perSecond;
  }

  private static int number(String text, String meant) {
    try {
      return Integer.parseUnsignedInt(text);
    } catch (NumberFormatException e) {
      throw new UsageException("'" + text + "': " + meant);
    }
  }

  private List<String> checkedReasons() {
    List<String> known = new ArrayList<>();
    for (Reason reason : Reason.values()) {
      known.add(reason.label());
    }
    for (String reason : reasons) {
      if (!known.contains(reason)) {
        String hint = Suggestions.didYouMean(reason, known);
        throw new UsageException(
            "there is no reason '"
                + reason
                + "'"
                + (hint.isEmpty() ? ": 'magctl stats' shows those that happen" : hint));
      }
    }
    return reasons;
  }

  /** Says on stderr what was not shown; nothing if that is nothing. */
  final void reportLost(TraceClient.Batch last) {
    if (last.overRate() + last.withoutRoom() > 0) {
      console().error(lost(last));
    }
  }

  /** What was not shown. */
  final String lost(TraceClient.Batch last) {
    return Text.plural(last.overRate(), "more packet")
        + " fitted and "
        + (last.overRate() == 1 ? "was" : "were")
        + " over the rate of "
        + perSecond()
        + "/s (--rate), "
        + Text.count(last.withoutRoom())
        + " came faster than they were read";
  }
}

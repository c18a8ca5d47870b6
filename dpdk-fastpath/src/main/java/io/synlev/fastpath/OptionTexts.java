package io.synlev.fastpath;

import io.synlev.datapath.FlowTimeouts;
import io.synlev.dpdk.EalOptions;
import io.synlev.dpdk.PoolOptions;
import io.synlev.dpdk.Port;
import io.synlev.dpdk.PortOptions;
import io.synlev.nat.NatOptions;
import io.synlev.state.Addresses;
import io.synlev.state.Prefix;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads options of the form {@code NAME=VALUE}; docs/dpdk.md lists them. */
final class OptionTexts {

  private static final List<String> NAMES =
      OptionUsage.TEXT
          .lines()
          .filter(line -> line.matches("^[a-z].*"))
          .map(OptionTexts::nameOf)
          .toList();

  private static final int HUGE_MEGABYTES = 256;

  /** What DPDK needs beside the tables at least. */
  private static final int LEAST_MEGABYTES = 16;

  private final Map<String, String> values = new LinkedHashMap<>();

  private OptionTexts() {}

  private static String nameOf(String line) {
    return line.substring(0, line.indexOf('='));
  }

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException naming what is wrong and the remedy
   */
  static FastPathOptions parse(List<String> texts) {
    OptionTexts options = new OptionTexts();
    texts.forEach(options::take);
    return options.build();
  }

  private void take(String text) {
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals);
    if (equals < 0 || !NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is no option of dpdk: write NAME=VALUE with one of "
              + String.join(", ", NAMES));
    }
    values.put(name, text.substring(equals + 1));
  }

  private FastPathOptions build() {
    String port = text("port", "");
    if (port.isEmpty()) {
      throw new IllegalArgumentException(
          "dpdk needs a port: port=0000:03:00.0, or a virtual device such as port=net_tap0");
    }
    List<Integer> cores =
        list("cores").stream().map(value -> OptionValues.number("cores", value, 0, 1023)).toList();
    if (cores.isEmpty()) {
      cores = List.of(-1);
    }
    String outPort = text("out-port", port);
    ConnectionOptions connections = connections();
    NatOptions nat = nat(cores.size(), connections.timeouts());
    return new FastPathOptions(
        eal(port, outPort, connections.megabytes(cores.size()) + NatSessions.megabytes(nat)),
        port,
        outPort,
        ports(cores.size()),
        new PoolOptions(number("buffers", 8191, 64, 1 << 24), 256, 2048),
        cores,
        number("burst", 64, 1, 256),
        number("hold", 2048, 1, 65536),
        number("idle", 0, 0, 1_000_000),
        forwarding(),
        neighbours().withSources(sources()),
        text("exception", "drop").replaceFirst("^drop$", ""),
        !choice("xdp", "vips", "all"),
        connections,
        isolation(),
        nat);
  }

  private Isolation.Mode isolation() {
    String value = text("isolation", "auto");
    for (Isolation.Mode mode : Isolation.Mode.values()) {
      if (mode.name().toLowerCase(Locale.ROOT).equals(value)) {
        return mode;
      }
    }
    throw new IllegalArgumentException("isolation=" + value + ": use auto, off or required");
  }

  /** Null without sources, which everything else of it needs. */
  private NatOptions nat(int workers, FlowTimeouts timeouts) {
    List<InetAddress> sources = sources();
    if (sources.isEmpty()) {
      NAMES.stream()
          .filter(name -> name.startsWith("nat-") && !text(name, "").isEmpty())
          .findFirst()
          .ifPresent(
              name -> {
                throw new IllegalArgumentException(
                    name + " needs nat-sources=ADDRESS: where packets to backends come from");
              });
      return null;
    }
    String[] ports = text("nat-ports", "").split("-", 2);
    boolean areUsual = ports[0].isEmpty() && ports.length == 1;
    return new NatOptions(
        sources.stream().map(source -> Prefix.parse(Addresses.format(source))).toList(),
        areUsual
            ? NatOptions.DEFAULT_FIRST_PORT
            : OptionValues.number("nat-ports", ports[0], 1, 65535),
        areUsual
            ? NatOptions.DEFAULT_LAST_PORT
            : OptionValues.number("nat-ports", ports[ports.length - 1], 1, 65535),
        workers,
        number(
            "nat-sessions",
            NatOptions.DEFAULT_SESSIONS,
            NatOptions.LEAST_SESSIONS,
            NatOptions.MOST_SESSIONS),
        timeouts,
        number("nat-time-wait", NatOptions.DEFAULT_TIME_WAIT, 1, FlowTimeouts.MOST));
  }

  private List<InetAddress> sources() {
    return AddressList.parse("nat-sources", text("nat-sources", ""), 2 * NatOptions.MOST_SOURCES);
  }

  private ConnectionOptions connections() {
    ConnectionOptions byDefault = ConnectionOptions.DEFAULT;
    String timeouts = text("timeouts", "");
    return new ConnectionOptions(
        number("flows", byDefault.flows(), 0, ConnectionOptions.MOST_FLOWS),
        number("insertions", byDefault.insertions(), 0, 999_999_999),
        timeouts.isEmpty() ? byDefault.timeouts() : FlowTimeouts.parse(timeouts));
  }

  /**
   * How DPDK is started.
   *
   * @param tables megabytes that the tables of connections and of translated ones take
   */
  private EalOptions eal(String port, String outPort, int tables) {
    List<String> devices = List.of(port, outPort).stream().distinct().filter(Port::isPci).toList();
    return new EalOptions(
        number("main-core", -1, 0, 1023),
        megabytes(tables),
        drivers(),
        devices,
        Arrays.stream(text("eal-args", "").split(" ")).filter(arg -> !arg.isEmpty()).toList());
  }

  private int megabytes(int tables) {
    int all = number("hugepages", HUGE_MEGABYTES + tables, 16, 1 << 20);
    if (all < tables + LEAST_MEGABYTES) {
      throw new IllegalArgumentException(
          ("hugepages=%d is too few: connection tables take %d MB; use %d or more (%d pages of 2 MB),"
                  + " or fewer flows or nat-sessions")
              .formatted(
                  all, tables, tables + LEAST_MEGABYTES, (tables + LEAST_MEGABYTES + 1) / 2));
    }
    return all;
  }

  /** The exception port's own driver need not be named. */
  private List<String> drivers() {
    List<String> drivers = new ArrayList<>(list("driver"));
    if (!drivers.isEmpty()
        && text("exception", "").startsWith(FastPathOptions.TAP)
        && !drivers.contains("net_tap")) {
      drivers.add("net_tap");
    }
    return drivers;
  }

  private PortOptions ports(int queues) {
    int descriptors = number("descriptors", 1024, 16, 32768);
    return new PortOptions(
        queues,
        descriptors,
        descriptors,
        0,
        choice("promiscuous", "off", "on"),
        choice("checksums", "software", "offload"));
  }

  private ForwardingOptions forwarding() {
    return ForwardingOptions.DEFAULT
        .withMtu(number("mtu", 1500, 576, 65535))
        .withRouter(mac("router-mac"))
        .withOwn(address("own-ipv4", Inet4Address.class), address("own-ipv6", Inet6Address.class))
        .withAnswersPerSecond(number("answers", 1000, 0, 1_000_000))
        .withChecksumOffload(choice("checksums", "software", "offload"));
  }

  private NeighbourOptions neighbours() {
    return NeighbourOptions.DEFAULT
        .withOwn(
            address("own-ipv4", Inet4Address.class),
            bits("own-ipv4", 32),
            address("own-ipv6", Inet6Address.class),
            bits("own-ipv6", 128))
        .withRouters(
            address("router-ipv4", Inet4Address.class), address("router-ipv6", Inet6Address.class))
        .withVips(!choice("answer-vips", "on", "off"))
        .withMost(number("neighbours", 1024, 16, 65536));
  }

  /** How many bits follow an own address. */
  private int bits(String name, int most) {
    String value = text(name, "");
    int slash = value.indexOf('/');
    return slash < 0 ? most : OptionValues.number(name, value.substring(slash + 1), 0, most);
  }

  private String text(String name, String byDefault) {
    return values.getOrDefault(name, byDefault);
  }

  private List<String> list(String name) {
    return Arrays.stream(text(name, "").split(",")).filter(part -> !part.isEmpty()).toList();
  }

  private int number(String name, int byDefault, int least, int most) {
    String value = values.get(name);
    return value == null ? byDefault : OptionValues.number(name, value, least, most);
  }

  private boolean choice(String name, String off, String on) {
    String value = text(name, off);
    if (!value.equals(off) && !value.equals(on)) {
      throw new IllegalArgumentException(name + "=" + value + ": use " + off + " or " + on);
    }
    return value.equals(on);
  }

  private long mac(String name) {
    return OptionValues.mac(name, text(name, ""));
  }

  private <T extends InetAddress> T address(String name, Class<T> family) {
    return OptionValues.address(name, text(name, ""), family);
  }
}

package io.synlev.magctl.doctor;

import com.fasterxml.jackson.jr.ob.JSON;
import io.synlev.maglev.TableSize;
import io.synlev.state.Backend;
import io.synlev.state.Contents;
import io.synlev.state.Contents.PoolContents;
import io.synlev.state.DaemonRecord;
import io.synlev.state.HashOn;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.Prefix;
import io.synlev.state.Service;
import io.synlev.state.StateDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Facts that were captured on the balancer of a lab where all is well: two servers, routed return,
 * SYN-only, lbd on queue 2. Tests change one of them and see who notices.
 */
public final class LabFacts {
  /** The captured lbd's process. */
  public static final long PID = 25100;

  private static final Path CAPTURED = Path.of("src/test/resources/io/synlev/magctl/doctor/lab");

  private final Path root;
  private String network = read("ip.txt");
  private String rules6 = read("rule6.txt");
  private String lbrules = read("lbrules.json");
  private String status = read("status.json");
  private List<Backend> backends = new ArrayList<>(List.of(backend("s1", 1), backend("s2", 2)));
  private int ownFwmark;
  private final List<String> namespaces = new ArrayList<>();
  private Programs programs = (input, command) -> () -> new Programs.Output(-1, "", "none");

  /**
   * Captured facts.
   *
   * @param root an empty directory, where its files are put
   */
  public LabFacts(Path root) {
    this.root = root;
    Path host = CAPTURED.resolve("host");
    try (Stream<Path> files = Files.walk(host)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        file(host.relativize(file).toString(), Files.readString(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    file(
        "proc/net/netfilter/nfnetlink_queue",
        "    2 3511787064     0 2   256     0     0   9  1\n");
  }

  /** What was captured under a name. */
  public static String read(String name) {
    try {
      return Files.readString(CAPTURED.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Backend backend(String name, int number) {
    return new Backend(
        name,
        number,
        1,
        io.synlev.state.AdminState.ACTIVE,
        io.synlev.state.Health.UP,
        (java.net.Inet4Address) io.synlev.state.Addresses.parse("192.168.2." + number),
        (java.net.Inet6Address) io.synlev.state.Addresses.parse("fd00:2::" + number),
        null);
  }

  /** With another text in a file. */
  public LabFacts file(String path, String text) {
    try {
      Path file = root.resolve(path);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without a file. */
  public LabFacts without(String path) {
    try {
      Files.delete(root.resolve(path));
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** With other words in what ip(8) printed. */
  public LabFacts network(String before, String after) {
    network = replaced(network, before, after);
    return this;
  }

  /** With other words in what lbrules printed. */
  public LabFacts rules(String before, String after) {
    lbrules = replaced(lbrules, before, after);
    return this;
  }

  /** With other words in what lbd says of itself. */
  public LabFacts daemon(String before, String after) {
    status = replaced(status, before, after);
    return this;
  }

  private static String replaced(String text, String before, String after) {
    if (!text.contains(before)) {
      throw new AssertionError("no '" + before + "' in " + text);
    }
    return text.replace(before, after);
  }

  /** Without an lbd. */
  public LabFacts withoutDaemon() {
    status = null;
    return this;
  }

  /** With other backends. */
  public LabFacts backends(UnaryOperator<Backend> change) {
    backends = backends.stream().map(change).toList();
    return this;
  }

  /** With a backend that is this balancer. */
  public LabFacts ownFwmark(int mark) {
    ownFwmark = mark;
    return this;
  }

  /** With programs that answer. */
  public LabFacts programs(Programs answering) {
    programs = answering;
    return this;
  }

  /** With a network namespace to look into. */
  public LabFacts namespace(String name) {
    namespaces.add(name);
    return this;
  }

  /** All of it. */
  public Facts facts() {
    try {
      PoolSettings settings =
          new PoolSettings("default", TableSize.MINIMUM, 8, Policy.MAGLEV, HashOn.TUPLE, ownFwmark);
      List<Prefix> vips = List.of(Prefix.parse("10.0.0.0"), Prefix.parse("1000::"));
      DaemonRecord record = status == null ? DaemonRecord.none() : new DaemonRecord(PID, 1, 2, 2);
      StateFacts state =
          new StateFacts(
              new StateDirectory(Path.of("/dev/shm/synlev"), "test"),
              null,
              0xffff,
              record,
              status != null,
              new Contents(
                  List.of(new PoolContents(settings, backends)),
                  List.of(new Service("default", "default", vips))),
              2,
              2);
      return new Facts(
          Host.keptAt(root),
          programs,
          state,
          status == null ? DaemonFacts.NONE : DaemonFacts.of(JSON.std.mapFrom(status)),
          Network.parse(output(network), output(rules6)),
          InstalledRules.parse(lbrules),
          namespaces);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Programs.Output output(String text) {
    return new Programs.Output(0, text, "");
  }
}

package io.synlev.config;

import io.synlev.config.ConfigFile.BackendPart;
import io.synlev.config.ConfigFile.InstancePart;
import io.synlev.config.ConfigFile.PoolPart;
import io.synlev.hash.Seed;
import io.synlev.maglev.TableSize;
import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.ByteCondition;
import io.synlev.state.Forwarding;
import io.synlev.state.HashOn;
import io.synlev.state.HealthCheck;
import io.synlev.state.MacAddress;
import io.synlev.state.Names;
import io.synlev.state.NoBackend;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.PortRange;
import io.synlev.state.Prefix;
import io.synlev.state.Protocol;
import io.synlev.state.Service;
import io.synlev.state.ServiceHandling;
import io.synlev.state.ServiceMatch;
import io.synlev.state.StateException;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Makes a {@link ConfigFile} of nodes. */
final class ConfigReader {
  private final Path directory;
  private final Problems problems;

  /**
   * Reads a file.
   *
   * @param directory what a path in the file is relative to
   */
  ConfigReader(Path directory, Problems problems) {
    this.directory = directory;
    this.problems = problems;
  }

  ConfigFile read(Node document) {
    Fields file = new Fields(document, Section.FILE, "", problems);
    file.read("version", Values.number(1, 1), 1);
    return new ConfigFile(
        problems,
        instance(file.section("instance", Section.INSTANCE)),
        List.copyOf(file.byName("pools", "pool", Section.POOL, this::pool).values()),
        List.copyOf(
            file.byName("services", "service", Section.SERVICE, ConfigReader::service).values()),
        options(
            file.section("datapath", Section.DATAPATH), file.section("offload", Section.OFFLOAD)));
  }

  private static List<DaemonOption> options(Fields datapath, Fields offload) {
    List<DaemonOption> options = new ArrayList<>();
    if (datapath != null) {
      datapath
          .scalars(Section.DATAPATH)
          .forEach(
              (key, value) -> options.add(new DaemonOption("--" + key, value, "datapath." + key)));
    }
    if (offload != null) {
      offload
          .scalars(Section.OFFLOAD)
          .forEach(
              (key, value) ->
                  options.add(
                      new DaemonOption(
                          key.equals("how") ? "--offload" : "--offload-" + key,
                          value,
                          "offload." + key)));
    }
    return options;
  }

  private InstancePart instance(Fields fields) {
    if (fields == null) {
      return new InstancePart(null, null, null, null);
    }
    if (fields.has("seed") && fields.has("seed-file")) {
      fields.refuse("seed-file", "the seed is given twice: leave one of seed and seed-file out");
    }
    Seed seed = fields.read("seed", Values::seed, null);
    return new InstancePart(
        fields.read("name", name -> Names.check("instance", name), null),
        fields.read("mark-mask", Values.mark(), null),
        seed != null ? seed : fields.read("seed-file", this::seedFile, null),
        fields.read("group", Function.identity(), null));
  }

  private Seed seedFile(String path) {
    Path file = directory.resolve(path);
    try {
      return Values.seed(Files.readString(file).strip());
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + file + ": " + e, e);
    }
  }

  private PoolPart pool(String name, Fields fields) {
    List<BackendPart> backends =
        List.copyOf(
            fields.byName("backends", "backend", Section.BACKEND, ConfigReader::backend).values());
    return new PoolPart(
        new PoolSettings(
            name,
            fields.read("slots", Values::slots, TableSize.DEFAULT),
            fields.read(
                "capacity",
                Values.number(1, 65_534),
                Math.max(PoolSettings.DEFAULT_CAPACITY, backends.size())),
            fields.read("policy", Values.choice(Policy.values()), Policy.MAGLEV),
            fields.read("hash", Values.choice(HashOn.values()), HashOn.TUPLE),
            fields.read("own-fwmark", Values.mark(), 0),
            fields.read("forwarding", Values.choice(Forwarding.values()), Forwarding.L2DSR)),
        fields.has("capacity"),
        backends,
        healthCheck(fields.section("health-check", Section.HEALTH_CHECK)));
  }

  private static HealthCheck healthCheck(Fields fields) {
    if (fields == null) {
      return null;
    }
    HealthCheck.Builder check = HealthCheck.builder();
    boolean isWhole = true;
    for (Key key : Key.of(Section.HEALTH_CHECK)) {
      if (fields.has(key.name())) {
        isWhole &= fields.read(key.name(), value -> check.set(key.name(), value), null) != null;
      }
    }
    try {
      return isWhole && fields.has("kind") ? check.build() : null;
    } catch (StateException e) {
      fields.refuse("kind", e.getMessage());
      return null;
    }
  }

  private static BackendPart backend(String name, Fields fields) {
    AdminState state = fields.read("state", Values.choice(AdminState.values()), AdminState.ACTIVE);
    long drainUntil = fields.read("drain-until", Values::time, 0L);
    if (drainUntil != 0 && state != AdminState.DRAINING) {
      fields.refuse("drain-until", "only for a backend with 'state: draining'");
      drainUntil = 0;
    }
    return new BackendPart(
        name,
        fields.read("fwmark", Values.mark(), 0),
        fields.read("weight", Values.number(0, Backend.MAX_WEIGHT), 1),
        state,
        drainUntil,
        fields.read("ipv4", Values.address(Inet4Address.class, "ipv6"), null),
        fields.read("ipv6", Values.address(Inet6Address.class, "ipv4"), null),
        fields.read("mac", MacAddress::parse, null));
  }

  private static Service service(String name, Fields fields) {
    List<Prefix> vips = fields.list("vips", Prefix::parse);
    String pool = fields.read("pool", text -> Names.check("pool", text), null);
    ServiceMatch match = match(vips, fields);
    ServiceHandling handling =
        new ServiceHandling(
            fields.read("hash", ConfigReader::serviceHash, null),
            fields.read("no-backend", NoBackend::parse, NoBackend.DEFAULT),
            fields.read("echo", Values::yes, true),
            fields.read("sctp-over-udp", Values.number(1, PortRange.MAX), 0));
    int priority =
        fields.read("priority", Values.number(Service.MIN_PRIORITY, Service.MAX_PRIORITY), 0);
    // Without these two the service would only be refused again.
    return pool == null || vips.isEmpty()
        ? null
        : new Service(name, pool, priority, match, handling);
  }

  private static ServiceMatch match(List<Prefix> vips, Fields fields) {
    Set<Protocol> protocols = EnumSet.noneOf(Protocol.class);
    for (Set<Protocol> some : fields.list("protocols", Protocol::parse)) {
      protocols.addAll(some);
    }
    List<ByteCondition> conditions = new ArrayList<>(fields.list("match", ByteCondition::parse));
    if (protocols.isEmpty() && !conditions.isEmpty()) {
      // As on the command line: a condition says which protocol it is about.
      protocols.add(conditions.getFirst().header().protocol());
    }
    return new ServiceMatch(
        protocols,
        vips,
        fields.list("ports", PortRange::parse),
        fields.list("from", Prefix::parse),
        fields.list("source-ports", PortRange::parse),
        conditions);
  }

  private static HashOn serviceHash(String text) {
    return text.equals("pool") ? null : Values.choice(HashOn.values()).apply(text);
  }
}

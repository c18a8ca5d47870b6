package io.synlev.config;

import io.synlev.hash.Seed;
import io.synlev.state.AdminState;
import io.synlev.state.Contents;
import io.synlev.state.Contents.PoolContents;
import io.synlev.state.ContentsRules;
import io.synlev.state.HealthCheck;
import io.synlev.state.InstanceSettings;
import io.synlev.state.MacAddress;
import io.synlev.state.PoolSettings;
import io.synlev.state.Service;
import io.synlev.state.StateException;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A configuration file that was read; docs/configuration.md says what may stand in it. What is
 * wrong with it is kept until {@link #contents} is asked for, so that all is told at once.
 */
public final class ConfigFile {
  private static final String SEED = "instance.seed";

  private final Problems problems;
  private final InstancePart instance;
  private final List<PoolPart> pools;
  private final List<Service> services;
  private final List<DaemonOption> options;
  private boolean isForAll;

  /** The section {@code instance}; null where nothing is said. */
  record InstancePart(String name, Integer markMask, Seed seed, String group) {}

  /**
   * A pool; {@code saysCapacity} tells whether its capacity was written or presumed, {@code check}
   * is null where none is said.
   */
  record PoolPart(
      PoolSettings settings, boolean saysCapacity, List<BackendPart> backends, HealthCheck check) {}

  /** A backend; fwmark 0 where none is said. */
  record BackendPart(
      String name,
      int fwmark,
      int weight,
      AdminState state,
      long drainUntilSeconds,
      Inet4Address ipv4,
      Inet6Address ipv6,
      MacAddress mac) {}

  ConfigFile(
      Problems problems,
      InstancePart instance,
      List<PoolPart> pools,
      List<Service> services,
      List<DaemonOption> options) {
    this.problems = problems;
    this.instance = instance;
    this.pools = pools;
    this.services = services;
    this.options = options;
  }

  /**
   * Reads a file.
   *
   * @throws StateException if it cannot be read at all
   */
  public static ConfigFile read(Path file) {
    try {
      Path directory = file.toAbsolutePath().getParent();
      ConfigFile read = parse(file.toString(), directory, Files.readString(file));
      read.isForAll = Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
      return read;
    } catch (CharacterCodingException e) {
      throw new StateException(file + " is no text in UTF-8", e);
    } catch (IOException e) {
      throw new StateException("cannot read " + file + ": " + e, e);
    }
  }

  /**
   * Reads a text.
   *
   * @param name what messages call it
   * @param directory what paths in it are relative to
   */
  public static ConfigFile parse(String name, Path directory, String text) {
    Problems problems = new Problems(name);
    Node document = new YamlReader(problems).read(text);
    return document == null
        ? new ConfigFile(
            problems, new InstancePart(null, null, null, null), List.of(), List.of(), List.of())
        : new ConfigReader(directory, problems).read(document);
  }

  /** Which instance it is for, if it says so. */
  public Optional<String> instance() {
    return Optional.ofNullable(instance.name());
  }

  /** The bits of the packet mark that are ours, if it says so. */
  public Optional<Integer> markMask() {
    return Optional.ofNullable(instance.markMask());
  }

  /** The secret, if it says so. */
  public Optional<Seed> seed() {
    return Optional.ofNullable(instance.seed());
  }

  /** The group that may use the control socket, if it says so. */
  public Optional<String> group() {
    return Optional.ofNullable(instance.group());
  }

  /** Options of lbd that the sections {@code datapath} and {@code offload} give. */
  public List<DaemonOption> options() {
    return options;
  }

  List<PoolPart> pools() {
    return pools;
  }

  List<Service> services() {
    return services;
  }

  Problems problems() {
    return problems;
  }

  /**
   * The settings that an instance made for this file has.
   *
   * @param otherwise the seed if the file has none
   */
  public InstanceSettings settings(Seed otherwise) {
    return new InstanceSettings(
        seed().orElse(otherwise), markMask().orElse(InstanceSettings.DEFAULT_MARK_MASK));
  }

  /**
   * What an instance shall have. Backends keep the marks that the file does not say, and what
   * health checks found; everything else is as the file says.
   *
   * @param before what it has
   * @param settings of the instance; another seed or mask in the file is refused
   * @throws ConfigException that lists all that is wrong with the file
   */
  public Contents contents(Contents before, InstanceSettings settings) {
    Contents wanted = new Merge(this, before, settings).contents();
    if (markMask().isPresent() && markMask().get() != settings.markMask()) {
      refuseFixed("instance.mark-mask", "has mark mask %#x".formatted(settings.markMask()));
    }
    if (seed().isPresent() && !seed().get().equals(settings.seed())) {
      refuseFixed(SEED, "has another seed");
    }
    for (ContentsRules.Refusal refusal : ContentsRules.check(wanted, settings)) {
      problems.add(field(refusal), refusal.message());
    }
    problems.throwIfAny();
    return wanted;
  }

  private void refuseFixed(String field, String what) {
    problems.add(
        field,
        "the instance "
            + what
            + ", which is fixed when it is made: leave the key out, or delete the instance first"
            + " ('magctl clean')");
  }

  private static String field(ContentsRules.Refusal refusal) {
    if (refusal.service() != null) {
      return "services." + refusal.service();
    }
    String pool = "pools." + refusal.pool();
    return refusal.backend() == null ? pool : pool + ".backends." + refusal.backend();
  }

  /**
   * What is not wrong but may not be meant.
   *
   * @param before what the instance has
   * @param wanted what {@link #contents} returned
   */
  public List<Problem> warnings(Contents before, Contents wanted) {
    List<Problem> found = new ArrayList<>();
    if (isForAll && problems.has(SEED)) {
      found.add(at(SEED, "everybody on this host can read the secret: 'chmod o= FILE'"));
    }
    for (Problem each : Warnings.find(before, wanted)) {
      found.add(at(each.field(), each.message()));
    }
    return found;
  }

  /** A problem of a field, with its line. */
  public Problem at(String field, String message) {
    return new Problem(problems.line(field), 0, field, message);
  }

  /** Where a backend stands, for {@link #at}. */
  public static String field(PoolContents pool, String backend) {
    return "pools." + pool.name() + ".backends." + backend;
  }
}

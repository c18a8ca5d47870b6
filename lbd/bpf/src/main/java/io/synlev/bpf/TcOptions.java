package io.synlev.bpf;

import io.synlev.datapath.FlowTimeouts;
import java.nio.file.Path;
import java.util.zip.CRC32;

/**
 * What a {@link TcOffload} is to be.
 *
 * @param instance the balancer's name: a file name; it names the directory below {@code run}
 * @param run where the instance keeps what must end with the machine, such as /run/synlev
 * @param markMask the bits of a packet's mark that are ours, at least one
 * @param mode what happens to packets of known flows
 * @param flows how many flows of each family there is room for, 64 to 2^26; 105 MB (IPv4) and 129
 *     MB (IPv6) of kernel memory for a million
 * @param youngFlows room of each family for flows of which one packet was seen, 64 to 2^24
 * @param backends the most backends, 1 to 65,535; 64 bytes each
 * @param insertions the most flows that each worker adds per second, or 0 for any number
 * @param timeouts how long idle flows live
 * @param priority of the filter among those of the interface, 1 to 65,535; lower ones run first
 */
public record TcOptions(
    String instance,
    Path run,
    int markMask,
    TcMode mode,
    int flows,
    int youngFlows,
    int backends,
    int insertions,
    FlowTimeouts timeouts,
    int priority) {

  /** The directory of run-time files. */
  public static final Path DEFAULT_RUN = Path.of("/run/synlev");

  /** Together 62 MB of kernel memory. */
  public static final int DEFAULT_FLOWS = 1 << 18;

  /** 15 MB of kernel memory; at 100,000 forged SYNs a second a real one stays for 0.65 s. */
  public static final int DEFAULT_YOUNG_FLOWS = 1 << 16;

  /** 256 KiB. */
  public static final int DEFAULT_BACKENDS = 4096;

  /** Some ten times what a worker's connections per second can be; 5 % of a processor. */
  public static final int DEFAULT_INSERTIONS = 100_000;

  /** Behind what people number from 1, so that their filters see packets before a redirect. */
  public static final int DEFAULT_PRIORITY = 21_337;

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException with the value and its range
   */
  public TcOptions {
    if (!instance.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}")) {
      throw new IllegalArgumentException("instance '" + instance + "' is no file name");
    }
    if (markMask == 0) {
      throw new IllegalArgumentException("mark mask 0 has no bit: use 0xffff, or part of it");
    }
    check("flow table size", flows, 64, 1 << 26);
    check("young flow table size", youngFlows, 64, 1 << 24);
    check("number of backends", backends, 1, 65_535);
    check("insertions per second", insertions, 0, Integer.MAX_VALUE);
    check("filter priority", priority, 1, 65_535);
  }

  private static void check(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          what + " " + value + " is out of range: use " + least + " to " + most);
    }
  }

  /** The defaults for an instance. */
  public static TcOptions of(String instance, int markMask) {
    return new TcOptions(
        instance,
        DEFAULT_RUN,
        markMask,
        TcMode.MARK,
        DEFAULT_FLOWS,
        DEFAULT_YOUNG_FLOWS,
        DEFAULT_BACKENDS,
        DEFAULT_INSERTIONS,
        FlowTimeouts.DEFAULT,
        DEFAULT_PRIORITY);
  }

  /** The same in another directory of run-time files. */
  public TcOptions withRun(Path directory) {
    return new TcOptions(
        instance,
        directory,
        markMask,
        mode,
        flows,
        youngFlows,
        backends,
        insertions,
        timeouts,
        priority);
  }

  /** The same in another mode. */
  public TcOptions withMode(TcMode other) {
    return new TcOptions(
        instance,
        run,
        markMask,
        other,
        flows,
        youngFlows,
        backends,
        insertions,
        timeouts,
        priority);
  }

  /** The same with room for other numbers of flows of each family. */
  public TcOptions withFlows(int known, int young) {
    return new TcOptions(
        instance, run, markMask, mode, known, young, backends, insertions, timeouts, priority);
  }

  /** The same with room for another number of backends. */
  public TcOptions withBackends(int most) {
    return new TcOptions(
        instance, run, markMask, mode, flows, youngFlows, most, insertions, timeouts, priority);
  }

  /** The same with another limit of insertions per second and worker. */
  public TcOptions withInsertions(int perSecond) {
    return new TcOptions(
        instance, run, markMask, mode, flows, youngFlows, backends, perSecond, timeouts, priority);
  }

  /** The same with other timeouts. */
  public TcOptions withTimeouts(FlowTimeouts other) {
    return new TcOptions(
        instance, run, markMask, mode, flows, youngFlows, backends, insertions, other, priority);
  }

  /** The same at another place among the interface's filters. */
  public TcOptions withPriority(int other) {
    return new TcOptions(
        instance, run, markMask, mode, flows, youngFlows, backends, insertions, timeouts, other);
  }

  /** The directory of the instance's run-time files. */
  Path directory() {
    return run.resolve(instance);
  }

  /** The filter's handle: instances may share an interface, and a shell must find the same one. */
  int handle() {
    CRC32 crc = new CRC32();
    crc.update(instance.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    return 1 + (int) (crc.getValue() % 0x7fff_fffeL);
  }
}

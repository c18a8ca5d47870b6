package io.synlev.bpf;

import io.synlev.ffi.Namespaces;
import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the tc program costs a packet, by BPF_PROG_TEST_RUN, and a million flows in memory; started
 * by tests/bench/tc. Prints one JSON object for each round and case, and for each map.
 *
 * <p>Arguments: rounds, system calls for each case and round.
 */
final class TestRunBenchmark {

  private static final int MARK = 7;

  /** Frames are taken anew for each system call; meanwhile their hop limit falls by one a run. */
  private static final int REPEAT = 200;

  private static final int HOPS = 255;

  private TestRunBenchmark() {}

  private record Case(int program, byte[] frame) {}

  public static void main(String[] arguments) throws Exception {
    int rounds = Integer.parseInt(arguments[0]);
    int calls = Integer.parseInt(arguments[1]);
    Path run = Files.createTempDirectory("synlev-bench-tc-");
    Namespaces.enterNewNetwork();
    TcBed.command("ip link set lo up");
    TcBed.command("ip link add in0 type veth peer name far0");
    TcBed.command("ip link set in0 up");
    TcBed.command("ip link set far0 up");
    TcOptions options = TcOptions.of("mark", 0xffff).withRun(run);
    TcOptions other = TcOptions.of("redirect", 0xffff).withRun(run).withMode(TcMode.REDIRECT);
    for (int round = 0; round <= rounds; round++) { // the first one warms up
      try (TcOffload mark = TcOffload.open(options, System.err::println);
          TcOffload redirect = TcOffload.open(other, System.err::println)) {
        round(cases(mark, redirect), round, calls);
      } finally { // new maps for each round: where things lie in memory matters
        TcOffload.remove(options);
        TcOffload.remove(other);
      }
    }
    memory(TcOptions.of("memory", 0xffff).withRun(run).withFlows(1_000_000, 64));
    Files.deleteIfExists(run);
  }

  private static Map<String, Case> cases(TcOffload mark, TcOffload redirect) throws Exception {
    Map<String, Case> cases = new LinkedHashMap<>();
    int empty = mark.program("synlev_empty");
    for (int family : new int[] {FlowKey.IPV4, FlowKey.IPV6}) {
      for (TcOffload offload : new TcOffload[] {mark, redirect}) {
        offload.backends().set(MARK, 1);
        int device = TcBed.index("in0");
        offload.backends().route4(MARK, device, 0xc0000202);
        offload.backends().route6(MARK, device, 0x20010db800010000L, 2);
        int program = offload.program(TcHook.PROGRAM);
        String name = offload == mark ? "mark" : "redirect";
        Frame tcp = Frame.of(family, IpProtocol.TCP, 1).ttl(HOPS).payload(10);
        Frame udp = Frame.of(family, IpProtocol.UDP, 1).ttl(HOPS).payload(22);
        TcBed.add(offload.flowTable(), tcp, MARK);
        TcBed.add(offload.flowTable(), udp, MARK);
        cases.put(name + "-tcp" + family, new Case(program, tcp.bytes()));
        cases.put(name + "-udp" + family, new Case(program, udp.bytes()));
      }
      Frame unknown = Frame.of(family, IpProtocol.UDP, 2).ttl(HOPS).payload(22);
      cases.put("empty" + family, new Case(empty, unknown.bytes()));
      int program = mark.program(TcHook.PROGRAM);
      cases.put("unknown" + family, new Case(program, unknown.bytes()));
      cases.put("arp" + family, new Case(program, unknown.etherType(0x0806).bytes()));
    }
    return cases;
  }

  private static void round(Map<String, Case> cases, int round, int calls) throws Exception {
    for (Map.Entry<String, Case> entry : cases.entrySet()) {
      Case one = entry.getValue();
      String family = entry.getKey().substring(entry.getKey().length() - 1);
      Case empty = cases.get("empty" + family);
      int[] nanos = new int[calls];
      int[] emptyNanos = new int[calls];
      for (int i = 0; i < calls; i++) { // in turns, so that both meet the same machine
        nanos[i] = run(one);
        emptyNanos[i] = run(empty);
      }
      if (round > 0) {
        System.out.printf(
            "{\"round\":%d,\"case\":\"%s\",\"ns\":%.2f,\"empty_ns\":%.2f,\"cost_ns\":%.2f}%n",
            round,
            entry.getKey(),
            middle(nanos),
            middle(emptyNanos),
            middle(nanos) - middle(emptyNanos));
      }
    }
  }

  private static int run(Case one) throws Exception {
    return TestRun.of(one.program(), one.frame(), TestRun.Metadata.NONE, REPEAT).nanos();
  }

  /** The mean of the middle half: a run that was interrupted says nothing of the program. */
  private static double middle(int[] nanos) {
    int[] sorted = nanos.clone();
    Arrays.sort(sorted);
    int quarter = sorted.length / 4;
    return Arrays.stream(sorted, quarter, sorted.length - quarter).average().orElseThrow();
  }

  private static void memory(TcOptions options) throws Exception {
    try (TcOffload offload = TcOffload.open(options, System.err::println)) {
      for (MapSet.Name map : MapSet.Name.values()) {
        System.out.printf(
            "{\"memory\":\"%s\",\"bytes\":%d}%n", map.pin(), locked(offload.descriptor(map)));
      }
    } finally {
      TcOffload.remove(options);
    }
  }

  private static long locked(int descriptor) throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + descriptor))) {
      if (line.startsWith("memlock:")) {
        return Long.parseLong(line.substring(8).strip());
      }
    }
    throw new AssertionError("no memlock in fdinfo");
  }
}

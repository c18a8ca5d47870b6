package io.synlev.tests.support;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Balancers of a lab behind its router, each with the same pools: servers, and the balancers
 * themselves. Its fragments come by queue 3.
 */
public final class BalancerTier implements AutoCloseable {
  /** Longer than a loaded machine stands still: that is not what is tested. */
  private static final String FRAGMENT_LIFE_MILLIS = "5000";

  private static final String FRAGMENT_QUEUE = "3";
  private static final String SEED = "000102030405060708090a0b0c0d0e0f";

  private final Lab lab;
  private final List<Balancer> balancers = new ArrayList<>();
  private final List<Daemon> daemons = new ArrayList<>();

  private BalancerTier(Lab lab) {
    this.lab = lab;
  }

  /** Makes them all and waits until they serve. */
  public static BalancerTier on(Lab lab, int count) {
    BalancerTier tier = new BalancerTier(lab);
    try {
      for (int i = 1; i <= count; i++) {
        tier.add(i, count);
      }
      return tier;
    } catch (RuntimeException | Error e) {
      tier.close();
      throw e;
    }
  }

  private void add(int number, int count) {
    Balancer balancer = Balancer.on(lab, node(number));
    balancers.add(balancer);
    balancer.create("--seed", SEED);
    List<String> create =
        new ArrayList<>(
            List.of("create", "--pool", "balancers", "--own-fwmark", "" + mark(number)));
    create.add("--backends");
    for (int i = 1; i <= count; i++) {
      create.add(
          "%s,fwmark=%d,ipv4=%s,ipv6=%s"
              .formatted(node(i), mark(i), Family.IPV4.onLink(7, i), Family.IPV6.onLink(7, i)));
    }
    balancer.magctl(create.toArray(String[]::new)).orFail();
    List<String> others =
        IntStream.rangeClosed(1, count)
            .filter(other -> other != number)
            .mapToObj(BalancerTier::node)
            .toList();
    daemons.add(
        balancer.daemon(
            "--fragment-queue",
            FRAGMENT_QUEUE,
            "--fragment-life",
            FRAGMENT_LIFE_MILLIS,
            "--tier-interface",
            String.join(",", others)));
    List<String> rules = new ArrayList<>(List.of("--fragment-queue", FRAGMENT_QUEUE));
    others.forEach(other -> rules.addAll(List.of("--tier-interface", other)));
    balancer.install(ReturnMode.DIRECT, Redirect.ALL, rules.toArray(String[]::new));
  }

  private static String node(int number) {
    return "lb" + number;
  }

  /** The number in a node's name. */
  static int number(String node) {
    return Integer.parseInt(node.substring(2));
  }

  private static int mark(int number) {
    return 900 + number;
  }

  /** Lets only these be owners, in the opinion of one balancer. */
  public void owners(int number, Integer... owners) {
    for (String command : List.of("activate", "deactivate")) {
      List<String> arguments = new ArrayList<>(List.of(command, "--pool", "balancers"));
      IntStream.rangeClosed(1, balancers.size())
          .filter(i -> List.of(owners).contains(i) == command.equals("activate"))
          .forEach(i -> arguments.add(node(i)));
      balancer(number).magctl(arguments.toArray(String[]::new)).orFail();
    }
  }

  /** The balancer of a number from 1 on. */
  public Balancer balancer(int number) {
    return balancers.get(number - 1);
  }

  /** How often each balancer has counted a reason. */
  public List<Long> counts(String reason) {
    return daemons.stream().map(daemon -> daemon.stats().numbers("reasons").get(reason)).toList();
  }

  /** How often a reason was counted. */
  public long count(String reason) {
    return counts(reason).stream().mapToLong(Long::longValue).sum();
  }

  /** Packets lost in the kernel on the way to the daemons. */
  public long lost() {
    return balancers.stream().mapToLong(each -> KernelQueue.lost(lab, each.node())).sum();
  }

  /** Packets whose hops were used up at balancers or the router, which is how a loop ends. */
  public long usedUp() {
    long sum = usedUp(Lab.ECMP);
    for (Balancer balancer : balancers) {
      sum += usedUp(balancer.node());
    }
    return sum;
  }

  /** RFC 4293, ipIfStatsInHdrErrors: among others, hops used up; there are no others here. */
  private long usedUp(String node) {
    long ipv6 =
        lab.run(node, "cat", "/proc/net/snmp6")
            .orFail()
            .out()
            .lines()
            .filter(line -> line.startsWith("Ip6InHdrErrors "))
            .mapToLong(line -> Long.parseLong(line.split("\\s+")[1]))
            .sum();
    return ipv6 + lab.kernelCounter(node, "Ip", "InHdrErrors");
  }

  /** Everything that all of them have counted, for messages. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    daemons.forEach(daemon -> text.append(daemon.stats().numbers("reasons")).append('\n'));
    return text.toString();
  }

  @Override
  public void close() {
    balancers.forEach(Balancer::close);
  }
}

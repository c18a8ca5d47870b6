package io.synlev.magctl;

import io.synlev.state.Configuration.PoolFile;
import io.synlev.state.Instance;
import io.synlev.state.PoolSnapshot;
import io.synlev.state.Prefix;
import io.synlev.state.StateException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** A command about the flows that tc or dpdk carries: the filter, and asking lbd. */
abstract class FlowsCommand extends InstanceCommand {

  @Option(names = "--backend", paramLabel = "NAME", description = "Flows of this backend.")
  private String backend;

  @Option(names = "--pool", paramLabel = "NAME", description = "Flows of this pool's backends.")
  private String pool;

  @Option(
      names = "--service",
      paramLabel = "NAME",
      description = "Flows with the addresses, protocol and ports of this service.")
  private String service;

  @Option(
      names = "--vip",
      paramLabel = "PREFIX",
      converter = Converters.Vip.class,
      description = "Flows to these addresses.")
  private Prefix vip;

  @Option(
      names = "--source",
      paramLabel = "PREFIX",
      converter = Converters.Vip.class,
      description = "Flows from these addresses.")
  private Prefix source;

  FlowsCommand(Context context) {
    super(context);
  }

  @Override
  boolean setWords(List<String> words) {
    return words.isEmpty();
  }

  /** What of the filter was given, as the daemon wants it. */
  final Map<String, Object> filter() {
    Map<String, Object> request = new LinkedHashMap<>();
    put(request, "backend", backend);
    put(request, "pool", pool);
    put(request, "service", service);
    put(request, "vip", vip);
    put(request, "source", source);
    return request;
  }

  private static void put(Map<String, Object> request, String name, Object value) {
    if (value != null) {
      request.put(name, value.toString());
    }
  }

  /**
   * Asks the daemon.
   *
   * @throws StateException if none runs, or nobody carries flows there
   * @throws UsageException if the filter names what is not there
   */
  static Map<?, ?> ask(Instance instance, String method, Map<String, Object> request) {
    return DaemonAnswer.of(instance, method, request);
  }

  /** Pool and name of each backend, by fwmark. */
  static Map<Long, String[]> names(Instance instance) {
    Map<Long, String[]> names = new HashMap<>();
    for (PoolFile file : instance.configuration().pools()) {
      for (PoolSnapshot.Member member : instance.snapshot(file.name()).members()) {
        names.put(
            (long) member.backend().fwmark(), new String[] {file.name(), member.backend().name()});
      }
    }
    return names;
  }

  static long number(Map<?, ?> members, String name) {
    return ((Number) members.get(name)).longValue();
  }
}

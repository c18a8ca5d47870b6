package io.synlev.magctl;

import io.synlev.state.Instance;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows counters. */
@Command(
    name = "stats",
    description = {
      "Show what was decided about packets, by reason, backend and worker.",
      "Reads shared memory and works without lbd; but --flows asks it: how many packets were of"
          + " known flows, which misses there were, where tc or dpdk carries flows."
    })
final class StatsCommand extends InstanceCommand {
  private static final long SECOND_MILLIS = 1_000;

  @Option(
      names = {"-w", "--watch"},
      description = "Print rates once a second until Ctrl-C.")
  private boolean watch;

  @Option(
      names = "--flows",
      description = "Packets of known flows and misses by kind; asks lbd, of tc or dpdk.")
  private boolean flows;

  @Option(names = "--count", paramLabel = "N", description = "With --watch: end after N times.")
  private long count = Long.MAX_VALUE;

  StatsCommand(Context context) {
    super(context);
  }

  @Override
  boolean setWords(List<String> words) {
    return words.isEmpty();
  }

  @Override
  int call() {
    try (Instance instance = open()) {
      if (flows) {
        showFlows(instance);
        return Magctl.DONE;
      }
      Stats now = Stats.read(instance, System.nanoTime());
      if (watch) {
        watch(instance, now);
      } else if (json) {
        printJson(StatsJson.of(now));
      } else {
        console().print(StatsText.of(now, console().unicode()));
      }
    }
    return Magctl.DONE;
  }

  private void showFlows(Instance instance) {
    FlowCounters[] before = {FlowCounters.read(instance, System.nanoTime())};
    if (watch) {
      eachSecond(
          withHead -> {
            FlowCounters now = FlowCounters.read(instance, System.nanoTime());
            FlowCounters grown = now.since(before[0]);
            before[0] = now;
            print(
                () -> FlowCountersText.ratesJson(grown),
                () -> FlowCountersText.rates(grown, withHead));
          });
    } else if (json) {
      printJson(FlowCountersText.json(before[0]));
    } else {
      console().print(FlowCountersText.of(before[0]));
    }
  }

  private void watch(Instance instance, Stats first) {
    Stats[] before = {first};
    eachSecond(
        withHead -> {
          Stats former = before[0];
          Stats now = Stats.read(instance, System.nanoTime());
          before[0] = now;
          print(() -> StatsJson.rates(former, now), () -> StatsText.rates(former, now, withHead));
        });
  }

  private void print(Supplier<Map<String, Object>> object, Supplier<String> text) {
    if (json) {
      println(Json.line(object.get()));
    } else {
      console().print(text.get());
    }
  }

  /** Until Ctrl-C, the count is reached, or nobody reads any more. */
  private void eachSecond(Line line) {
    for (long i = 0; i < count; i++) {
      try {
        Thread.sleep(SECOND_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
      line.print(i % StatsText.LINES_PER_HEAD == 0);
      if (!console().isFlushed()) {
        return;
      }
    }
  }

  /** One line of a watch. */
  private interface Line {
    void print(boolean withHead);
  }
}

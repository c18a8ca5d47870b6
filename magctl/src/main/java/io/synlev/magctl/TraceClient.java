package io.synlev.magctl;

import io.synlev.control.ControlClient;
import io.synlev.control.ControlException;
import io.synlev.state.StateDirectory;
import io.synlev.state.StateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A trace in the daemon. One thread. */
final class TraceClient implements AutoCloseable {
  private final ControlClient client;
  private final Object trace;
  private boolean isOver;

  /**
   * What has come.
   *
   * @param packets in the order of their workers' turns
   * @param overRate how many fitted and were over the rate, since the start
   * @param withoutRoom how many fitted and were lost since we read too slowly, since the start
   */
  record Batch(List<TraceRecord> packets, long overRate, long withoutRoom) {
    static final Batch NOTHING = new Batch(List.of(), 0, 0);
  }

  private TraceClient(ControlClient client, Object trace) {
    this.client = client;
    this.trace = trace;
  }

  /**
   * Starts one; decisions are seen from the workers' next batches on.
   *
   * @param request the filter, rate and snap length
   * @throws StateException if no daemon runs, or it refuses
   * @throws UsageException if the request names what is not there
   */
  static TraceClient start(StateDirectory directory, Map<String, Object> request) {
    try {
      ControlClient client = ControlClient.connect(directory, ControlClient.DEFAULT_TIMEOUT);
      try {
        Map<?, ?> started = (Map<?, ?>) client.call("trace.start", request);
        return new TraceClient(client, started.get("trace"));
      } catch (RuntimeException e) {
        client.close();
        throw e;
      }
    } catch (ControlException e) {
      throw DaemonRefusal.of(e);
    }
  }

  /**
   * Takes what has come since the last time; returns at once.
   *
   * @throws StateException if the daemon or the trace has gone
   */
  Batch read() {
    try {
      Map<?, ?> answer = (Map<?, ?>) client.call("trace.read", Map.of("trace", trace));
      List<TraceRecord> packets = new ArrayList<>();
      for (Object packet : (List<?>) answer.get("packets")) {
        packets.add(TraceRecord.of(packet));
      }
      return new Batch(packets, number(answer, "overRate"), number(answer, "withoutRoom"));
    } catch (ControlException e) {
      isOver = true;
      throw new StateException(e.getMessage(), e);
    }
  }

  private static long number(Map<?, ?> answer, String name) {
    return ((Number) answer.get(name)).longValue();
  }

  @Override
  public void close() {
    try {
      if (!isOver) {
        client.call("trace.stop", Map.of("trace", trace));
      }
    } catch (ControlException gone) {
      // Its lease ends it.
    } finally {
      client.close();
    }
  }
}

package io.synlev.netfilter;

import io.synlev.datapath.WorkerStatistics;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;

/** What is known of a queue and its worker, put together for people and metrics; slow. */
final class QueueStatistics {
  private QueueStatistics() {}

  /**
   * Looks now.
   *
   * @param thread that serves the queue, or null
   */
  static WorkerStatistics of(
      String name, WorkerCounters counters, QueueSettings settings, Thread thread) {
    Map<String, Long> values = new LinkedHashMap<>();
    for (QueueCounter counter : QueueCounter.values()) {
      values.put(counter.label(), counters.get(counter));
    }
    addKernelCounters(values, settings);
    long allocated = allocatedBytes(thread);
    if (allocated >= 0) {
      values.put("allocated-bytes", allocated);
    }
    return new WorkerStatistics(name, values);
  }

  /** What only the kernel knows; absent when its table cannot be read. */
  private static void addKernelCounters(Map<String, Long> values, QueueSettings settings) {
    try {
      QueueStatus.read(settings.options().queue())
          .filter(status -> status.portId() == settings.portId())
          .ifPresent(
              status -> {
                values.put("kernel-waiting", status.waiting());
                values.put("kernel-queue-dropped", status.queueDropped());
                values.put("kernel-user-dropped", status.userDropped());
              });
    } catch (IOException e) {
      // The table is root's; the other counters are still worth having.
    }
  }

  /** Bytes of heap the thread has allocated since it started, or -1 when it is not running. */
  private static long allocatedBytes(Thread thread) {
    return thread != null
            && ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean bean
        ? bean.getThreadAllocatedBytes(thread.threadId())
        : -1;
  }
}

package io.synlev.datapath;

import java.util.Map;

/**
 * A snapshot of one worker's counters.
 *
 * @param worker the worker's name, such as {@code queue-2}
 * @param counters values by label (lower case words joined by hyphens), in the order to show them
 */
public record WorkerStatistics(String worker, Map<String, Long> counters) {}

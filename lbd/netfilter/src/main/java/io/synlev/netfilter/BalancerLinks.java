package io.synlev.netfilter;

import io.synlev.ffi.Interfaces;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The interfaces by which packets of other balancers come in.
 *
 * <p>Known by name, since an interface that is made again has another index: somebody has to {@link
 * #look} now and then. Workers only compare numbers. Any thread may call.
 */
public final class BalancerLinks {

  /** No other balancers. */
  public static final BalancerLinks NONE = new BalancerLinks(List.of());

  private final List<String> names;
  private volatile int[] indexes;

  /**
   * Looks for the first time, in the calling thread's network namespace.
   *
   * @param names of interfaces; that one is missing is no error, since it may come
   * @throws IllegalArgumentException if no interface can have such a name
   */
  public BalancerLinks(List<String> names) {
    this.names = List.copyOf(names);
    for (String name : names) {
      FragmentQueues.checkInterface(name);
    }
    indexes = lookUp();
  }

  private int[] lookUp() {
    return names.stream().mapToInt(Interfaces::index).toArray();
  }

  /**
   * Looks for the interfaces in the calling thread's network namespace.
   *
   * @return whether something has changed
   */
  public boolean look() {
    int[] now = lookUp();
    boolean changed = !java.util.Arrays.equals(now, indexes);
    indexes = now;
    return changed;
  }

  /** Whether there are names at all. */
  public boolean isEmpty() {
    return names.isEmpty();
  }

  /**
   * Whether an interface is one of them.
   *
   * @param inDevice its index, as NFQA_IFINDEX_INDEV tells it; 0 is none
   */
  boolean has(int inDevice) {
    for (int index : indexes) {
      if (index == inDevice && index != 0) {
        return true;
      }
    }
    return false;
  }

  /** By name, the index each was last found with; 0 for those that are not there. */
  public Map<String, Integer> found() {
    int[] now = indexes;
    Map<String, Integer> found = new LinkedHashMap<>();
    for (int i = 0; i < now.length; i++) {
      found.put(names.get(i), now[i]);
    }
    return found;
  }
}

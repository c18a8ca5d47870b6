package io.synlev.bpf;

import io.synlev.ffi.NativeException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The tc program of an instance, loaded, with its maps: packets of known flows are steered at an
 * interface's ingress and user space sees only their first one.
 *
 * <p>{@link #open}, then {@link #backends} are set and each worker gets a {@link #flowTable}, then
 * {@link #attach}. Filters belong to the network namespace of the thread that attaches. Calls are
 * serialized inside, and any thread may make them, but what is closed must not be used any more:
 * stop the workers first.
 */
public final class TcOffload implements AutoCloseable {

  private static final String RESOURCE = "synlev_tc.bpf.o";

  private final TcOptions options;
  private final PinDirectory pins;
  private final BpfObject object;
  private final MapSet maps;
  private final Attachments attachments;
  private final Backends backends;
  private final VipFilter vips;
  private final TcFlows flows;
  private final TcStatistics statistics;
  private final SharedMap questions;
  private final int finder;
  private final AtomicInteger askers = new AtomicInteger();
  private final Arena arena = Arena.ofShared();
  private boolean closed;

  private TcOffload(Libbpf libbpf, TcOptions options, Consumer<String> log) throws IOException {
    this.options = options;
    pins = new PinDirectory(options.directory());
    attachments = new Attachments(libbpf, pins, options);
    maps = new MapSet(pins, log);
    object = BpfObject.open(libbpf, RESOURCE);
    List<Runnable> undo = new ArrayList<>();
    try {
      pins.prepare();
      maps.beforeLoad(object, options);
      object.constants(constants(options));
      object.load();
      maps.afterLoad(object);
      backends = new Backends(maps.descriptor(MapSet.Name.BACKENDS), options);
      undo.add(backends::close);
      boolean isFresh = !maps.isReused(MapSet.Name.VIPS);
      vips = new VipFilter(maps.descriptor(MapSet.Name.VIPS), isFresh);
      undo.add(vips::close);
      questions =
          new SharedMap(
              object.mapDescriptor("questions"),
              (long) Questions.ASKERS * Questions.MOST * Questions.BYTES);
      undo.add(questions::close);
      finder = object.programDescriptor("synlev_find");
      int processors = NativeException.check(libbpf.possibleProcessors(), "number of processors");
      statistics = new TcStatistics(maps.descriptor(MapSet.Name.STATISTICS), processors);
      flows = new TcFlows(maps, backends, options, statistics);
    } catch (IOException | RuntimeException e) {
      undo.forEach(Runnable::run);
      maps.close();
      object.close();
      throw e;
    }
  }

  /**
   * Loads the program with the maps that are pinned, or with new ones. No packet meets it yet, but
   * where a former daemon left its filter that goes on with the same maps.
   *
   * @param log told, in a sentence, of each map that could not be taken over
   * @throws IOException with the value and the remedy: libbpf, the program in this build, BPF in
   *     the kernel or a right is missing
   */
  public static TcOffload open(TcOptions options, Consumer<String> log) throws IOException {
    return new TcOffload(Libbpf.load(), options, log);
  }

  /**
   * Removes what an instance's daemon left, killed or not: filters, maps, directories. Does nothing
   * when there is nothing.
   *
   * @throws IOException with the remedy, when something cannot be removed
   */
  public static void remove(TcOptions options) throws IOException {
    PinDirectory pins = new PinDirectory(options.directory());
    Attachments attachments = new Attachments(Libbpf.load(), pins, options);
    attachments.detachAll();
    pins.remove();
  }

  /** The program's constants in their order. */
  private static int[] constants(TcOptions options) {
    int[] limits = new IdleLimits(options.timeouts()).inProgramOrder();
    int[] all = new int[2 + limits.length];
    all[0] = options.markMask();
    all[1] = options.mode() == TcMode.REDIRECT ? 1 : 0;
    System.arraycopy(limits, 0, all, 2, limits.length);
    return all;
  }

  /**
   * Makes the program see the packets that arrive on an interface of the calling thread's network
   * namespace. Our filter that is there already is replaced without a gap.
   *
   * @throws IOException when there is no such Ethernet interface, the kernel has no clsact, or
   *     another's filter is in our place
   */
  public synchronized void attach(String name) throws IOException {
    attachments.attach(name, object.programDescriptor(TcHook.PROGRAM));
  }

  /**
   * Attaches to all of these interfaces and to no other; what a former daemon attached elsewhere is
   * removed.
   */
  public synchronized void attachOnly(List<String> names) throws IOException {
    for (String name : names) {
      attach(name);
    }
    attachments.detachAllBut(names);
  }

  /** Takes the program off an interface. */
  public synchronized void detach(String name) throws IOException {
    attachments.detach(name);
  }

  /** The interfaces that have our filter. */
  public synchronized Set<String> interfaces() throws IOException {
    return attachments.interfaces();
  }

  /** A new flow table for one worker. */
  public TcFlowTable flowTable() {
    int asker = askers.getAndIncrement();
    Questions own =
        asker < Questions.ASKERS ? new Questions(arena, questions.address(), asker, finder) : null;
    return new TcFlowTable(arena, maps, backends, options, own);
  }

  /** Takes flows in that somebody else has carried so far; to be closed before this is. */
  public BroughtFlows bring() {
    return new BroughtFlows(maps, backends);
  }

  /** The backends that flows can be given to; those of a former daemon are still there. */
  public Backends backends() {
    return backends;
  }

  /** Which destinations the program looks at. All, until it is told. */
  public VipFilter vips() {
    return vips;
  }

  /** All flows. */
  public TcFlows flows() {
    return flows;
  }

  /** What the program has counted since its maps were made. */
  public Map<TcCounter, Long> statistics() throws NativeException {
    return statistics.read();
  }

  /** What was asked for. */
  public TcOptions options() {
    return options;
  }

  /** The descriptor of a loaded program, for tests and benchmarks. */
  int program(String name) throws NativeException {
    return object.programDescriptor(name);
  }

  /** The descriptor of a map, for tests and benchmarks. */
  int descriptor(MapSet.Name map) {
    return maps.descriptor(map);
  }

  /** As {@link #close(boolean)} with true. */
  @Override
  public void close() throws IOException {
    close(true);
  }

  /**
   * Lets go of everything. Only the first call does anything.
   *
   * @param keep whether the filters stay and known flows are steered on until the next daemon takes
   *     the maps over; otherwise all is removed
   */
  public synchronized void close(boolean keep) throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (!keep) {
        attachments.detachAll();
      }
    } finally {
      questions.close();
      vips.close();
      backends.close();
      maps.close();
      object.close();
      arena.close();
      if (!keep) {
        pins.remove();
      }
    }
  }
}

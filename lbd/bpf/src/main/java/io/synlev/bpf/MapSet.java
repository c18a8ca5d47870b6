package io.synlev.bpf;

import io.synlev.ffi.NativeException;
import io.synlev.ffi.Sockets;
import java.io.IOException;
import java.nio.file.Files;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The maps of the tc program: taken over from the bpffs where they fit, otherwise made anew.
 *
 * <p>Not thread-safe; descriptors may be used by any thread until {@link #close}.
 */
final class MapSet implements AutoCloseable {

  /**
   * The maps. The version is part of the pinned name and grows with every change of the layout, so
   * that a new lbd never reads an old map wrongly.
   */
  enum Name {
    BACKENDS("backends", 1),
    FLOWS4("flows4", 1),
    FLOWS6("flows6", 1),
    YOUNG4("young4", 1),
    YOUNG6("young6", 1),
    VIPS("vips", 1),
    STATISTICS("statistics", 1);

    private final String map;
    private final int version;

    Name(String map, int version) {
      this.map = map;
      this.version = version;
    }

    /** Its name in the program. */
    String map() {
      return map;
    }

    /** Its name in the bpffs, which allows no dot. */
    String pin() {
      return map + "_v" + version;
    }

    /** Whether its elements mean something only beside the same map of backends. */
    boolean pointsToBackends() {
      return this == FLOWS4 || this == FLOWS6 || this == YOUNG4 || this == YOUNG6;
    }

    int entries(TcOptions options) {
      return switch (this) {
        case BACKENDS -> options.backends();
        case FLOWS4, FLOWS6 -> options.flows();
        case YOUNG4, YOUNG6 -> options.youngFlows();
        case VIPS, STATISTICS -> 1;
      };
    }
  }

  private final PinDirectory pins;
  private final Consumer<String> log;
  private final Map<Name, Integer> reused = new EnumMap<>(Name.class);
  private final Map<Name, Integer> descriptors = new EnumMap<>(Name.class);

  MapSet(PinDirectory pins, Consumer<String> log) {
    this.pins = pins;
    this.log = log;
  }

  /** Sizes the maps of an opened object and puts pinned ones in their place. */
  void beforeLoad(BpfObject object, TcOptions options) throws IOException {
    forgetStrangers();
    boolean keepsBackends = true;
    for (Name name : Name.values()) {
      object.resize(name.map(), name.entries(options));
      int pinned = Bpf.open(pins.pin(name.pin()));
      if (pinned < 0) {
        keepsBackends &= name != Name.BACKENDS;
        continue;
      }
      int entries = Bpf.mapInfo(pinned).maxEntries();
      if (entries == name.entries(options) && (keepsBackends || !name.pointsToBackends())) {
        reused.put(name, pinned);
        object.reuse(name.map(), pinned);
        continue;
      }
      Sockets.close(pinned);
      Files.delete(pins.pin(name.pin()));
      keepsBackends &= name != Name.BACKENDS;
      log.accept(
          "BPF map "
              + name.pin()
              + " is made anew, with room for "
              + name.entries(options)
              + ": the old one had "
              + entries
              + (name.pointsToBackends() ? "; its flows are decided once more" : ""));
    }
  }

  /** Removes what another version left. */
  private void forgetStrangers() throws IOException {
    Map<String, Name> known = new HashMap<>();
    for (Name name : Name.values()) {
      known.put(name.pin(), name);
    }
    for (String pinned : pins.pinned()) {
      if (!known.containsKey(pinned)) {
        Files.delete(pins.pin(pinned));
        log.accept("BPF map " + pinned + " of another version is removed");
      }
    }
  }

  /** Pins the maps that were made anew. */
  void afterLoad(BpfObject object) throws NativeException {
    for (Name name : Name.values()) {
      int descriptor = object.mapDescriptor(name.map());
      descriptors.put(name, descriptor);
      if (!reused.containsKey(name)) {
        int result = Bpf.pin(descriptor, pins.pin(name.pin()));
        NativeException.check(result, "pinning " + pins.pin(name.pin()));
      }
    }
  }

  /** The map's descriptor; it lives as long as the loaded object. */
  int descriptor(Name name) {
    return descriptors.get(name);
  }

  /** Whether the map was there before. */
  boolean isReused(Name name) {
    return reused.containsKey(name);
  }

  @Override
  public void close() {
    reused.values().forEach(Sockets::close);
    reused.clear();
  }
}

package io.synlev.bpf;

import io.synlev.ffi.Errno;
import io.synlev.ffi.NativeException;
import io.synlev.memory.Memory;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A compiled BPF object: opened, given sizes and settings, loaded, closed. Programs that are
 * attached and maps that are pinned outlive it. Not thread-safe.
 */
final class BpfObject implements AutoCloseable {

  /** struct bpf_object_open_opts: offsets of bpf/libbpf.h 1.0. */
  private static final int OPTIONS_BYTES = 80;

  private static final int OPTIONS_NAME_OFFSET = 8;
  private static final int OPTIONS_LOG_OFFSET = 56;
  private static final int OPTIONS_LOG_BYTES_OFFSET = 64;

  private static final int LOG_BYTES = 1 << 18;

  private final Libbpf libbpf;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment log = arena.allocate(LOG_BYTES);
  private final long object;
  private boolean closed;

  private BpfObject(Libbpf libbpf, byte[] image) throws NativeException {
    this.libbpf = libbpf;
    MemorySegment copy = arena.allocate(image.length, 8);
    copy.copyFrom(MemorySegment.ofArray(image));
    MemorySegment options = arena.allocate(OPTIONS_BYTES, 8);
    options.set(ValueLayout.JAVA_LONG, 0, OPTIONS_BYTES);
    options.set(ValueLayout.JAVA_LONG, OPTIONS_NAME_OFFSET, arena.allocateFrom("synlev").address());
    options.set(ValueLayout.JAVA_LONG, OPTIONS_LOG_OFFSET, log.address());
    options.set(ValueLayout.JAVA_LONG, OPTIONS_LOG_BYTES_OFFSET, LOG_BYTES);
    object = libbpf.openMemory(copy.address(), image.length, options.address());
    if (object < 0 && object > -4096) {
      arena.close();
      throw new NativeException(
          "BPF object of " + image.length + " bytes",
          (int) -object,
          "it was built for another kind of machine, or is damaged: build it here");
    }
  }

  /**
   * Opens an object that the build put beside this class.
   *
   * @param resource such as {@code synlev_tc.bpf.o}
   * @throws NativeException when the build had no clang, or libbpf refuses it
   */
  static BpfObject open(Libbpf libbpf, String resource) throws IOException {
    try (InputStream in = BpfObject.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new NativeException(
            "no BPF program " + resource + " in this build",
            0,
            "apt-get install clang llvm libbpf-dev, and build again");
      }
      return new BpfObject(libbpf, in.readAllBytes());
    }
  }

  /** Gives a map its size; before the load. */
  void resize(String map, int entries) throws NativeException {
    String what = "size " + entries + " of BPF map " + map;
    NativeException.check(libbpf.setMaxEntries(map(map), entries), what);
  }

  /** Puts an existing map of the same shape in a map's place; before the load. */
  void reuse(String map, int descriptor) throws NativeException {
    NativeException.check(libbpf.reuse(map(map), descriptor), "reuse of BPF map " + map);
  }

  /**
   * Sets the constants of the program; before the load.
   *
   * @param values all of them, in their order
   */
  void constants(int... values) throws NativeException {
    MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
    long address = libbpf.initialValue(map(".rodata"), size.address());
    long bytes = size.get(ValueLayout.JAVA_LONG, 0);
    if (address < 0 && address > -4096 || bytes != 4L * values.length) {
      throw new IllegalStateException(
          "constants of " + bytes + " bytes where " + values.length + " are known");
    }
    for (int i = 0; i < values.length; i++) {
      Memory.putInt(address + 4L * i, values[i]);
    }
  }

  /**
   * Makes the maps and loads the programs.
   *
   * @throws NativeException with the remedy; with what the kernel's verifier said, if it refused
   */
  void load() throws NativeException {
    int result = libbpf.load(object);
    if (result < 0) {
      throw new NativeException("loading the BPF program", -result, remedy(result) + verifierLog());
    }
  }

  private static String remedy(int result) {
    if (Errno.EPERM.is(result) || Errno.EACCES.is(result)) {
      return "run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON";
    }
    if (Errno.ENOMEM.is(result)) {
      return "choose a smaller flow table, or allow more memory (cgroup, ulimit -l)";
    }
    if (result == -38) { // ENOSYS
      return "this kernel has no bpf(2): use another offload";
    }
    return "the program needs Linux 5.14 or later with CONFIG_BPF_SYSCALL and CONFIG_NET_CLS_BPF:"
        + " use a newer kernel, or another offload";
  }

  /** The end of the log, where the reason is. */
  private String verifierLog() {
    String text = log.getString(0);
    int from = Math.max(0, text.length() - 600);
    return text.isBlank() ? "" : "; the verifier said: " + text.substring(from).strip();
  }

  /** The descriptor of a loaded map; closed with this object. */
  int mapDescriptor(String map) throws NativeException {
    return NativeException.check(libbpf.mapDescriptor(map(map)), "BPF map " + map);
  }

  /** The descriptor of a loaded program; closed with this object. */
  int programDescriptor(String program) throws NativeException {
    long found = libbpf.findProgram(object, arena.allocateFrom(program).address());
    NativeException.check(found < 0 && found > -4096 ? found : 0, "BPF program " + program);
    return NativeException.check(libbpf.programDescriptor(found), "BPF program " + program);
  }

  private long map(String name) throws NativeException {
    long found = libbpf.findMap(object, arena.allocateFrom(name).address());
    NativeException.check(found < 0 && found > -4096 ? found : 0, "BPF map " + name);
    return found;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      libbpf.close(object);
      arena.close();
    }
  }
}

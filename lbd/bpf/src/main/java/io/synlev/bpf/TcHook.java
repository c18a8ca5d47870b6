package io.synlev.bpf;

import io.synlev.ffi.Errno;
import io.synlev.ffi.NativeException;
import io.synlev.ffi.NetworkInterfaces;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The tc ingress hook of one interface, in the calling thread's network namespace: our filter there
 * is known by its priority, its handle and its program's name; all others are left alone.
 *
 * <p>Not thread-safe.
 */
final class TcHook {

  /** The kernel keeps 15 bytes of a name. */
  static final String PROGRAM = "synlev_tc";

  /** struct bpf_tc_hook: 0 size, 8 interface, 12 attach point. */
  private static final int HOOK_BYTES = 24;

  /** struct bpf_tc_opts: 0 size, 8 program, 12 flags, 16 program id, 20 handle, 24 priority. */
  private static final int OPTIONS_BYTES = 32;

  private static final int INGRESS = 1;
  private static final int INGRESS_AND_EGRESS = 3;
  private static final int REPLACE = 1;

  private final Libbpf libbpf;
  private final String name;
  private final int index;
  private final int priority;
  private final int handle;

  private TcHook(Libbpf libbpf, String name, int index, int priority, int handle) {
    this.libbpf = libbpf;
    this.name = name;
    this.index = index;
    this.priority = priority;
    this.handle = handle;
  }

  /**
   * Finds the interface.
   *
   * @throws NativeException when there is none of this name, or its frames are not Ethernet's
   */
  static TcHook of(Libbpf libbpf, String name, int priority, int handle) throws NativeException {
    int index = NetworkInterfaces.index(name);
    if (index < 0) {
      throw new NativeException(
          "interface '" + name + "'", -index, "'ip link' lists those of this network namespace");
    }
    int type = NetworkInterfaces.type(name);
    if (type != NetworkInterfaces.ETHERNET && type != NetworkInterfaces.LOOPBACK) {
      throw new NativeException(
          "interface '" + name + "' is of type " + type + ", its frames are not Ethernet's",
          0,
          "use the Ethernet interface on which packets to VIPs arrive");
    }
    return new TcHook(libbpf, name, index, priority, handle);
  }

  /**
   * Makes the clsact qdisc if there is none.
   *
   * @return whether it was made
   */
  boolean createQdisc() throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      int result = libbpf.tcHookCreate(hook(arena, INGRESS_AND_EGRESS));
      if (Errno.EEXIST.is(result)) {
        return false;
      }
      if (result < 0) {
        throw failed("clsact qdisc on ", result);
      }
      return true;
    }
  }

  /**
   * Attaches a program, in the place of the one we have there already: no packet meets neither.
   *
   * @throws NativeException also when another's filter is in our place
   */
  void attach(int program) throws NativeException {
    String there = attached();
    if (!there.isEmpty() && !there.equals(PROGRAM)) {
      throw new NativeException(
          "filter " + place() + " runs the program '" + there + "', which is not ours",
          0,
          "choose another priority");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment options = options(arena);
      options.set(ValueLayout.JAVA_INT, 8, program);
      options.set(ValueLayout.JAVA_INT, 12, REPLACE);
      int result = libbpf.tcAttach(hook(arena, INGRESS), options.address());
      if (result < 0) {
        throw failed("filter " + place() + " on ", result);
      }
    }
  }

  /** The name of the program in our place, or "". */
  String attached() throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment options = options(arena);
      int result = libbpf.tcQuery(hook(arena, INGRESS), options.address());
      return result < 0 ? "" : Bpf.programName(options.get(ValueLayout.JAVA_INT, 16));
    }
  }

  /** Detaches our program; does nothing when another's or none is there. */
  void detach() throws NativeException {
    if (!attached().equals(PROGRAM)) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      int result = libbpf.tcDetach(hook(arena, INGRESS), options(arena).address());
      NativeException.check(result, "removing filter " + place() + " of " + name);
    }
  }

  /** Removes the clsact qdisc unless somebody's filter is there. */
  void destroyQdiscIfEmpty() throws NativeException {
    if (!Clsact.isEmpty(index)) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      int result = libbpf.tcHookDestroy(hook(arena, INGRESS_AND_EGRESS));
      if (!Errno.ENOENT.is(result) && !Errno.EINVAL.is(result)) { // somebody else removed it
        NativeException.check(result, "removing the clsact qdisc of " + name);
      }
    }
  }

  private String place() {
    return "pref %d handle 0x%x".formatted(priority, handle);
  }

  private NativeException failed(String what, int result) {
    if (Errno.EPERM.is(result)) {
      return new NativeException(what + name, -result, "run as root, or with CAP_NET_ADMIN");
    }
    return new NativeException(
        what + name,
        -result,
        "the kernel needs clsact and BPF classifiers (modprobe sch_ingress cls_bpf), and the"
            + " priority "
            + priority
            + " must be free: 'tc filter show dev "
            + name
            + " ingress'");
  }

  private long hook(Arena arena, int attachPoint) {
    MemorySegment hook = arena.allocate(HOOK_BYTES, 8);
    hook.set(ValueLayout.JAVA_LONG, 0, HOOK_BYTES);
    hook.set(ValueLayout.JAVA_INT, 8, index);
    hook.set(ValueLayout.JAVA_INT, 12, attachPoint);
    return hook.address();
  }

  private MemorySegment options(Arena arena) {
    MemorySegment options = arena.allocate(OPTIONS_BYTES, 8);
    options.set(ValueLayout.JAVA_LONG, 0, OPTIONS_BYTES);
    options.set(ValueLayout.JAVA_INT, 20, handle);
    options.set(ValueLayout.JAVA_INT, 24, priority);
    return options;
  }
}

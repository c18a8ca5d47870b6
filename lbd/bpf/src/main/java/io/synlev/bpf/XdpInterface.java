package io.synlev.bpf;

import io.synlev.ffi.Claim;
import io.synlev.ffi.Interfaces;
import io.synlev.ffi.NativeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An interface of the calling thread's network namespace, with the XDP program that is on it. One
 * thread at a time.
 */
public final class XdpInterface {

  static final String PROGRAM = "synlev_xdp";

  private final Libbpf libbpf;
  private final String device;
  private final int index;

  private XdpInterface(Libbpf libbpf, String device, int index) {
    this.libbpf = libbpf;
    this.device = device;
    this.index = index;
  }

  /**
   * Looks for one.
   *
   * @throws NativeException when there is none, or no libbpf
   */
  public static XdpInterface of(String device) throws NativeException {
    int index = Interfaces.index(device);
    if (index == 0) {
      throw new NativeException("no interface " + device, 0, "ip link shows those that are there");
    }
    return new XdpInterface(Libbpf.load(), device, index);
  }

  /**
   * Makes the interface this process's, to put our program on it: no other one can while this has
   * it. To be closed when the program is off again.
   *
   * @throws NativeException when a living process has it
   */
  public Claim claim() throws NativeException {
    return Claim.take("synlev-xdp-" + index, "XDP program " + PROGRAM + " of " + device);
  }

  /**
   * Takes our program away that a killed daemon has left: the driver attaches none where one is.
   * Another program stays.
   *
   * @param claim what {@link #claim} returned: that nobody else has the interface
   * @return whether there was one
   */
  public boolean detachLeftOver(Claim claim) throws NativeException {
    if (claim.isClosed()) {
      throw new IllegalArgumentException(device + " was given back");
    }
    if (ourProgram() == 0) {
      return false;
    }
    NativeException.check(libbpf.xdpDetach(index), "XDP program of " + device);
    return true;
  }

  /** The number of our program, or 0 when another one is on the interface, or none. */
  int ourProgram() throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment id = arena.allocate(ValueLayout.JAVA_INT);
      NativeException.check(libbpf.xdpQueryId(index, id.address()), "XDP program of " + device);
      int program = id.get(ValueLayout.JAVA_INT, 0);
      return program != 0 && Bpf.programName(program).equals(PROGRAM) ? program : 0;
    }
  }
}

package io.synlev.bpf;

import io.synlev.ffi.Errno;
import io.synlev.ffi.NativeException;
import io.synlev.ffi.Sockets;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What the XDP program {@code synlev_xdp} of an interface takes away from the kernel. DPDK's driver
 * loads and attaches the program; this finds its maps. One thread at a time.
 */
public final class XdpAddresses implements AutoCloseable {

  /** Packets to the address; bits of synlev_xdp.bpf.c. */
  public static final int TAKE_PACKETS = 1;

  /** ARP and neighbour discovery about the address. */
  public static final int ANSWER_FOR = 2;

  private static final String FILE = "synlev_xdp.bpf.o";
  private static final int VALUE_BYTES = 4;
  private static final int KEY_BYTES = 4 + 16;

  private final int ipv4;
  private final int ipv6;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment key = arena.allocate(KEY_BYTES, 8);
  private final MemorySegment value = arena.allocate(VALUE_BYTES, 8);
  private final Map<VipFilter.Prefix, Integer> taken = new HashMap<>();

  private XdpAddresses(int ipv4, int ipv6) {
    this.ipv4 = ipv4;
    this.ipv6 = ipv6;
  }

  /**
   * Writes the program into a file, for the driver to load.
   *
   * @throws NativeException when the build had no clang
   */
  public static void writeProgram(Path file) throws IOException {
    try (InputStream in = XdpAddresses.class.getResourceAsStream(FILE);
        OutputStream out = Files.newOutputStream(file)) {
      if (in == null) {
        throw new NativeException(
            "no BPF program " + FILE + " in this build",
            0,
            "apt-get install clang llvm libbpf-dev, and build again");
      }
      in.transferTo(out);
    }
  }

  /**
   * Finds the maps of the program on an interface of the calling thread's network namespace.
   *
   * @throws NativeException when another program is on it, or none
   */
  public static XdpAddresses open(String device) throws NativeException {
    int id = XdpInterface.of(device).ourProgram();
    if (id == 0) {
      throw new NativeException(
          "no XDP program " + XdpInterface.PROGRAM + " on " + device,
          0,
          "another program may be on it: ip link show " + device);
    }
    Map<String, Integer> maps = Bpf.mapsOf(id);
    Integer ipv4 = maps.remove("ours4");
    Integer ipv6 = maps.remove("ours6");
    maps.values().forEach(Sockets::close);
    if (ipv4 == null || ipv6 == null) {
      Stream.of(ipv4, ipv6).filter(Objects::nonNull).forEach(Sockets::close);
      throw new NativeException(
          "no maps ours4 and ours6 of the XDP program on " + device,
          0,
          "detach it: ip link set dev " + device + " xdp off");
    }
    return new XdpAddresses(ipv4, ipv6);
  }

  /**
   * From now on only these are taken; until it returns, some of the former may be, too.
   *
   * @param wanted for each prefix {@link #TAKE_PACKETS}, {@link #ANSWER_FOR}, or both; of those
   *     that hold an address, the longest counts
   * @throws NativeException when one has no room (65,536 of each family); others are in force
   */
  public void set(Map<VipFilter.Prefix, Integer> wanted) throws NativeException {
    for (Map.Entry<VipFilter.Prefix, Integer> entry : wanted.entrySet()) {
      if (!entry.getValue().equals(taken.get(entry.getKey()))) {
        put(entry.getKey(), entry.getValue());
        taken.put(entry.getKey(), entry.getValue());
      }
    }
    for (VipFilter.Prefix gone :
        taken.keySet().stream().filter(old -> !wanted.containsKey(old)).toList()) {
      remove(gone);
      taken.remove(gone);
    }
  }

  private void put(VipFilter.Prefix prefix, int flags) throws NativeException {
    value.set(ValueLayout.JAVA_INT, 0, flags);
    NativeException.check(Bpf.update(write(prefix), key, value), "XDP entry of " + prefix);
  }

  private void remove(VipFilter.Prefix prefix) throws NativeException {
    int result = Bpf.delete(write(prefix), key);
    if (!Errno.ENOENT.is(result)) {
      NativeException.check(result, "XDP entry of " + prefix);
    }
  }

  /**
   * Writes a prefix into the key, struct bpf_lpm_trie_key: the length, then the address in network
   * order.
   *
   * @return the map of its family
   */
  private int write(VipFilter.Prefix prefix) {
    byte[] address = prefix.address().getAddress();
    key.set(ValueLayout.JAVA_INT, 0, prefix.length());
    MemorySegment.copy(address, 0, key, ValueLayout.JAVA_BYTE, 4, address.length);
    return address.length == 4 ? ipv4 : ipv6;
  }

  @Override
  public void close() {
    Sockets.close(ipv4);
    Sockets.close(ipv6);
    arena.close();
  }
}

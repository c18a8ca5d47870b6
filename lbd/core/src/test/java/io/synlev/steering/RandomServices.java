package io.synlev.steering;

import io.synlev.state.ByteCondition;
import io.synlev.state.HashOn;
import io.synlev.state.NoBackend;
import io.synlev.state.PortRange;
import io.synlev.state.Prefix;
import io.synlev.state.Protocol;
import io.synlev.state.Service;
import io.synlev.state.ServiceHandling;
import io.synlev.state.ServiceMatch;
import io.synlev.state.StateException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** Services and packets from a world so small that they meet. */
final class RandomServices {

  private static final int[] PROTOCOLS = {6, 6, 6, 17, 17, 17, 132, 132, 1, 58, 47};

  private final SplittableRandom random;

  RandomServices(long seed) {
    random = new SplittableRandom(seed);
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  private <T> List<T> some(int least, int most, Supplier<T> one) {
    List<T> some = new ArrayList<>();
    for (int left = random.nextInt(least, most + 1); left > 0; left--) {
      some.add(one.get());
    }
    return some;
  }

  private Prefix prefix(boolean ipv6, int net) {
    int bits = ipv6 ? 128 : 32;
    int length = chance(50) ? bits : bits - random.nextInt(4);
    length = chance(10) ? random.nextInt(bits) : length;
    long host = net | random.nextInt(8);
    return new Prefix(ipv6, ipv6 ? 0x2001_0db8_0000_0000L : 0, host, bits).shortened(length);
  }

  private PortRange range() {
    int first = random.nextInt(76, 90);
    return new PortRange(first, chance(60) ? first : random.nextInt(first, 92));
  }

  private Set<Protocol> protocols() {
    Set<Protocol> protocols = EnumSet.noneOf(Protocol.class);
    for (Protocol protocol : Protocol.values()) {
      if (chance(40)) {
        protocols.add(protocol);
      }
    }
    return protocols;
  }

  private ByteCondition condition() {
    int width = 1 << random.nextInt(3);
    int mask = 1 << random.nextInt(8 * width) | 1 << random.nextInt(8 * width);
    return new ByteCondition(
        ByteCondition.Header.values()[random.nextInt(5)],
        random.nextInt(20),
        width,
        mask,
        chance(60) ? 0 : mask & random.nextInt());
  }

  /** Another service; of a few, {@code pool} has to be told apart by name. */
  Service service(String name, String... pools) {
    while (true) {
      boolean ipv6 = chance(40);
      boolean hosts = chance(40);
      int net = ipv6 ? 0x200 : 0xc000_0200;
      try {
        return new Service(
            name,
            pools[random.nextInt(pools.length)],
            chance(60) ? 0 : random.nextInt(-2, 3),
            new ServiceMatch(
                protocols(),
                hosts
                    ? some(1, 3, () -> prefix(ipv6, net).shortened(ipv6 ? 128 : 32))
                    : some(1, 3, () -> prefix(ipv6, net)),
                chance(30) ? List.of() : some(1, 3, this::range),
                chance(70) ? List.of() : some(1, 2, () -> prefix(ipv6, net + 0x10)),
                chance(80) ? List.of() : some(1, 2, this::range),
                chance(75) ? List.of() : some(1, 2, this::condition)),
            handling());
      } catch (StateException | NullPointerException contradictory) {
        // Another one, then.
      }
    }
  }

  private ServiceHandling handling() {
    return new ServiceHandling(
        chance(50) ? null : HashOn.values()[random.nextInt(3)],
        chance(80) ? NoBackend.DEFAULT : NoBackend.mark(0x70),
        chance(50),
        chance(70) ? 0 : random.nextInt(78, 86));
  }

  /** A packet in one piece whose addresses and ports are those of the services; perhaps cut. */
  byte[] packet() {
    boolean ipv6 = chance(40);
    int protocol = PROTOCOLS[random.nextInt(PROTOCOLS.length)];
    int header = ipv6 ? 40 : 20;
    byte[] bytes = new byte[header + random.nextInt(8, 40)];
    for (int i = header; i < bytes.length; i++) {
      bytes[i] = (byte) (chance(60) ? 0 : random.nextInt());
    }
    ByteBuffer packet = ByteBuffer.wrap(bytes);
    int source = random.nextInt(10) | 0x10;
    int destination = random.nextInt(10);
    if (ipv6) {
      packet.putInt(0, 0x6000_0000).putShort(4, (short) (bytes.length - 40));
      packet.put(6, (byte) protocol);
      packet.putLong(8, 0x2001_0db8_0000_0000L).putLong(16, 0x200 | source);
      packet.putLong(24, 0x2001_0db8_0000_0000L).putLong(32, 0x200 | destination);
    } else {
      packet.putInt(0, 0x4500_0000 | bytes.length).put(9, (byte) protocol);
      packet.putInt(12, 0xc000_0200 | source).putInt(16, 0xc000_0200 | destination);
    }
    switch (protocol) {
      case 1 -> bytes[header] = (byte) (chance(60) ? 8 : random.nextInt(16));
      case 58 -> bytes[header] = (byte) (chance(60) ? 128 : random.nextInt(256));
      default -> {
        packet.putShort(header, (short) random.nextInt(76, 92));
        packet.putShort(header + 2, (short) random.nextInt(76, 92));
      }
    }
    if (protocol == 17) {
      packet.putShort(header + 4, (short) 0);
      if (bytes.length >= header + 12) {
        packet.putShort(header + 8, (short) random.nextInt(76, 92));
        packet.putShort(header + 10, (short) random.nextInt(76, 92));
      }
    }
    if (protocol == 6 && bytes.length > header + 12) {
      bytes[header + 12] |= 0x50;
    }
    return chance(80)
        ? bytes
        : java.util.Arrays.copyOf(bytes, random.nextInt(header, bytes.length + 1));
  }
}

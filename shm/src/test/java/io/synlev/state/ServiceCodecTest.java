package io.synlev.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.hash.Seed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceCodecTest {

  private final SplittableRandom random = new SplittableRandom(3);

  private <T> List<T> some(int least, int most, Supplier<T> one) {
    List<T> some = new ArrayList<>();
    for (int left = random.nextInt(least, most + 1); left > 0; left--) {
      some.add(one.get());
    }
    return some;
  }

  private Prefix prefix(boolean ipv6) {
    int length = random.nextInt(ipv6 ? 129 : 33);
    long high = ipv6 ? random.nextLong() & mask(length) : 0;
    long low =
        ipv6
            ? random.nextLong() & mask(length - 64)
            : random.nextLong() >>> 32 & mask(length) >>> 32;
    return new Prefix(ipv6, high, low, length);
  }

  private static long mask(int ones) {
    return ones <= 0 ? 0 : -1L << Math.max(0, 64 - ones);
  }

  private PortRange range() {
    int first = random.nextInt(65536);
    return new PortRange(first, random.nextInt(first, 65536));
  }

  private Service service(int number) {
    boolean ipv6 = random.nextBoolean();
    int mask = random.nextInt(1, 65536);
    ServiceMatch match =
        new ServiceMatch(
            Protocol.ofBits(random.nextInt(1, 32) | 1),
            some(1, 5, () -> prefix(ipv6)),
            some(0, 4, this::range),
            some(0, 4, () -> prefix(ipv6)),
            some(0, 4, this::range),
            some(
                0,
                1,
                () ->
                    new ByteCondition(
                        ByteCondition.Header.TCP,
                        random.nextInt(62),
                        2,
                        mask,
                        mask & random.nextInt())));
    HashOn hashOn = random.nextBoolean() ? null : HashOn.values()[random.nextInt(3)];
    NoBackend noBackend =
        random.nextBoolean() ? NoBackend.DROP : NoBackend.mark(random.nextInt(1, 65536));
    return new Service(
        "service-" + number,
        "pool",
        random.nextInt(-32768, 32768),
        match,
        new ServiceHandling(
            hashOn,
            noBackend,
            random.nextBoolean(),
            match.fittingProtocols().contains(Protocol.SCTP) ? random.nextInt(65536) : 0));
  }

  @Test
  void shouldReadWhatItWrote() {
    List<Service> services = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      services.add(service(i));
    }
    Configuration written = new Configuration(7, List.of(), services);
    byte[] bytes = ConfigurationCodec.encode(written);
    assertEquals(written, ConfigurationCodec.decode(7, bytes));
    for (int length = 0; length < 2_000; length++) {
      byte[] cut = java.util.Arrays.copyOf(bytes, length);
      assertThrows(StateException.class, () -> ConfigurationCodec.decode(7, cut));
    }
  }

  @Test
  void shouldHoldTwoThousandLargeServices(@TempDir Path base) {
    String longName = "n".repeat(58);
    List<Prefix> vips = new ArrayList<>();
    List<PortRange> ports = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      vips.add(new Prefix(true, 0x2001_0db8_0000_0000L, i, 128));
      ports.add(new PortRange(10 * i, 10 * i));
    }
    ServiceMatch match =
        ServiceMatch.of(vips)
            .withProtocols(Set.of(Protocol.TCP))
            .withPorts(ports)
            .withConditions(List.of(ByteCondition.parse("tcp[13] & 2 = 2")));
    try (Instance instance =
        Instance.create(
            new StateDirectory(base.resolve("state"), "test"),
            new InstanceSettings(new Seed(1, 2), 0xffff))) {
      instance.createPool(
          new PoolSettings("p".repeat(63), 97, 10, Policy.MAGLEV, HashOn.TUPLE, 0), List.of());
      List<Service> services = new ArrayList<>();
      for (int i = 0; i < 2_000; i++) {
        services.add(
            new Service(
                longName + (10_000 + i), "p".repeat(63), i, match, ServiceHandling.DEFAULT));
      }
      instance.updateServices(none -> services);
      assertEquals(services, instance.configuration().services());
    }
  }

  @Test
  void shouldRefuseServicesThatSayTheSame(@TempDir Path base) {
    try (Instance instance =
        Instance.create(
            new StateDirectory(base.resolve("state"), "test"),
            new InstanceSettings(new Seed(1, 2), 0xff))) {
      instance.createPool(
          new PoolSettings("web", 97, 10, Policy.MAGLEV, HashOn.TUPLE, 0), List.of());
      List<Prefix> vip = List.of(Prefix.parse("10.0.0.1"));
      Service one = new Service("one", "web", vip);
      Service two = new Service("two", "web", vip);
      StateException same =
          assertThrows(
              StateException.class, () -> instance.updateServices(none -> List.of(one, two)));
      assertTrue(
          same.getMessage().contains("of service 'two' belongs to service 'one' already"),
          same.getMessage());
      StateException mark =
          assertThrows(
              StateException.class,
              () ->
                  instance.updateServices(
                      none ->
                          List.of(one.with(one.handling().withNoBackend(NoBackend.mark(0x100))))));
      assertTrue(mark.getMessage().contains("0x100"), mark.getMessage());
      assertEquals(List.of(), instance.configuration().services());
      instance.updateServices(none -> List.of(one, two.withPriority(1)));
      instance.updateServices(
          none -> List.of(one, two.with(two.match().withProtocols(Set.of(Protocol.TCP)))));
      assertEquals(2, instance.configuration().services().size());
    }
  }
}

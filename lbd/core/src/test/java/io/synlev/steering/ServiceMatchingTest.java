package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.Reason;
import io.synlev.packet.HeaderStatus;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketParser;
import io.synlev.state.Service;
import io.synlev.state.StateException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random services and packets; packets end where forbidden memory begins. */
class ServiceMatchingTest {

  private static final int ROUNDS = 200;
  private static final int PACKETS = 1_000;

  @TempDir Path base;
  private final PacketHeaders headers = new PacketHeaders();
  private final Match match = new Match();

  /** Services one by one, those left out that say what another says already. */
  static List<Service> publish(Testbed bed, RandomServices random, int count) {
    bed.instance.updateServices(before -> List.of());
    for (int i = 0; i < count; i++) {
      Service next = random.service("s" + i, "web", "sticky", "closed");
      try {
        bed.instance.updateServices(
            before -> {
              List<Service> after = new ArrayList<>(before);
              after.add(next);
              return after;
            });
      } catch (StateException taken) {
        // One less.
      }
    }
    return bed.instance.configuration().services();
  }

  @Test
  void shouldFindWhatAskingEveryServiceFinds() throws Exception {
    int found = 0;
    Map<Reason, Integer> missing = new EnumMap<>(Reason.class);
    try (Testbed bed = new Testbed(base)) {
      RandomServices random = new RandomServices(31);
      for (int round = 0; round < ROUNDS; round++) {
        List<Service> services = publish(bed, random, round % 40);
        NaiveServices naive = new NaiveServices(services);
        View view = View.compile(bed.instance, 1);
        for (int i = 0; i < PACKETS; i++) {
          byte[] packet = random.packet();
          long address = bed.place(packet);
          if (PacketParser.parse(address, packet.length, headers) == HeaderStatus.OK) {
            Optional<String> actual =
                view.match(headers, match)
                    ? Optional.of(view.services().get(match.service).name())
                    : Optional.empty();
            String what = HexFormat.of().formatHex(packet);
            assertEquals(naive.find(packet, headers), actual, () -> what + "\n" + services);
            found += actual.isPresent() ? 1 : 0;
            if (actual.isEmpty()) {
              missing.merge(match.reason, 1, Integer::sum);
              assertTrue(naive.explains(match.reason, headers), () -> what + match.reason);
            }
          }
        }
      }
    }
    assertTrue(found > ROUNDS * PACKETS / 4, "packets meet services: " + found);
    assertEquals(4, missing.size(), "every reason occurs: " + missing);
  }

  @Test
  void shouldStandRandomPacketsWithRandomServices() throws Exception {
    try (Testbed bed = new Testbed(base)) {
      RandomServices random = new RandomServices(32);
      for (int round = 0; round < 20; round++) {
        publish(bed, random, 30);
        bed.views.swap(View.compile(bed.instance, 2));
        for (int i = 0; i < 2_000; i++) {
          byte[] packet = random.packet();
          for (int length = packet.length; length >= 0; length -= 1 + i % 7) {
            assertNotEquals(
                Reason.UNDECIDED, bed.decide(java.util.Arrays.copyOf(packet, length)).reason);
          }
        }
      }
    }
  }
}

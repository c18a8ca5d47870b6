package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.synlev.state.Prefix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class VipWatchTest {
  private static final List<Prefix> VIPS = List.of(Prefix.parse("192.0.2.1/32"));

  private final List<String> said = new ArrayList<>();

  /** Says what it is told, and may refuse. */
  private final class Follower implements VipFollower {
    private final String name;
    private final boolean refuses;

    Follower(String name, boolean refuses) {
      this.name = name;
      this.refuses = refuses;
    }

    @Override
    public void take(List<Prefix> vips) throws IOException {
      if (refuses) {
        throw new IOException("no room for " + vips);
      }
      said.add(name + " takes " + vips);
    }

    @Override
    public void letGo() {
      said.add(name + " lets go");
    }
  }

  @Test
  void shouldNotStartWhenAPortIsBroughtNothing() {
    VipWatch watch =
        new VipWatch(List.of(new Follower("in", false), new Follower("out", true)), () -> VIPS);
    IOException refused = assertThrows(IOException.class, watch::start);
    assertEquals("no room for [192.0.2.1/32]", refused.getMessage());
    assertEquals(List.of("in takes [192.0.2.1/32]", "in lets go", "out lets go"), said);
  }

  @Test
  void shouldLookAgainAfterADefect() throws Exception {
    CountDownLatch looks = new CountDownLatch(3);
    VipFollower follower =
        new VipFollower() {
          @Override
          public void take(List<Prefix> vips) {
            looks.countDown();
            if (looks.getCount() == 1) {
              throw new IllegalStateException("a defect that the test makes");
            }
          }

          @Override
          public void letGo() {
            // Nothing was taken.
          }
        };
    try (VipWatch watch = new VipWatch(List.of(follower), () -> VIPS)) {
      watch.start();
      looks.await();
    }
  }
}

package io.synlev.netfilter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WarmUpTest {

  @Test
  void shouldDecideWithoutCountingAsTraffic() throws Exception {
    ByteDecider decider = new ByteDecider();
    NfqueueDatapath datapath =
        new NfqueueDatapath(List.of(QueueOptions.of(2)), worker -> new ByteDecider());
    datapath.warmUp(decider, List.of(), 1000);
    int decided = IntStream.range(0, 257).map(size -> size * decider.batchSizes[size]).sum();
    assertTrue(decided >= 1000);
    assertEquals(List.of(), datapath.statistics());
  }

  @Test
  void shouldCutPacketsLikeTheKernel() throws Exception {
    NfqueueDatapath datapath =
        new NfqueueDatapath(List.of(QueueOptions.of(2)), worker -> new ByteDecider());
    datapath.warmUp(new ByteDecider(), List.of(new byte[5000]), 100);
  }
}

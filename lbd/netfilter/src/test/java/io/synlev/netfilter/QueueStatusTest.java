package io.synlev.netfilter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class QueueStatusTest {

  @Test
  void shouldReadTheKernelsLines() {
    // as seq_show() of net/netfilter/nfnetlink_queue.c prints them
    List<String> lines =
        List.of(
            "    2  31733     5 2   256     7    11    78147  1",
            "65535 4294963003     0 1     0     0     0        0  1");
    assertEquals(
        List.of(
            new QueueStatus(2, 31733, 5, 2, 256, 7, 11, 78147),
            new QueueStatus(65535, 4294963003L, 0, 1, 0, 0, 0, 0)),
        QueueStatus.parse(lines));
  }

  @Test
  void shouldLeaveOutWhatIsNoQueue() {
    List<String> lines = List.of("", "queue portid", "a b c d e f g h", "1 2 3");
    assertEquals(List.of(), QueueStatus.parse(lines));
  }
}

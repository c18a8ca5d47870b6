package io.synlev.netfilter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class QueueOptionsTest {

  private static String messageOf(Supplier<Object> wrong) {
    return assertThrows(IllegalArgumentException.class, wrong::get).getMessage();
  }

  @Test
  void shouldNameTheValueAndItsRange() {
    QueueOptions good = QueueOptions.of(2);
    assertEquals(
        "queue number 65536 is out of range: use 0 to 65535",
        messageOf(() -> good.withQueue(65536)));
    assertEquals(
        "copy range 127 is out of range: use 128 to 65531",
        messageOf(() -> good.withCopyRange(127)));
    assertEquals("batch 257 is out of range: use 1 to 256", messageOf(() -> good.withBatch(257)));
    assertEquals(
        "queue length 0 is out of range: use 1 to 1048576",
        messageOf(() -> good.withQueueLength(0)));
    assertEquals(
        "receive buffer 1 is out of range: use 65536 to 1073741824",
        messageOf(() -> good.withReceiveBuffer(1)));
  }

  @Test
  void shouldRefuseAQueueGivenTwice() {
    List<QueueOptions> twice = List.of(QueueOptions.of(2), QueueOptions.of(2));
    assertThrows(
        IllegalArgumentException.class,
        () -> new NfqueueDatapath(twice, worker -> new ByteDecider()));
  }
}

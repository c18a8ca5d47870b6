package io.synlev.netfilter;

import static io.synlev.netfilter.Messages.be;
import static io.synlev.netfilter.Messages.concat;
import static io.synlev.netfilter.Messages.error;
import static io.synlev.netfilter.Messages.message;
import static io.synlev.netfilter.Messages.packet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.datapath.Reason;
import io.synlev.ffi.Errno;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BatchLoopTest {

  private LoopOnSocketPair pair;

  @BeforeEach
  void open() throws Exception {
    pair = new LoopOnSocketPair(QueueOptions.of(0).withBatch(8));
  }

  @AfterEach
  void close() {
    pair.close();
  }

  private static byte[] ip(int last) {
    return new byte[] {0x45, 0, 0, 5, (byte) last};
  }

  @Test
  void shouldAnswerABatchInOneDatagramAndKeepForeignMarkBits() {
    pair.send(
        packet(1, 0, ip(252)), packet(0x80000002, 0xab1234, ip(251)), packet(3, 0x99, ip(250)));
    assertEquals(3, pair.loop.step());
    assertEquals(
        List.of(
            new Verdict(1, 1, 0), new Verdict(0x80000002, 1, 0xab00fb), new Verdict(3, 0, 0x99)),
        pair.verdicts());
    assertEquals(1, pair.count(QueueCounter.SEND_CALLS));
    assertEquals(1, pair.count(QueueCounter.RECEIVE_CALLS));
    assertEquals(3, pair.count(QueueCounter.DATAGRAMS));
    assertEquals(3, pair.count(QueueCounter.PACKETS));
    assertEquals(1, pair.count(QueueCounter.BATCHES));
    assertEquals(3, pair.count(QueueCounter.LARGEST_BATCH));
    assertEquals(1, pair.count(QueueCounter.ACCEPTED));
    assertEquals(1, pair.count(QueueCounter.MARKED));
    assertEquals(1, pair.count(QueueCounter.DROPPED));
  }

  @Test
  void shouldTakeSeveralMessagesOfOneDatagramAndFlushWhenTheBatchIsFull() {
    byte[] datagram = {};
    List<Verdict> expected = new ArrayList<>();
    for (int id = 0; id < 10; id++) {
      byte[] small = new Messages().packetHeader(id).attribute(10, ip(252)).build();
      datagram = concat(datagram, small);
      expected.add(new Verdict(id, 1, 0));
    }
    pair.send(datagram);
    pair.loop.step();
    assertEquals(expected, pair.verdicts());
    assertEquals(1, pair.decider.batchSizes[8]);
    assertEquals(1, pair.decider.batchSizes[2]);
    assertEquals(8, pair.count(QueueCounter.LARGEST_BATCH));
  }

  @Test
  void shouldDropWhatHasAnIdButCannotBeDecided() {
    byte[] noPayload = new Messages().packetHeader(11).build();
    byte[] badMark = new Messages().packetHeader(12).attribute(3, new byte[2]).build();
    byte[] badNested = new Messages().packetHeader(13).attribute(60, 0x8013, be(0)).build();
    byte[] sound = packet(14, 5, ip(252));
    pair.send(noPayload, badMark, badNested, sound);
    pair.loop.step();
    assertEquals(
        List.of(
            new Verdict(14, 1, 5),
            new Verdict(11, 0, 0),
            new Verdict(12, 0, 0),
            new Verdict(13, 0, 0)),
        pair.verdicts());
    assertEquals(1, pair.count(QueueCounter.MESSAGES_NO_PAYLOAD));
    assertEquals(2, pair.count(QueueCounter.MESSAGES_BAD_ATTRIBUTE));
    assertEquals(3, pair.count(QueueCounter.DROPPED));
  }

  @Test
  void shouldCountWhatCannotHaveAVerdict() {
    pair.send(
        new Messages().attribute(10, ip(252)).build(), // no packet header
        message(1, 0, new byte[0]), // NLMSG_NOOP
        message(3, 0, be(0)), // NLMSG_DONE
        message(4, 0, new byte[0]), // NLMSG_OVERRUN
        message(0x777, 0, new byte[0]),
        new byte[9],
        message(2, 0, new byte[0])); // NLMSG_ERROR without its error
    pair.loop.step();
    assertEquals(List.of(), pair.verdicts());
    assertEquals(1, pair.count(QueueCounter.MESSAGES_NO_PACKET_HEADER));
    assertEquals(1, pair.count(QueueCounter.OVERRUNS));
    assertEquals(1, pair.count(QueueCounter.MESSAGES_UNKNOWN));
    assertEquals(2, pair.count(QueueCounter.MESSAGES_BAD_LENGTH));
    assertEquals(0, pair.count(QueueCounter.SEND_CALLS));
  }

  @Test
  void shouldCountUnaskedErrorsByKindAndTellTheAwaitedAnswer() {
    pair.loop.awaitAnswer(1);
    pair.send(error(0, -2), error(0, -2), error(0, -19), error(0, -1), error(0, -12), error(0, 0));
    pair.loop.step();
    assertEquals(2, pair.count(QueueCounter.ERRORS_ENOENT));
    assertEquals(1, pair.count(QueueCounter.ERRORS_ENODEV));
    assertEquals(1, pair.count(QueueCounter.ERRORS_EPERM));
    assertEquals(1, pair.count(QueueCounter.ERRORS_OTHER));
    assertFalse(pair.loop.hasAnswer());
    pair.send(error(1, -1));
    pair.loop.step();
    assertTrue(pair.loop.hasAnswer());
    assertEquals(-1, pair.loop.answer());
    assertEquals(1, pair.count(QueueCounter.ERRORS_EPERM));
  }

  @Test
  void shouldDropAPacketWhoseDatagramWasLongerThanItsSlot() {
    pair.send(packet(21, 0, new byte[2000]), packet(22, 0, ip(252)));
    pair.loop.step();
    assertEquals(List.of(new Verdict(22, 1, 0), new Verdict(21, 0, 0)), pair.verdicts());
    assertEquals(1, pair.count(QueueCounter.DATAGRAMS_TRUNCATED));
  }

  @Test
  void shouldBlameTheCopyRangeOnlyWhenThePacketWasCut() {
    pair.decider.reason = Reason.TRUNCATED_L4_HEADER;
    byte[] cut =
        new Messages().packetHeader(1).attribute(13, be(1500)).attribute(10, ip(250)).build();
    pair.send(cut, packet(2, 0, ip(250)));
    pair.loop.step();
    assertEquals(1, pair.count(QueueCounter.PACKETS_CUT));
    assertEquals(1, pair.count(QueueCounter.CUT_BY_COPY_RANGE));
    pair.decider.reason = Reason.FORWARDED_TCP;
    pair.send(cut);
    pair.loop.step();
    assertEquals(2, pair.count(QueueCounter.PACKETS_CUT));
    assertEquals(1, pair.count(QueueCounter.CUT_BY_COPY_RANGE));
  }

  @Test
  void shouldCountVerdictsThatCannotBeSent() {
    pair.send(packet(1, 0, ip(252)), packet(2, 0, ip(252)));
    pair.closeOtherEnd();
    assertEquals(2, pair.loop.step());
    assertEquals(2, pair.count(QueueCounter.VERDICTS_LOST));
    assertTrue(pair.count(QueueCounter.SEND_ERRORS) > 1, "it was tried again");
  }

  @Test
  void shouldCarryOnWhenThereIsNothingToReceive() {
    assertEquals(0, pair.loop.step());
    assertEquals(1, pair.count(QueueCounter.RECEIVE_AGAIN));
  }

  @Test
  void shouldHandBackAnErrorOfTheSocket() {
    pair.closeLoopsEnd();
    assertTrue(Errno.EBADF.is(pair.loop.step()));
  }
}

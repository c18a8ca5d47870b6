package io.synlev.netfilter;

import io.synlev.ffi.NativeException;
import io.synlev.ffi.NativeFunction;
import io.synlev.ffi.NativeLibrary;

/**
 * libnetfilter_queue: writes configuration and verdict messages; libnetfilter_queue.h. Messages are
 * native addresses with room enough. Any thread may call.
 */
final class NfqLibrary {

  /** NFQNL_MSG_VERDICT. */
  static final int VERDICT = 1;

  /** NFQNL_MSG_CONFIG. */
  static final int CONFIG = 2;

  /** NFQNL_MSG_VERDICT_BATCH: one verdict for all packets up to an id. */
  static final int VERDICT_BATCH = 3;

  private final NativeFunction put;
  private final NativeFunction putCommand;
  private final NativeFunction putParameters;
  private final NativeFunction putMaxLength;
  private final NativeFunction putVerdict;
  private final NativeFunction putMark;

  private NfqLibrary(NativeLibrary library) throws NativeException {
    put = library.function("nfq_nlmsg_put");
    putCommand = library.function("nfq_nlmsg_cfg_put_cmd");
    putParameters = library.function("nfq_nlmsg_cfg_put_params");
    putMaxLength = library.function("nfq_nlmsg_cfg_put_qmaxlen");
    putVerdict = library.function("nfq_nlmsg_verdict_put");
    putMark = library.function("nfq_nlmsg_verdict_put_mark");
  }

  /** Loads and links, or says which package is missing. */
  static NfqLibrary load() throws NativeException {
    return new NfqLibrary(NativeLibrary.load("libnetfilter_queue.so.1", "libnetfilter-queue1"));
  }

  /** Starts a message to a queue in zeroed memory: netlink header and nfgenmsg. */
  void begin(long message, int type, int queue) {
    put.run(message, type, queue, 0);
  }

  /** Appends NFQA_CFG_CMD for the unspecified family. */
  void command(long message, int command) {
    putCommand.run(message, 0, command, 0);
  }

  /** Appends NFQA_CFG_PARAMS. */
  void parameters(long message, int copyMode, int copyRange) {
    putParameters.run(message, copyMode, copyRange, 0);
  }

  /** Appends NFQA_CFG_QUEUE_MAXLEN. */
  void maxLength(long message, int packets) {
    putMaxLength.run(message, packets, 0, 0);
  }

  /** Appends NFQA_VERDICT_HDR. */
  void verdict(long message, int packetId, int verdict) {
    putVerdict.run(message, packetId, verdict, 0);
  }

  /** Appends NFQA_MARK. */
  void mark(long message, int mark) {
    putMark.run(message, mark, 0, 0);
  }
}

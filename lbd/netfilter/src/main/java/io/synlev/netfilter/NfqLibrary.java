package io.synlev.netfilter;

import io.synlev.ffi.Native;
import io.synlev.ffi.NativeException;
import io.synlev.ffi.NativeLibrary;
import java.lang.invoke.MethodHandle;

/**
 * libnetfilter_queue: writes configuration and verdict messages; libnetfilter_queue.h. Messages are
 * native addresses with room enough. Any thread may call.
 */
final class NfqLibrary {

  private final MethodHandle put;
  private final MethodHandle putCommand;
  private final MethodHandle putParameters;
  private final MethodHandle putMaxLength;
  private final MethodHandle putVerdict;
  private final MethodHandle putMark;

  private NfqLibrary(NativeLibrary library) throws NativeException {
    put = library.function("nfq_nlmsg_put", "llii");
    putCommand = library.function("nfq_nlmsg_cfg_put_cmd", "vlsb");
    putParameters = library.function("nfq_nlmsg_cfg_put_params", "vlbi");
    putMaxLength = library.function("nfq_nlmsg_cfg_put_qmaxlen", "vli");
    putVerdict = library.function("nfq_nlmsg_verdict_put", "vlii");
    putMark = library.function("nfq_nlmsg_verdict_put_mark", "vli");
  }

  /** Loads and links, or says which package is missing. */
  static NfqLibrary load() throws NativeException {
    return new NfqLibrary(NativeLibrary.load("libnetfilter_queue.so.1", "libnetfilter-queue1"));
  }

  /** NFQNL_MSG_VERDICT. */
  static final int VERDICT = 1;

  /** NFQNL_MSG_CONFIG. */
  static final int CONFIG = 2;

  /** Starts a message to a queue in zeroed memory: netlink header and nfgenmsg. */
  void begin(long message, int type, int queue) {
    try {
      long ignored = (long) put.invokeExact(message, type, queue);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }

  /** Appends NFQA_CFG_CMD for the unspecified family. */
  void command(long message, byte command) {
    try {
      putCommand.invokeExact(message, (short) 0, command);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }

  /** Appends NFQA_CFG_PARAMS. */
  void parameters(long message, byte copyMode, int copyRange) {
    try {
      putParameters.invokeExact(message, copyMode, copyRange);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }

  /** Appends NFQA_CFG_QUEUE_MAXLEN. */
  void maxLength(long message, int packets) {
    try {
      putMaxLength.invokeExact(message, packets);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }

  /** Appends NFQA_VERDICT_HDR. */
  void verdict(long message, int packetId, int verdict) {
    try {
      putVerdict.invokeExact(message, packetId, verdict);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }

  /** Appends NFQA_MARK. */
  void mark(long message, int mark) {
    try {
      putMark.invokeExact(message, mark);
    } catch (Throwable t) {
      throw Native.unexpected(t);
    }
  }
}

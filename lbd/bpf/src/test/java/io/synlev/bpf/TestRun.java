package io.synlev.bpf;

import io.synlev.ffi.NativeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * BPF_PROG_TEST_RUN of a tc program on one frame; Documentation/bpf/bpf_prog_run.rst. The frame
 * arrives on the loopback interface of the calling thread's network namespace.
 *
 * @param action what the program returned, a TC_ACT_ number
 * @param mark the packet's mark afterwards
 * @param frame its bytes afterwards
 * @param nanos duration of one run, on average
 */
record TestRun(int action, int mark, byte[] frame, int nanos) {

  static final int TC_ACT_UNSPEC = -1;
  static final int TC_ACT_REDIRECT = 7;

  private static final int SKB_BYTES = 192;
  private static final int SKB_MARK_OFFSET = 8;
  private static final int SKB_GSO_SEGMENTS_OFFSET = 164;
  private static final int SKB_GSO_SIZE_OFFSET = 176;
  private static final int ROOM = 9000;

  /** What is known of the packet beside its bytes. */
  record Metadata(int mark, int gsoSize, int gsoSegments) {
    static final Metadata NONE = new Metadata(0, 0, 0);

    static Metadata mark(int mark) {
      return new Metadata(mark, 0, 0);
    }
  }

  static TestRun of(int program, byte[] frame) throws NativeException {
    return of(program, frame, Metadata.NONE, 1);
  }

  static TestRun of(int program, byte[] frame, Metadata metadata) throws NativeException {
    return of(program, frame, metadata, 1);
  }

  static TestRun of(int program, byte[] frame, Metadata metadata, int repeat)
      throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment in = arena.allocate(Math.max(frame.length, 1), 8);
      in.copyFrom(MemorySegment.ofArray(frame));
      MemorySegment out = arena.allocate(ROOM, 8);
      MemorySegment skb = arena.allocate(SKB_BYTES, 8);
      skb.set(ValueLayout.JAVA_INT, SKB_MARK_OFFSET, metadata.mark());
      skb.set(ValueLayout.JAVA_INT, SKB_GSO_SIZE_OFFSET, metadata.gsoSize());
      skb.set(ValueLayout.JAVA_INT, SKB_GSO_SEGMENTS_OFFSET, metadata.gsoSegments());
      MemorySegment skbOut = arena.allocate(SKB_BYTES, 8);
      MemorySegment attributes = arena.allocate(80, 8);
      attributes.set(ValueLayout.JAVA_INT, 0, program);
      attributes.set(ValueLayout.JAVA_INT, 8, frame.length);
      attributes.set(ValueLayout.JAVA_INT, 12, ROOM);
      attributes.set(ValueLayout.JAVA_LONG, 16, in.address());
      attributes.set(ValueLayout.JAVA_LONG, 24, out.address());
      attributes.set(ValueLayout.JAVA_INT, 32, repeat);
      attributes.set(ValueLayout.JAVA_INT, 40, SKB_BYTES);
      attributes.set(ValueLayout.JAVA_INT, 44, SKB_BYTES);
      attributes.set(ValueLayout.JAVA_LONG, 48, skb.address());
      attributes.set(ValueLayout.JAVA_LONG, 56, skbOut.address());
      int result = Bpf.call(Bpf.PROG_TEST_RUN, attributes);
      NativeException.check(result, "BPF_PROG_TEST_RUN of a frame of " + frame.length + " bytes");
      int length = attributes.get(ValueLayout.JAVA_INT, 12);
      return new TestRun(
          attributes.get(ValueLayout.JAVA_INT, 4),
          skbOut.get(ValueLayout.JAVA_INT, SKB_MARK_OFFSET),
          out.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE),
          attributes.get(ValueLayout.JAVA_INT, 36));
    }
  }
}

package io.synlev.datapath;

import java.io.IOException;

/**
 * The live flows that something faster than us carries, seen as a whole: what is left of a backend
 * that drains, and what ends with one that is flushed. {@link FlowTable} is a worker's look at one
 * flow of the same.
 *
 * <p>Not for workers: a call walks over all flows, which takes about a second for a million, and
 * what changes meanwhile may be seen or not. Any thread may call.
 */
public interface CarriedFlows {

  /** Nobody carries flows: each packet goes by the table, so nothing is ever left to end. */
  CarriedFlows NONE =
      new CarriedFlows() {
        @Override
        public String carrier() {
          return "none";
        }

        @Override
        public long[] count(int... marks) {
          return new long[marks.length];
        }

        @Override
        public long end(int... marks) {
          return 0;
        }
      };

  /** Who carries them, in a word for people: conntrack, tc, dpdk, or none. */
  String carrier();

  /**
   * Counts live flows: those whose next packet goes to the backend whatever the table says.
   *
   * @param marks fwmarks of backends, within the instance's mask
   * @return how many each has, in the same order
   * @throws IOException if they cannot be counted; the message says why and what to do
   */
  long[] count(int... marks) throws IOException;

  /**
   * Ends flows: the next packet of each is decided by the table. The caller has seen to it that the
   * table gives the backends none.
   *
   * @param marks fwmarks of backends, within the instance's mask
   * @return how many were ended
   * @throws IOException if that did not work; some may have been ended by then
   */
  long end(int... marks) throws IOException;
}

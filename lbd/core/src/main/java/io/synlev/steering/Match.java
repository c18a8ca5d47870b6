package io.synlev.steering;

import io.synlev.datapath.Reason;

/**
 * Which service a packet is for; what {@link View#match} found. An object that is reused; belongs
 * to one thread.
 */
final class Match {

  /** The index of the service in the view, or {@link View#NO_SERVICE}. */
  int service;

  /** Why there is none; UNDECIDED if there is one. */
  Reason reason;

  /** The ports to hash: those of SCTP inside UDP, otherwise the packet's own. */
  int ports;

  /** The protocol to hash: SCTP inside UDP, otherwise the packet's own. */
  int protocol;

  /** Whether the service has the packet for the SCTP packet inside of its UDP. */
  boolean sctpOverUdp;

  /**
   * Whether bytes behind the ports were looked at: the flow's next packet may be for another
   * service.
   */
  boolean byBytes;

  /** Whether a service would have had a look at SCTP inside UDP, but the packet ends before it. */
  boolean cut;
}

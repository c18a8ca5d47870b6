package io.synlev.magctl;

import io.synlev.datapath.Action;
import io.synlev.datapath.Decision;
import io.synlev.state.Backend;
import io.synlev.state.Service;
import java.util.List;

/**
 * What was decided about a packet, and every step to it. Nothing in here refers to the packet's
 * memory.
 *
 * @param number its place in a capture, from 1; 0 if it is of none
 * @param length its bytes
 * @param packet what it is, on one line
 * @param kind what it carries, and whether it is a fragment
 * @param about the flow that it is about if it is an ICMP error; otherwise null
 * @param destination who is addressed; null if that cannot be read
 * @param ipv4 its family
 * @param decision what was decided
 * @param service whose packet it is; null for nobody's
 * @param near why services that have the destination do not take it
 * @param table what the table said; null if none was asked
 * @param backend where it goes; null if nowhere
 * @param released numbers of held packets that came in again because of it
 * @param notes what cannot be known here, a sentence each
 */
record Explanation(
    long number,
    int length,
    String packet,
    String kind,
    String about,
    String destination,
    boolean ipv4,
    Decision decision,
    Service service,
    List<String> near,
    TableAnswer table,
    Backend backend,
    List<Long> released,
    List<String> notes) {

  /** Whether a backend gets it. */
  boolean isForwarded() {
    return decision.action == Action.MARK && decision.backend != Decision.NO_BACKEND;
  }
}

package io.synlev.nat;

import io.synlev.memory.Memory;
import io.synlev.packet.FlowKey;

/**
 * What a session makes of the packets of one direction. An object that is reused; belongs to one
 * thread. Addresses as {@link FlowKey} has them.
 */
final class Translation {

  int family;

  /** The new source. */
  long fromHigh;

  long fromLow;
  int fromPort;

  /** The new destination. */
  long toHigh;

  long toLow;
  int toPort;

  /** The backend's number. */
  long backend;

  /** The Ethernet address of the client's side. */
  long clientMac;

  /** What a session makes of its client's packets. */
  void toBackend(long session, Sources sources) {
    int source = Session.source(session);
    family = Session.family(session);
    fromHigh = sources.high(source);
    fromLow = sources.low(source);
    fromPort = Session.sourcePort(session);
    toHigh = Memory.getLong(session, Session.BACKEND);
    toLow = Memory.getLong(session, Session.BACKEND + 8);
    toPort = Memory.getUnsignedShort(session, Session.BACKEND_PORT);
    ends(session);
  }

  /** What it makes of its backend's packets. */
  void toClient(long session) {
    int ports = Memory.getInt(session, Session.TRANSPORT + 4);
    family = Session.family(session);
    long first = Memory.getLong(session, Session.ADDRESSES);
    if (family == FlowKey.IPV4) {
      fromHigh = 0;
      fromLow = first & 0xffff_ffffL;
      toHigh = 0;
      toLow = first >>> 32;
    } else {
      fromHigh = Memory.getLong(session, Session.ADDRESSES + 16);
      fromLow = Memory.getLong(session, Session.ADDRESSES + 24);
      toHigh = first;
      toLow = Memory.getLong(session, Session.ADDRESSES + 8);
    }
    fromPort = ports & 0xffff;
    toPort = ports >>> 16;
    ends(session);
  }

  private void ends(long session) {
    backend = Memory.getLong(session, Session.NUMBER);
    clientMac = Memory.getLong(session, Session.MAC);
  }
}

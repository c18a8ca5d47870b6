package io.synlev.netfilter;

import io.synlev.datapath.CarriedFlows;
import io.synlev.datapath.FlowRecord;
import io.synlev.ffi.NativeException;
import io.synlev.memory.Memory;
import io.synlev.netlink.Netlink;
import io.synlev.netlink.NetlinkAttributes;
import io.synlev.netlink.NetlinkMessages;
import io.synlev.netlink.NetlinkSocket;
import io.synlev.netlink.NetlinkWriter;
import java.lang.foreign.Arena;
import java.util.function.Consumer;

/**
 * All entries of conntrack that bear a backend's mark, to count and to delete them: both address
 * families, all zones, of the network namespace in which it was opened.
 *
 * <p>The kernel itself looks for the mark (CTA_MARK with CTA_MARK_MASK; of a dump since Linux 3.3,
 * of a deletion since 4.1, net/netfilter/nf_conntrack_netlink.c), so only entries of the backend
 * travel. Needs CAP_NET_ADMIN. Calls are serialized inside.
 */
public final class ConntrackEntries implements CarriedFlows, AutoCloseable {

  private static final int REQUEST_ROOM = 64;

  /** NFPROTO_UNSPEC: of both families. */
  private static final int ANY_FAMILY = 0;

  private static final int MOST_ROUNDS = 16;

  private final Arena arena = Arena.ofShared();
  private final NetlinkWriter request = new NetlinkWriter(arena, REQUEST_ROOM);
  private final NetlinkMessages reply = new NetlinkMessages();
  private final NetlinkAttributes attributes = new NetlinkAttributes();
  private final NetlinkAttributes protocol = new NetlinkAttributes();
  private final NetlinkAttributes part = new NetlinkAttributes();
  private final ConntrackTuple tuple = new ConntrackTuple();
  private final NetlinkSocket socket;
  private final int markMask;
  private int sequence;
  private long all;
  private long live;

  /** What is shown of each live entry, and to whom; null while they are only counted. */
  private FlowRecord shown;

  private Consumer<FlowRecord> shower;

  private ConntrackEntries(NetlinkSocket socket, int markMask) {
    this.socket = socket;
    this.markMask = markMask;
  }

  /**
   * Opens one for the calling thread's network namespace, and tries it.
   *
   * @param markMask the bits of a connection's mark that are ours
   * @throws NativeException when the kernel has no conntrack that can be asked, or a right is
   *     missing
   */
  public static ConntrackEntries open(int markMask) throws NativeException {
    NetlinkSocket socket = NetlinkSocket.open(Netlink.NETLINK_NETFILTER, 0);
    ConntrackEntries entries = new ConntrackEntries(socket, markMask);
    try {
      entries.look(markMask);
      return entries;
    } catch (NativeException e) {
      entries.close();
      throw e;
    }
  }

  @Override
  public String carrier() {
    return "conntrack";
  }

  /**
   * {@inheritDoc}
   *
   * <p>An entry counts if conntrack decides about the flow's next packet: it has seen an answer, or
   * it translates the destination; and if TCP or SCTP are not through with each other (an entry
   * outlives its connection by the time of TIME_WAIT).
   */
  @Override
  public synchronized long[] count(int... marks) throws NativeException {
    long[] counts = new long[marks.length];
    for (int i = 0; i < marks.length; i++) {
      look(marks[i]);
      counts[i] = live;
    }
    return counts;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Packets of the flows that were decided before, and are on their way through the kernel, make
   * entries anew; so it looks until there are none.
   */
  @Override
  public synchronized long end(int... marks) throws NativeException {
    long ended = 0;
    for (int mark : marks) {
      look(mark);
      ended += all;
      for (int round = 0; all > 0 && round < MOST_ROUNDS; round++) {
        begin(Ctnetlink.MSG_DELETE, Netlink.NLM_F_ACK, mark);
        check(socket.ask(request, sequence, reply), "deleting conntrack entries", mark);
        look(mark);
      }
    }
    return ended;
  }

  /**
   * Shows the live flows with each of these marks, client first, as {@link #count} counts them. How
   * long they have been idle is not known; they are said not to have been.
   *
   * @param visitor given the same object again and again
   */
  public synchronized void forEach(int[] marks, Consumer<FlowRecord> visitor)
      throws NativeException {
    FlowRecord record = new FlowRecord();
    record.packets = FlowRecord.UNKNOWN;
    record.bytes = FlowRecord.UNKNOWN;
    record.isLive = true;
    shown = record;
    shower = visitor;
    try {
      for (int mark : marks) {
        record.mark = mark;
        look(mark);
      }
    } finally {
      shown = null;
    }
  }

  /** Counts the entries with a mark: those that are there, and those that are live. */
  private void look(int mark) throws NativeException {
    all = 0;
    live = 0;
    begin(Ctnetlink.MSG_GET, Netlink.NLM_F_DUMP, mark);
    check(socket.dump(request, sequence, reply, this::add), "listing conntrack entries", mark);
  }

  private void begin(int type, int flags, int mark) {
    request.begin(type, Netlink.NLM_F_REQUEST | flags, ++sequence);
    request.bytes(ANY_FAMILY, 0, 0, 0);
    request.attributeIntBe(Ctnetlink.CTA_MARK, mark);
    request.attributeIntBe(Ctnetlink.CTA_MARK_MASK, markMask);
    request.finish();
  }

  private static void check(int answer, String what, int mark) throws NativeException {
    if (answer < 0) {
      throw ConntrackFlows.refused(what + " with mark 0x" + Integer.toHexString(mark), answer);
    }
  }

  private void add() {
    if (reply.type() != Ctnetlink.MSG_ENTRY) {
      return;
    }
    int status = 0;
    boolean isOver = false;
    attributes.begin(reply, Ctnetlink.NFGENMSG_BYTES);
    while (attributes.advance()) {
      if (attributes.type() == Ctnetlink.CTA_STATUS && attributes.has(4)) {
        status = Memory.getIntBe(attributes.address());
      } else if (attributes.type() == Ctnetlink.CTA_PROTOINFO) {
        isOver = isOver();
      } else if (attributes.type() == Ctnetlink.CTA_TUPLE_ORIG && shown != null) {
        tuple.read(attributes, shown.flow);
      }
    }
    all++;
    if (!isOver && (status & (Ctnetlink.IPS_SEEN_REPLY | Ctnetlink.IPS_DST_NAT)) != 0) {
      live++;
      if (shown != null) {
        shower.accept(shown);
      }
    }
  }

  private boolean isOver() {
    protocol.beginInside(attributes);
    while (protocol.advance()) {
      part.beginInside(protocol);
      while (part.advance()) {
        if (part.type() == Ctnetlink.CTA_PROTOINFO_STATE && part.has(1)) {
          int state = Memory.getByte(part.address());
          return switch (protocol.type()) {
            case Ctnetlink.CTA_PROTOINFO_TCP ->
                state == Ctnetlink.TCP_CONNTRACK_TIME_WAIT
                    || state == Ctnetlink.TCP_CONNTRACK_CLOSE;
            case Ctnetlink.CTA_PROTOINFO_SCTP -> state == Ctnetlink.SCTP_CONNTRACK_CLOSED;
            default -> false;
          };
        }
      }
    }
    return false;
  }

  /** Closes the socket; once only. */
  @Override
  public synchronized void close() {
    socket.close();
    arena.close();
  }
}

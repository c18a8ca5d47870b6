package io.synlev.netfilter;

import io.synlev.datapath.FlowTable;
import io.synlev.ffi.Errno;
import io.synlev.ffi.NativeException;
import io.synlev.memory.Memory;
import io.synlev.netlink.Netlink;
import io.synlev.netlink.NetlinkAttributes;
import io.synlev.netlink.NetlinkMessages;
import io.synlev.netlink.NetlinkSocket;
import io.synlev.netlink.NetlinkWriter;
import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import java.lang.foreign.Arena;
import java.util.function.IntPredicate;

/**
 * The flows that conntrack carries: it has seen answers of them, and rules have saved the backend's
 * mark in the connection's mark.
 *
 * <p>The kernel itself gives whole packets of such a flow its mark. What reaches us of it all the
 * same, fragments taken ahead of conntrack and ICMP errors that it cannot relate, is looked up here
 * by asking the kernel for the flow's entry (ctnetlink, IPCTNL_MSG_CT_GET): two system calls, a few
 * microseconds, and never any waiting. Flows of which conntrack has seen no answer are left to the
 * table, as their whole packets are. Only entries without a conntrack zone are found.
 *
 * <p>Belongs to one worker. Needs CAP_NET_ADMIN. Neither allocates nor throws per packet.
 */
public final class ConntrackFlows implements FlowTable, AutoCloseable {

  /** No request is longer: an IPv6 tuple takes 92 bytes. */
  private static final int REQUEST_ROOM = 128;

  private final Arena arena = Arena.ofShared();
  private final NetlinkWriter request = new NetlinkWriter(arena, REQUEST_ROOM);
  private final NetlinkMessages reply = new NetlinkMessages();
  private final NetlinkAttributes attributes = new NetlinkAttributes();
  private final NetlinkAttributes tuple = new NetlinkAttributes();
  private final NetlinkAttributes part = new NetlinkAttributes();
  private final NetlinkSocket socket;
  private final int markMask;
  private final IntPredicate isLive;
  private final EntryCount entries;
  private int sequence;

  private ConntrackFlows(NetlinkSocket socket, int markMask, IntPredicate isLive) {
    this.socket = socket;
    this.markMask = markMask;
    this.isLive = isLive;
    this.entries = EntryCount.open(arena);
  }

  /**
   * Opens one for the calling thread's network namespace, and tries it.
   *
   * @param markMask the bits of a connection's mark that are ours
   * @param isLive whether a mark is a backend's: one that is gone is nobody to follow to
   * @throws NativeException when the kernel has no conntrack that can be asked, or a right is
   *     missing
   */
  public static ConntrackFlows open(int markMask, IntPredicate isLive) throws NativeException {
    NetlinkSocket socket = NetlinkSocket.open(Netlink.NETLINK_NETFILTER, 0);
    ConntrackFlows flows = new ConntrackFlows(socket, markMask, isLive);
    FlowKey nobody = new FlowKey();
    nobody.ipv4(0, 0, IpProtocol.UDP, 0);
    int answer = flows.ask(nobody);
    if (answer < 0 && !Errno.ENOENT.is(answer)) {
      flows.close();
      throw refused("asking conntrack for a flow", answer);
    }
    return flows;
  }

  /** What a refusal means; nfnetlink knows no subsystem whose module is not loaded. */
  static NativeException refused(String what, int answer) {
    if (Errno.EPERM.is(answer)) {
      return new NativeException(what, -answer);
    }
    return new NativeException(
        what, -answer, "modprobe nf_conntrack_netlink, if the kernel was built with it");
  }

  @Override
  public int find(FlowKey flow) {
    if (entries.isZero(System.nanoTime())) {
      return NONE;
    }
    int mark = ask(flow) == Ctnetlink.MSG_ENTRY ? markOf(flow) : NONE;
    return mark != NONE && isLive.test(mark) ? mark : NONE;
  }

  private int ask(FlowKey flow) {
    request.begin(Ctnetlink.MSG_GET, Netlink.NLM_F_REQUEST, ++sequence);
    boolean isIpv4 = flow.family == FlowKey.IPV4;
    request.bytes(isIpv4 ? Ctnetlink.AF_INET : Ctnetlink.AF_INET6, 0, 0, 0);
    int all = request.beginNest(Ctnetlink.CTA_TUPLE_ORIG);
    int addresses = request.beginNest(Ctnetlink.CTA_TUPLE_IP);
    if (isIpv4) {
      request.attributeIntBe(Ctnetlink.CTA_IP_V4_SRC, (int) flow.sourceLow);
      request.attributeIntBe(Ctnetlink.CTA_IP_V4_DST, (int) flow.destinationLow);
    } else {
      request.attributeLongsBe(Ctnetlink.CTA_IP_V6_SRC, flow.sourceHigh, flow.sourceLow);
      request.attributeLongsBe(Ctnetlink.CTA_IP_V6_DST, flow.destinationHigh, flow.destinationLow);
    }
    request.endNest(addresses);
    int protocol = request.beginNest(Ctnetlink.CTA_TUPLE_PROTO);
    request.attributeByte(Ctnetlink.CTA_PROTO_NUM, flow.protocol);
    request.attributeShortBe(Ctnetlink.CTA_PROTO_SRC_PORT, flow.ports >>> 16);
    request.attributeShortBe(Ctnetlink.CTA_PROTO_DST_PORT, flow.ports);
    request.endNest(protocol);
    request.endNest(all);
    request.finish();
    return socket.ask(request, sequence, reply);
  }

  /** Our bits of the mark, if the entry is of an established flow that the client began. */
  private int markOf(FlowKey flow) {
    boolean isOriginal = false;
    int status = 0;
    int mark = 0;
    attributes.begin(reply, Ctnetlink.NFGENMSG_BYTES);
    while (attributes.advance()) {
      switch (attributes.type()) {
        case Ctnetlink.CTA_TUPLE_ORIG -> isOriginal = isFrom(flow);
        case Ctnetlink.CTA_STATUS -> status = attributes.has(4) ? number() : 0;
        case Ctnetlink.CTA_MARK -> mark = attributes.has(4) ? number() : 0;
        default -> {
          // timeouts, protocol states and so on
        }
      }
    }
    return isOriginal && (status & Ctnetlink.IPS_SEEN_REPLY) != 0 ? mark & markMask : NONE;
  }

  private int number() {
    return Memory.getIntBe(attributes.address());
  }

  /**
   * Whether the entry's original direction is the flow's: the kernel also finds connections that a
   * backend began, of which the flow is the answer. Source and source port tell.
   */
  private boolean isFrom(FlowKey flow) {
    boolean isAddress = false;
    boolean isPort = false;
    tuple.beginInside(attributes);
    while (tuple.advance()) {
      part.beginInside(tuple);
      while (part.advance()) {
        if (tuple.type() == Ctnetlink.CTA_TUPLE_IP) {
          isAddress |= isSource(flow);
        } else if (part.type() == Ctnetlink.CTA_PROTO_SRC_PORT && part.has(2)) {
          isPort = Memory.getShortBe(part.address()) == (short) (flow.ports >>> 16);
        }
      }
    }
    return isAddress && isPort;
  }

  private boolean isSource(FlowKey flow) {
    if (part.type() == Ctnetlink.CTA_IP_V4_SRC) {
      return part.has(4) && Memory.getIntBe(part.address()) == (int) flow.sourceLow;
    }
    return part.type() == Ctnetlink.CTA_IP_V6_SRC
        && part.has(16)
        && Memory.getLongBe(part.address()) == flow.sourceHigh
        && Memory.getLongBe(part.address() + 8) == flow.sourceLow;
  }

  /** Only what conntrack does not carry by itself reaches us. */
  @Override
  public boolean isAskedAlways() {
    return false;
  }

  /** Does nothing: rules save the marks of flows. */
  @Override
  public void add(FlowKey flow, int mark, int tcpFlags) {
    // The kernel adds its entries by itself.
  }

  /** Does nothing. */
  @Override
  public void commit(long nowNanos) {
    // Nothing was collected.
  }

  /** Closes the socket; once only, and not while another thread asks. */
  @Override
  public void close() {
    socket.close();
    entries.close();
    arena.close();
  }
}

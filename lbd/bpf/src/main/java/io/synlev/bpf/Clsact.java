package io.synlev.bpf;

import io.synlev.ffi.NativeException;
import io.synlev.netlink.Netlink;
import io.synlev.netlink.NetlinkMessages;
import io.synlev.netlink.NetlinkSocket;
import io.synlev.netlink.NetlinkWriter;
import java.lang.foreign.Arena;

/** Tells whether an interface's clsact qdisc has filters, whoever made them; tc-bpf(8). */
final class Clsact {

  // include/uapi/linux/rtnetlink.h
  private static final int RTM_NEWTFILTER = 44;
  private static final int RTM_GETTFILTER = 46;

  /** NLM_F_REQUEST and NLM_F_DUMP of include/uapi/linux/netlink.h. */
  private static final int DUMP_REQUEST = 1 | 0x300;

  // TC_H_CLSACT with TC_H_MIN_INGRESS and TC_H_MIN_EGRESS, include/uapi/linux/pkt_sched.h
  private static final int INGRESS = 0xffff_fff2;
  private static final int EGRESS = 0xffff_fff3;

  private Clsact() {}

  /** Whether no filter is left, at ingress and egress, so that nobody needs the qdisc. */
  static boolean isEmpty(int interfaceIndex) throws NativeException {
    return !hasFilter(interfaceIndex, INGRESS) && !hasFilter(interfaceIndex, EGRESS);
  }

  private static boolean hasFilter(int interfaceIndex, int parent) throws NativeException {
    try (NetlinkSocket socket = NetlinkSocket.open(Netlink.NETLINK_ROUTE, 0);
        Arena arena = Arena.ofConfined()) {
      NetlinkWriter request = new NetlinkWriter(arena, 64);
      request.begin(RTM_GETTFILTER, DUMP_REQUEST, 1);
      request.number(0); // struct tcmsg: family and padding
      request.number(interfaceIndex);
      request.number(0); // handle
      request.number(parent);
      request.number(0); // info
      request.finish();
      int answer = socket.ask(request, 1, new NetlinkMessages());
      NativeException.check(answer, "RTM_GETTFILTER of interface " + interfaceIndex);
      return answer == RTM_NEWTFILTER;
    }
  }
}

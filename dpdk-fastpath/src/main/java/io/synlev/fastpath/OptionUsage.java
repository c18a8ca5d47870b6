package io.synlev.fastpath;

/** The options, for people: a name, and what it is for. {@link OptionTexts} knows no others. */
final class OptionUsage {

  static final String TEXT =
      """
      port=DEVICE          where packets come from: a PCI address, or a virtual device such as
                           net_tap0,iface=tap0 (required)
      out-port=DEVICE      where packets to backends go (default: the same port)
      cores=N[,N...]       a worker on each of these processors (default: one, pinned nowhere)
      main-core=N          the processor of DPDK's own thread (default: the lowest)
      driver=NAME[,NAME]   drivers to load, such as net_ixgbe (default: all that are installed)
      hugepages=MB         huge pages, taken or reserved (default: 256, and the tables of
                           connections and of translated ones)
      flows=N              flows that each worker remembers (default 1048576), up to 8388608; 0: none
      insertions=N         new flows a second that each worker takes in (default 2000000; 0: any)
      timeouts=KIND=S,...  how long idle flows live, in seconds (default
                           syn=120,tcp=7500,closing=240,udp=300,sctp=300)
      nat-sources=ADDRESS[-ADDRESS][,...]  where translated packets come from (forwarding nat):
                           addresses that nobody else has, at most 64 of each family
      nat-ports=FIRST-LAST their source ports (default 1024-65535), shared out among the workers
      nat-sessions=N       connections that each worker translates (default 262144)
      nat-time-wait=SECONDS    how long a closed connection keeps its port (default 120)
      eal-args=ARG ARG     further arguments of rte_eal_init, separated by spaces
      mtu=BYTES            largest IP packet to backends (default 1500)
      buffers=N            packet buffers of each port (default 8191)
      descriptors=N        of each queue, both ways (default 1024)
      burst=N              most packets of one step (default 64)
      idle=MICROSECONDS    sleep when nothing comes (default 0: never)
      router-mac=MAC       where tunnelled packets go whose backend has no MAC
      router-ipv4=ADDRESS  the router whose MAC is asked for, without router-mac
      router-ipv6=ADDRESS  the same for IPv6
      own-ipv4=ADDRESS[/LENGTH]    answered by ARP and ping; source of requests and ICMP errors,
                           which are not sent without; LENGTH: who shares it is on the link
      own-ipv6=ADDRESS[/LENGTH]    the same for IPv6
      answer-vips=on|off   answer ARP, neighbour discovery and ping for VIPs, too (default on)
      neighbours=N         backends and routers whose MACs are learned at once (default 1024)
      exception=drop|tap:NAME|DEVICE   where to with what is not ours (default drop)
      answers=N            ICMP errors a second, for each worker (default 1000)
      xdp=vips|all         what net_af_xdp takes away from the kernel (default vips)
      isolation=auto|off|required   rules of the NIC that bring packets to services here and leave the
                           rest to the kernel, where its driver takes them (default auto)
      promiscuous=on|off   receive frames to other stations, too (default off)
      checksums=software|offload   who computes outer IPv4 checksums (default software)
      hold=PACKETS         fragments that may wait for their first one (default 2048)
      """;

  private OptionUsage() {}
}

package io.synlev.tests.support;

import java.util.List;

/** What is broken, one after the other. */
final class Breakages {
  private Breakages() {}

  private static Breakage of(String name) {
    return new Breakage(name);
  }

  static List<Breakage> ofTheHost() {
    return List.of(
        of("rp_filter is on towards the servers")
            .onBalancer(
                "for i in s1 s2; do echo 2 >/proc/sys/net/ipv4/conf/$i/rp_filter; done",
                "for i in s1 s2; do echo 0 >/proc/sys/net/ipv4/conf/$i/rp_filter; done")
            .doctorSays("rp_filter is 2 on s1")
            .whyNotSays("return", "rp_filter is 2 on s1"),
        of("IPv4 forwarding is off")
            .onBalancer(
                "echo 0 >/proc/sys/net/ipv4/ip_forward", "echo 1 >/proc/sys/net/ipv4/ip_forward")
            .doctorSays("IPv4 forwarding is off")
            .whyNotSays("route", "IPv4 forwarding is off"),
        of("IPv6 forwarding is off")
            .onBalancer(
                "echo 0 >/proc/sys/net/ipv6/conf/all/forwarding",
                "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding")
            .doctorSays("IPv6 forwarding is off")
            .asking("[1000::]:5001")
            .whyNotSays("route", "IPv6 forwarding is off"),
        of("the firewall drops forwarded packets")
            .onBalancer(
                "iptables -I FORWARD -d 10.0.0.0 -j DROP",
                "iptables -D FORWARD -d 10.0.0.0 -j DROP")
            .whyNotSays("route", "the kernel did not forward the packet"),
        of("the VIP is an address of the balancer")
            .onBalancer("ip address add 10.0.0.0/32 dev lo", "ip address del 10.0.0.0/32 dev lo")
            .doctorSays("10.0.0.0 of VIP 10.0.0.0/32 is an address of this host, on lo")
            .whyNotSays("route", "10.0.0.0 of VIP 10.0.0.0/32 is an address of this host, on lo"),
        of("interfaces towards the servers are down")
            .onBalancer(
                "for i in s1 s2; do echo 1 >/proc/sys/net/ipv6/conf/$i/keep_addr_on_down;"
                    + " ip link set $i down; done",
                "for i in s1 s2; do ip link set $i up; done;"
                    + " until ip -6 route get fd00:2::1 && ip -6 route get fd00:2::2; do :; done")
            .doctorSays("backend s1 of pool default .*: routing table 10001 is empty")
            .whyNotSays("route", "routing table 1000[12] is empty")
            .mendsToo(DoctorBed::sync));
  }

  static List<Breakage> ofTheBalancer() {
    return List.of(
        of("rules were flushed")
            .breaks(bed -> bed.onBalancer("iptables -t mangle -F SYNLEV-test-VIP"))
            .mends(DoctorBed::sync)
            .doctorSays("IPv4, mangle: not as installed")
            .whyNotSays("queue", "IPv4, mangle: not as installed"),
        of("policy rules are missing")
            .breaks(
                bed ->
                    bed.onBalancer(
                        "for m in 1 2; do ip rule del pref 10000 fwmark $m/0xffff; done"))
            .mends(DoctorBed::sync)
            .doctorSays("no policy rule leads its fwmark 1 to table 10001")
            .whyNotSays("route", "no policy rule leads its fwmark [12] to table"),
        of("routing tables are empty")
            .breaks(bed -> bed.onBalancer("for t in 10001 10002; do ip route flush table $t; done"))
            .mends(DoctorBed::sync)
            .doctorSays("routing table 10001 is empty")
            .whyNotSays("route", "routing table 1000[12] is empty"),
        of("a routing table is used by others")
            .onBalancer(
                "ip route add 203.0.113.0/24 dev s1 table 10001",
                "ip route del 203.0.113.0/24 dev s1 table 10001")
            .doctorSays("routing table 10001 of .*holds a route of others, to 203.0.113.0/24"),
        of("somebody else sets bits of our mark")
            .onBalancer(
                "iptables -t mangle -A FORWARD -j MARK --set-xmark 0x4/0x4",
                "iptables -t mangle -D FORWARD -j MARK --set-xmark 0x4/0x4")
            .doctorSays("a rule of others changes bits of our mark mask 0xffff"),
        of("rules and lbd name different queues")
            .breaks(bed -> bed.install("--queue", "7"))
            .mends(bed -> bed.install("--queue", "2"))
            .doctorSays("nobody reads queue 7")
            .whyNotSays("queue", "nobody reads queue 7"),
        of("rules are for an interface that is not there")
            .breaks(bed -> bed.install("--queue", "2", "--interface", "eth9"))
            .mends(bed -> bed.install("--queue", "2"))
            .doctorSays("there is no interface eth9")
            .asking("10.0.0.0:5001", "--interface", "client")
            .whyNotSays("queue", "there is no interface eth9"),
        of("lbd was killed")
            .breaks(DoctorBed::killDaemon)
            .mends(DoctorBed::startDaemon)
            .doctorSays("lbd is dead: process [0-9]+ has gone")
            .whyNotSays("queue", "lbd is dead: process [0-9]+ has gone"),
        of("lbd is stopped")
            .breaks(bed -> bed.signal("STOP"))
            .mends(bed -> bed.signal("CONT"))
            .doctorSays("lbd \\(pid [0-9]+\\) does not answer")
            .whyNotSays("queue", "lbd \\(pid [0-9]+\\) does not answer"),
        of("no backend is active")
            .breaks(bed -> bed.magctl("deactivate", "s1", "s2").orFail())
            .mends(bed -> bed.magctl("activate", "s1", "s2").orFail())
            .doctorSays("no backend of pool default takes new flows")
            .whyNotSays("decision", "no backend of pool default takes new flows"),
        of("the state directory is open to others")
            .breaks(bed -> bed.onBalancer("chmod 777 " + bed.directory()))
            .mends(bed -> bed.onBalancer("chmod 750 " + bed.directory()))
            .doctorSays("has mode 0777, which lets others in")
            .whyNotSays("state", "has mode 0777, which lets others in"),
        of("the state is of another version")
            .breaks(bed -> bed.addToLayoutVersion(97))
            .mends(bed -> bed.addToLayoutVersion(-97))
            .doctorSays("the state of instance test cannot be used")
            .whyNotSays("state", "the state of instance test cannot be used"),
        of("nobody's VIP is asked for")
            .asking("10.0.0.9:5001")
            .whyNotSays("service", "the packet is no service's"));
  }

  static List<Breakage> ofServers() {
    return List.of(
        of("servers do not say who they are")
            .breaks(
                bed -> {
                  bed.onServers("ip link set lb arp off");
                  bed.onBalancer("for i in s1 s2; do ip neigh flush dev $i; done");
                })
            .mends(
                bed -> {
                  bed.onServers("ip link set lb arp on");
                  bed.onBalancer("for i in s1 s2; do ip neigh flush dev $i; done");
                })
            .whyNotSays("route", "does not answer on s[12]"),
        of("the kernel knows that servers are silent")
            .onBalancer("ip neigh replace 192.168.2.1 dev s1 nud failed", "ip neigh flush dev s1")
            .doctorSays("backend s1 of pool default \\(192.168.2.1\\) does not answer on s1"),
        of("nobody listens at the port")
            .asking("10.0.0.0:81")
            .whyNotSays("answer", "takes no connections at port 81"),
        of("a server does not take the VIP")
            .onServers("ip address del 10.0.0.0/32 dev lo", "ip address add 10.0.0.0/32 dev lo")
            .doctorNamesServer("s1", "does not take packets for 10.0.0.0")
            .whyNotSays("answer", "does not take 10.0.0.0 for its own"),
        of("servers have no route back")
            .onServers("ip route del default", "ip route add default via 192.168.2.254")
            .whyNotSays("answer", "to clients do not come back to this host"),
        of("servers' firewalls drop packets")
            .onServers(
                "iptables -I INPUT -p tcp --dport 5001 -j DROP",
                "iptables -D INPUT -p tcp --dport 5001 -j DROP")
            .whyNotSays("answer", "backend s[12] of pool default does not answer"));
  }
}

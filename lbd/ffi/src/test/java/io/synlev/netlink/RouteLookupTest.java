package io.synlev.netlink;

import static io.synlev.netlink.OwnNetwork.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class RouteLookupTest {

  private static final String VIP4 = "10.0.0.1";
  private static final String VIP6 = "2001:db8:ffff::1";

  private static Route find(String destination, int mark) throws Exception {
    try (RouteLookup routes = RouteLookup.open()) {
      return routes.find(InetAddress.getByName(destination), mark);
    }
  }

  private static void assertForwarded(String nextHop, Route route) throws Exception {
    InetAddress address = InetAddress.getByName(nextHop);
    assertEquals(new Route(Route.Kind.FORWARDED, OwnNetwork.index("out"), address), route);
  }

  private static void assertNowhere(Route.Kind kind, Route route) {
    assertEquals(new Route(kind, 0, null), route);
  }

  @Test
  void shouldFollowTheRuleOfTheMark() throws Exception {
    OwnNetwork.run(
        () -> {
          ip("rule add fwmark 5/0xffff lookup 10005");
          ip("route add default via 192.0.2.5 table 10005");
          ip("rule add fwmark 6/0xffff lookup 10006");
          ip("route add default via 192.0.2.6 table 10006");
          assertForwarded("192.0.2.5", find(VIP4, 5));
          assertForwarded("192.0.2.6", find(VIP4, 0x70006));
          assertNowhere(Route.Kind.UNREACHABLE, find(VIP4, 7));
          assertNowhere(Route.Kind.UNREACHABLE, find(VIP4, 0));
        });
  }

  @Test
  void shouldFollowTheRuleOfTheMarkWithIpv6() throws Exception {
    OwnNetwork.run(
        () -> {
          ip("-6 rule add fwmark 5/0xffff lookup 10005");
          ip("route add ::/0 via 2001:db8:1::5 table 10005");
          assertForwarded("2001:db8:1::5", find(VIP6, 5));
          assertNowhere(Route.Kind.UNREACHABLE, find(VIP6, 6));
        });
  }

  @Test
  void shouldNameTheDestinationItselfWhereThereIsNoGateway() throws Exception {
    OwnNetwork.run(
        () -> {
          ip("route add 10.0.0.0/24 dev out");
          ip("route add 2001:db8:ffff::/64 dev out");
          assertForwarded(VIP4, find(VIP4, 0));
          assertForwarded(VIP6, find(VIP6, 0));
        });
  }

  @Test
  void shouldFindAGatewayOfTheOtherFamily() throws Exception {
    OwnNetwork.run(
        () -> {
          ip("route add 10.0.0.0/24 via inet6 2001:db8:1::9 dev out");
          assertForwarded("2001:db8:1::9", find(VIP4, 0));
        });
  }

  @Test
  void shouldTellWhyNothingLeadsThere() throws Exception {
    OwnNetwork.run(
        () -> {
          for (String vip : new String[] {VIP4, VIP6}) {
            ip("route add blackhole " + vip);
            assertNowhere(Route.Kind.BLACKHOLE, find(vip, 0));
            ip("route replace unreachable " + vip);
            assertNowhere(Route.Kind.UNREACHABLE, find(vip, 0));
            ip("route replace prohibit " + vip);
            assertNowhere(Route.Kind.PROHIBITED, find(vip, 0));
          }
          ip("rule add to 10.7.0.1 blackhole");
          assertNowhere(Route.Kind.BLACKHOLE, find("10.7.0.1", 0));
        });
  }

  @Test
  void shouldKnowOurOwnAddresses() throws Exception {
    OwnNetwork.run(
        () -> {
          assertEquals(Route.Kind.LOCAL, find("192.0.2.1", 0).kind());
          assertEquals(Route.Kind.LOCAL, find("2001:db8:1::1", 0).kind());
        });
  }

  @Test
  void shouldAnswerWhatIsTrueNow() throws Exception {
    OwnNetwork.run(
        () -> {
          try (RouteLookup routes = RouteLookup.open()) {
            InetAddress vip = InetAddress.getByName(VIP4);
            for (int i = 2; i < 50; i++) {
              ip("route replace " + VIP4 + " via 192.0.2." + i);
              assertForwarded("192.0.2." + i, routes.find(vip, 0));
            }
            ip("link set out down");
            assertNowhere(Route.Kind.UNREACHABLE, routes.find(vip, 0));
          }
        });
  }
}

package io.synlev.magctl.doctor.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.magctl.doctor.Programs.Output;
import io.synlev.magctl.doctor.Severity;
import io.synlev.state.Backend;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of lbd, its state, queues and backends is otherwise. */
class BalancerChecksTest extends CheckBed {
  @Test
  void shouldNameAProcessThatHoldsTheQueueInsteadOfLbd() {
    lab.file("proc/net/netfilter/nfnetlink_queue", "    2 777     0 2   256     0     0   9  1\n");
    lab.file("proc/net/netlink", "sk Eth Pid Groups\n0000 12 777 00000000 0 0 0 2 0 4711\n");
    lab.file("proc/99/comm", "nfqlb\n");
    link("proc/99/fd/5", "socket:[4711]");
    finds("queues", Severity.FAILURE, "queue 2 is held by process 99 (nfqlb), not by our lbd");
  }

  private void link(String path, String target) {
    try {
      Path link = root.resolve(path);
      java.nio.file.Files.createDirectories(link.getParent());
      java.nio.file.Files.createSymbolicLink(link, Path.of(target));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1001, 0, 0, FAILURE, 1001 packets wait in queue 2",
    "0, 3, 4, WARNING, queue 2 lost 7 packets",
  })
  void shouldSeeWhatWaitsAndWhatIsLost(
      int waiting, int queueDropped, int userDropped, Severity severity, String title) {
    lab.file(
        "proc/net/netfilter/nfnetlink_queue",
        "    2 3511787064 %d 2 256 %d %d 9 1%n".formatted(waiting, queueDropped, userDropped));
    finds("queues", severity, title);
  }

  @Test
  void shouldNoteAQueueThatNoRuleNames() {
    lab.daemon("\"queue\": 2", "\"queue\": 3");
    lab.daemon("\"queues\": [{", "\"queues\": [{\"queue\": 2, \"portId\": 3511787064}, {");
    finds("queues", Severity.NOTE, "no rule sends packets to queue 3");
  }

  @Test
  void shouldWarnWhereTheStateWillBeDeletedAtALogout() {
    // An ordinary user owns it: whoever runs this test must be able to say so.
    lab.file("dev/shm/synlev/test/registry", "");
    lab.file("run/systemd/seats/seat0", "");
    Path own = root.resolve("dev/shm/synlev/test");
    org.junit.jupiter.api.Assumptions.assumeTrue(isGivenTo(own, 1000), "needs root to chown");
    lab.file("etc/systemd/logind.conf", "[Login]\n#RemoveIPC=yes\n");
    assertTrue(hasRemoval(), "on if nothing is said");
    lab.file("etc/systemd/logind.conf.d/10.conf", "[Login]\nRemoveIPC=no\n");
    assertTrue(!hasRemoval(), "the file in logind.conf.d counts");
  }

  private boolean hasRemoval() {
    return examine(lab.facts()).stream().anyMatch(each -> each.check().equals("remove-ipc"));
  }

  private static boolean isGivenTo(Path path, int uid) {
    try {
      java.nio.file.Files.setAttribute(path, "unix:uid", uid);
      return true;
    } catch (java.io.IOException e) {
      return false;
    }
  }

  @Test
  void shouldRefuseAStateDirectoryThatIsALink() {
    lab.file("elsewhere/registry", "");
    link("dev/shm/synlev/test", "../../../elsewhere");
    assertTrue(
        examine(lab.facts()).stream()
            .anyMatch(
                each ->
                    each.title().equals("/dev/shm/synlev/test is a symbolic link")
                        && each.severity() == Severity.FAILURE));
  }

  @Test
  void shouldSeeABackendThatIsThisHost() {
    lab.backends(backend -> backend.name().equals("s1") ? at(backend, "192.168.1.254") : backend);
    finds("addresses", Severity.FAILURE, "has an address of this host, 192.168.1.254");
  }

  @Test
  void shouldSeeABackendWhoseNextHopIsTheVip() {
    lab.backends(backend -> backend.name().equals("s2") ? at(backend, "10.0.0.0") : backend);
    finds("addresses", Severity.FAILURE, "has the address 10.0.0.0, which is in VIP 10.0.0.0/32");
  }

  private static Backend at(Backend backend, String ipv4) {
    return new Backend(
        backend.name(),
        backend.fwmark(),
        backend.weight(),
        backend.state(),
        backend.health(),
        ipv4 == null ? null : (java.net.Inet4Address) io.synlev.state.Addresses.parse(ipv4),
        backend.ipv6(),
        null);
  }

  @Test
  void shouldSeeABackendThatCannotTakeAFamily() {
    lab.backends(backend -> backend.name().equals("s2") ? at(backend, null) : backend);
    finds("pools", Severity.WARNING, "backend s2 of pool default has no IPv4 address");
  }

  @Test
  void shouldNotAskThisBalancerForAnAddress() {
    lab.backends(backend -> backend.name().equals("s2") ? at(backend, null) : backend);
    lab.ownFwmark(2);
    assertEquals(List.of(), examine(lab.facts()));
  }

  @Test
  void shouldRefuseTablesOfTheSystem() {
    lab.rules("\"table_offset\":10000", "\"table_offset\":252");
    assertTrue(
        examine(lab.facts()).stream()
            .anyMatch(
                each ->
                    each.title().contains("routing table 253 of backend s1")
                        && each.title().contains("belongs to the system")));
  }

  @Test
  void shouldSeeARouteOfOthersInOurTable() {
    lab.network(
        "\"table\":\"10001\",\"protocol\":\"83\"", "\"table\":\"10001\",\"protocol\":\"4\"");
    assertTrue(
        examine(lab.facts()).stream()
            .anyMatch(
                each ->
                    each.check().equals("tables")
                        && each.title().contains("holds a route of others, to default")));
  }

  @Test
  void shouldSayThatLbdLagsBehind() {
    lab.daemon("\"viewGeneration\": 2", "\"viewGeneration\": 1");
    finds("daemon", Severity.WARNING, "lbd uses configuration 1, and 2 is in force");
  }

  @Test
  void shouldSayThatTheStateWasTakenAway() {
    lab.daemon("\"state\": \"present\"", "\"state\": \"deleted\"");
    finds("daemon", Severity.FAILURE, "the state directory was deleted under lbd");
  }

  @Test
  void shouldLookIntoAServersNamespace() {
    lab.namespace("lab-s1");
    String links = "[{\"ifname\":\"lo\"},{\"ifname\":\"lb\"}]\n";
    // The VIP 10.0.0.0 is local (type 2), 1000:: is routed.
    String routes =
        "[{\"type\":\"2\",\"dst\":\"10.0.0.0\",\"dev\":\"lo\"}]\n[{\"dst\":\"1000::\"}]\n";
    String settings =
        Stream.of(
                "tcp_mtu_probing:0",
                "conf/all/rp_filter:0",
                "conf/all/arp_ignore:0",
                "conf/lb/rp_filter:0",
                "conf/lb/arp_ignore:1")
            .map(line -> "/proc/sys/net/ipv4/" + line + "\n")
            .reduce("", String::concat);
    lab.programs(
        (input, command) ->
            () ->
                command.contains("/proc/sys/net/ipv4/conf/lb/arp_ignore")
                    ? new Output(0, settings, "")
                    : command.contains("--net=/run/netns/lab-s1")
                        ? new Output(0, links + routes, "")
                        : new Output(-1, "", ""));
    finds("backend-hosts", Severity.FAILURE, "lab-s1 does not take packets for 1000::");
  }
}

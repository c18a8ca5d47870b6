package io.synlev.magctl.doctor.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.magctl.doctor.Finding;
import io.synlev.magctl.doctor.Programs.Output;
import io.synlev.magctl.doctor.Severity;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What of the host is otherwise: the system test breaks what can be broken in a lab, and this the
 * rest.
 */
class HostChecksTest extends CheckBed {
  @Test
  void shouldFindNothingInAHealthyLab() {
    assertEquals(List.of(), examine(lab.facts()));
  }

  @ParameterizedTest
  @CsvSource({
    "262143, WARNING, nearly full",
    "262144, FAILURE, conntrack is full: 262144 of 262144 entries",
    "209716, WARNING, nearly full",
  })
  void shouldWarnBeforeConntrackIsFull(String count, Severity severity, String title) {
    lab.file("proc/sys/net/netfilter/nf_conntrack_count", count + "\n");
    finds("conntrack", severity, title);
  }

  @Test
  void shouldNotWarnOfAConntrackThatHasRoom() {
    lab.file("proc/sys/net/netfilter/nf_conntrack_count", "209715\n");
    assertEquals(List.of(), examine(lab.facts()));
  }

  @Test
  void shouldCountWhatConntrackDroppedOnAllProcessors() {
    String zeros = " 00000000".repeat(9);
    lab.file(
        "proc/net/stat/nf_conntrack",
        "entries clashres found new invalid ignore delete chainlength insert insert_failed drop\n"
            + ("00000000" + zeros + " 0000000a\n").repeat(2));
    finds("conntrack", Severity.WARNING, "has dropped 20 packets");
  }

  @Test
  void shouldNoteThatForgottenConnectionsAreNotPickedUp() {
    lab.file("proc/sys/net/netfilter/nf_conntrack_tcp_loose", "0\n");
    finds("conntrack", Severity.NOTE, "tcp_loose is off");
  }

  @Test
  void shouldAskForTheCapabilityThatVerdictsNeed() {
    // All but bit 12.
    lab.file("proc/25100/status", "CapEff:\t000001fffeffefff\n");
    finds("capabilities", Severity.FAILURE, "lbd (pid 25100) has no CAP_NET_ADMIN");
  }

  @Test
  void shouldNoteThatWeMayNotSeeAll() {
    lab.file("proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\t0000000000000000\n");
    finds("capabilities", Severity.NOTE, "we have no CAP_NET_ADMIN");
  }

  @Test
  void shouldSeeThatTheKernelHasNoQueues() {
    lab.without("proc/net/netfilter/nfnetlink_queue");
    List<Finding> found = examine(lab.facts());
    assertEquals("the kernel offers no NFQUEUE here", found.getFirst().title());
    assertEquals(Severity.FAILURE, found.getFirst().severity());
  }

  @Test
  void shouldWantTheTunAndItsFilterWhereFragmentsAreQueued() {
    lab.rules("\"fragments\":\"-\"", "\"fragments\":\"3\"");
    lab.file("proc/sys/net/ipv4/conf/synlev0/rp_filter", "1\n");
    List<String> titles = examine(lab.facts()).stream().map(Finding::title).toList();
    assertEquals(
        List.of(
            "there is no /dev/net/tun",
            "nobody reads queue 3, where the rules send fragments for the VIPs",
            "rp_filter is 1 on synlev0"),
        titles);
  }

  @Test
  void shouldLookForLibrariesOnlyWhereLbdDoesNotRun() {
    lab.withoutDaemon();
    lab.file("usr/lib/x86_64-linux-gnu/libmnl.so.0", "");
    List<String> failures =
        examine(lab.facts()).stream()
            .filter(finding -> finding.severity() == Severity.FAILURE)
            .map(Finding::title)
            .toList();
    assertEquals(
        List.of("no lbd serves the instance", "libnetfilter_queue.so.1 is not in the usual places"),
        failures);
  }

  @Test
  void shouldWarnOfAnInterpretedProgram() {
    lab.rules("\"mode\":\"syn\"", "\"mode\":\"tc\"");
    lab.file("proc/sys/net/core/bpf_jit_enable", "0\n");
    finds("kernel", Severity.WARNING, "interprets BPF programs");
  }

  @Test
  void shouldWarnOfRedirectsBehindOneInterface() {
    lab.rules("\"interfaces\":[\"client\"]", "\"interfaces\":[\"s1\"]");
    List<Finding> found = examine(lab.facts());
    assertTrue(
        found.stream()
            .anyMatch(each -> each.title().equals("this host sends ICMP redirects on s1")),
        found::toString);
  }

  @Test
  void shouldNoteAStrictFilterTowardsClients() {
    lab.file("proc/sys/net/ipv4/conf/client/rp_filter", "1\n");
    finds("rp-filter", Severity.NOTE, "rp_filter is strict on client");
  }

  @Test
  void shouldSeeForwardingThatIsOffOnOneInterface() {
    lab.file("proc/sys/net/ipv6/conf/s2/forwarding", "0\n");
    finds("forwarding", Severity.FAILURE, "IPv6 forwarding is off on s2");
  }

  @ParameterizedTest
  @CsvSource({"0, true", "64, false"})
  void shouldWantHugePagesForDpdk(int pages, boolean failure) {
    lab.daemon("\"datapath\": \"nfqueue\"", "\"datapath\": \"dpdk\"");
    lab.file(
        "proc/meminfo",
        "HugePages_Total: %d%nHugePages_Free: 0%nHugepagesize: 2048 kB%n".formatted(pages));
    assertEquals(
        failure,
        examine(lab.facts()).stream()
            .anyMatch(each -> each.title().equals("there are no huge pages")));
  }

  @Test
  void shouldWarnOfACardThatMergesPackets() {
    lab.file("sys/class/net/client/device/vendor", "0x8086\n");
    lab.programs(
        (input, command) ->
            () ->
                command.equals(List.of("ethtool", "-k", "client"))
                    ? new Output(0, "Features:\nlarge-receive-offload: on\n", "")
                    : new Output(-1, "", "none"));
    finds("offloads", Severity.WARNING, "LRO is on for client");
  }
}

package io.synlev.magctl.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.magctl.doctor.Programs.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What programs and files of a lab's balancer say, captured there. */
class ParsingTest {
  @TempDir Path root;

  private Network network() throws IOException {
    return Network.parse(
        new Output(0, LabFacts.read("ip.txt"), ""), new Output(0, LabFacts.read("rule6.txt"), ""));
  }

  @Test
  void shouldReadInterfacesAndAddresses() throws IOException {
    assertEquals(
        List.of("lo", "client", "s1", "s2"),
        network().links().stream().map(Network.Link::name).toList());
    Network.Link link = network().link("s1").orElseThrow();
    assertEquals(2001, link.index());
    assertEquals(1500, link.mtu());
    assertTrue(link.isUp() && link.hasCarrier() && link.isResolving());
    assertEquals("client", network().deviceOf("192.168.1.254").orElseThrow());
    assertEquals(
        "s2",
        network().addresses().stream()
            .filter(own -> own.address().equals("192.168.2.254"))
            .map(Network.LocalAddress::device)
            .reduce((first, last) -> last)
            .orElseThrow());
  }

  @Test
  void shouldTellOurPolicyRulesFromOthers() throws IOException {
    List<Network.PolicyRule> forFirst =
        network().rules().stream().filter(rule -> rule.isFor(1, 0xffff)).toList();
    assertEquals(2, forFirst.size());
    assertFalse(forFirst.getFirst().ipv6());
    assertTrue(forFirst.getLast().ipv6());
    for (Network.PolicyRule rule : forFirst) {
      assertTrue(rule.isOurs());
      assertEquals(10001, rule.table());
    }
    assertTrue(network().rules().stream().anyMatch(rule -> !rule.isOurs() && rule.table() == 254));
    assertTrue(network().rules().stream().noneMatch(rule -> rule.isFor(1, 0xff)));
  }

  @Test
  void shouldReadRoutesOfAllTablesAndBothFamilies() throws IOException {
    List<Network.TableRoute> ours =
        network().routes().stream().filter(Network.TableRoute::isOurs).toList();
    assertEquals(
        List.of("192.168.2.1", "192.168.2.2", "fd00:2::1", "fd00:2::2"),
        ours.stream().map(Network.TableRoute::gateway).toList());
    assertEquals(
        List.of(10001L, 10002L, 10001L, 10002L),
        ours.stream().map(Network.TableRoute::table).toList());
    assertEquals(
        List.of(false, false, true, true), ours.stream().map(Network.TableRoute::ipv6).toList());
    assertTrue(
        network().routes().stream()
            .anyMatch(route -> route.table() == 254 && route.to().equals("50.0.0.0/16")));
  }

  @Test
  void shouldMatchAnswersAndFailuresToQuestions() {
    // ip -N -j -force -batch -: the answers on stdout, which commands failed on stderr.
    String out =
        """
        [{"dst":"10.0.0.0","from":"50.0.0.0","gateway":"192.168.2.1","dev":"s1","table":"10001",\
        "flags":[],"mark":1,"cache":[],"iif":"client"}]
        [{"dst":"192.168.2.1","dev":"s1","prefsrc":"192.168.2.254","flags":[],"uid":0,"cache":[]}]
        """;
    String err =
        """
        RTNETLINK answers: Invalid argument
        Command failed -:2
        RTNETLINK answers: Network is unreachable
        Command failed -:4
        """;
    List<RouteAnswer> answers =
        RouteAnswer.ask(
            (input, command) -> () -> new Output(1, out, err), List.of("a", "b", "c", "d"));
    assertEquals(4, answers.size());
    assertTrue(answers.get(0).isForwarded());
    assertEquals("192.168.2.1", answers.get(0).gateway());
    assertEquals(10001, answers.get(0).table());
    assertEquals("Invalid argument", answers.get(1).error());
    assertTrue(answers.get(2).isForwarded());
    assertNull(answers.get(2).gateway());
    assertEquals("192.168.2.254", answers.get(2).source());
    assertEquals("Network is unreachable", answers.get(3).error());
  }

  @Test
  void shouldReadWhatIsInstalled() throws IOException {
    InstalledRules rules = InstalledRules.parse(LabFacts.read("lbrules.json"));
    assertTrue(rules.isInstalled());
    assertEquals("syn", rules.mode());
    assertTrue(rules.returns("routed"));
    assertEquals(2, rules.firstQueue());
    assertEquals(2, rules.lastQueue());
    assertFalse(rules.hasFragmentQueues());
    assertEquals(10000, rules.tableOffset());
    assertEquals(List.of("client"), rules.interfaces());
    assertEquals(List.of(), rules.troubles());
    assertTrue(rules.needsConntrack());
  }

  @Test
  void shouldReadTroublesOfLbrules() throws IOException {
    InstalledRules rules =
        InstalledRules.parse(
            "{\"instance\":\"test\",\"ok\":false,\"settings\":null,\"findings\":[{\"level\":"
                + "\"problem\",\"area\":\"installed\",\"what\":\"a\",\"why\":\"b\",\"fix\":\"c\"},"
                + "{\"level\":\"note\",\"area\":\"rules\",\"what\":\"d\",\"why\":\"e\",\"fix\":"
                + "\"f\"}]}");
    assertFalse(rules.isInstalled());
    assertEquals(
        List.of(
            new InstalledRules.Trouble(true, "installed", "a", "b", "c"),
            new InstalledRules.Trouble(false, "rules", "d", "e", "f")),
        rules.troubles());
  }

  @Test
  void shouldReadASettingOfSeveralDigits() {
    // The kernel gives the rest of a setting to nobody who has read one byte of it.
    long max = Host.here().sysctl("kernel/pid_max");
    assertTrue(max > 9, "pid_max " + max);
    assertEquals(0, Host.here().sysctl("no/such/setting"));
  }

  @Test
  void shouldSayWhatIsMissingByBeingEmpty() throws IOException {
    Host host = Host.keptAt(root);
    assertTrue(host.text("/proc/none").isEmpty());
    assertEquals(List.of(), host.lines("/proc/none"));
    assertEquals(List.of(), host.names("/proc/none"));
    assertTrue(host.state("/proc/none").isEmpty());
    Files.createSymbolicLink(root.resolve("link"), Path.of("nowhere"));
    assertTrue(host.has("/link"));
    assertTrue(host.state("/link").orElseThrow().isSymbolicLink());
    assertEquals("nowhere", host.link("/link").orElseThrow());
  }

  @Test
  void shouldRunProgramsWithInputAndReadAllTheyPrint() {
    Programs programs = Programs.here(Map.of("PATH", "/usr/bin:/bin"));
    String much = "x".repeat(300_000);
    Output output = programs.run(much, "sh", "-c", "cat; echo to stderr >&2; exit 3");
    assertEquals(3, output.exit());
    assertEquals(much, output.out());
    assertEquals("to stderr", output.err());
    assertEquals(Programs.MISSING, programs.run("", "no-such-program-anywhere").exit());
  }
}

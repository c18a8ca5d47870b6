package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.StateDirectory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** apply, diff and export. */
class ApplyCommandTest extends Sandbox {
  private static final String FILE =
      """
      version: 1
      pools:
        web:
          slots: 97
          backends:
            a: {fwmark: 1, ipv4: 10.0.0.1}
            b: {fwmark: 2, ipv4: 10.0.0.2}
      services:
        web: {pool: web, vips: 203.0.113.7, protocols: tcp, ports: 80}
      """;

  private String file(String text) throws IOException {
    return Files.writeString(temp.resolve("f.yaml"), text).toString();
  }

  @Test
  void shouldMakeTheInstanceAndChangeItAndFindNothingToChangeThen() throws IOException {
    String f = file(FILE);
    assertEquals(1, run("diff -f " + f).code());
    assertTrue(
        done("apply -f " + f + " --dry-run")
            .endsWith("would change instance default: 4 added, 0 changed, 0 removed\n"));
    assertFalse(directory().exists());
    assertTrue(
        done("apply -f " + f)
            .endsWith("created instance default: 4 added, 0 changed, 0 removed\n"));
    assertEquals("", done("diff -f " + f));
    String before = everything();
    assertEquals("instance default is as the file says\n", done("apply -f " + f));
    assertEquals(before, everything());

    file(FILE.replace("b: {fwmark: 2", "c: {fwmark: 3").replace("ports: 80", "ports: 81"));
    String change =
        """
        + pools.web.backends.c: fwmark: 3, ipv4: 10.0.0.2
        ~ services.web: ports: [80] -> ports: [81]
        - pools.web.backends.b: fwmark: 2, ipv4: 10.0.0.2
        """;
    assertEquals(new Run(1, change, ""), run("diff -f " + f));
    assertEquals(before, everything());
    assertEquals(
        change + "changed instance default: 1 added, 1 changed, 1 removed\n",
        done("apply -f " + f));
    assertEquals("", done("diff -f " + f));
  }

  @Test
  void shouldExportWhatAppliesWithoutADifference() throws IOException {
    done(
        "create --pool web 997 5 --offset 10 --active 3 --policy modulo --vip 10.0.0.0/24,2001:db8::/64");
    done("backend set 11 --ipv4 192.0.2.1 --mac 02:00:5e:10:00:01 --weight 7 --pool web");
    done("create --pool tier 31 --own-fwmark 5 --hash addresses --backends x y,state=draining");
    done(
        "service add s --pool tier --vip 10.1.0.1 --ports 80,90-99 --protocols tcp,udp --priority -2 --no-backend mark:0x77 --echo no");
    done("service add m --pool tier --vip 10.1.0.2 --match tcp[12:2]=0x0002");
    String exported = done("export");
    String f = file(exported);
    assertEquals("", done("diff -f " + f));
    String tables = done("show --plain");
    done("clean");
    // It warns of addresses that backends do not have.
    assertEquals(0, run("apply -f " + f).code());
    assertEquals(tables, done("show --plain"));
    assertEquals(exported, done("export"));
    assertFalse(done("export --no-seed").contains("seed"));
    isMisused("export --json", "'magctl show --json'");
  }

  @Test
  void shouldReadStandardInput() {
    InputStream stdin = System.in;
    System.setIn(new ByteArrayInputStream(FILE.getBytes(StandardCharsets.UTF_8)));
    try {
      done("apply -f -");
    } finally {
      System.setIn(stdin);
    }
    assertTrue(done("show --plain").contains("backend\tweb\tb\t2"));
  }

  @Test
  void shouldListAllErrorsAndChangeNothing() throws IOException {
    done("apply -f " + file(FILE));
    String f = file(FILE.replace("slots: 97", "slots: 98").replace("fwmark: 2", "fwmark: 1"));
    String[] errors = {
      "2 errors in " + f,
      f + ":4:12: pools.web.slots: 98 is no prime number: choose 97",
      f + ":7: pools.web.backends.b: fwmark 1"
    };
    fails("apply -f " + f, errors);
    fails("apply --dry-run -f " + f, errors);
    Run diff = run("diff -f " + f);
    assertEquals(2, diff.code(), diff.err());
    assertTrue(diff.err().contains(errors[1]));
    fails("apply -f " + temp.resolve("none"), "cannot read " + temp.resolve("none"));
    isMisused("apply", "--file=FILE");
  }

  @Test
  void shouldMakeNoInstanceOfAFileThatCannotBeUsed() throws IOException {
    fails("apply -f " + file(FILE.replace("pool: web", "pool: none")), "there is no pool 'none'");
    assertFalse(Files.exists(directory().path()));
  }

  @Test
  void shouldTakeTheInstanceOfTheFileUnlessAnotherIsAsked() throws IOException {
    String f = file(FILE + "instance: {name: lb, mark-mask: 0xff}\n");
    assertTrue(done("apply -f " + f).contains("created instance lb"));
    assertTrue(new StateDirectory(base(), "lb").exists());
    assertFalse(directory().exists());
    fails("apply --instance other -f " + f, "for instance 'lb'", "--instance says 'other'");
    assertTrue(done("apply --instance lb -f " + f).contains("is as the file says"));
    file(FILE + "instance: {name: lb, mark-mask: 0xfff}\n");
    assertEquals(1, run("apply -f " + f).code());
    assertTrue(
        run("apply -f " + f)
            .err()
            .contains(":10: instance.mark-mask: the instance has mark mask 0xff"));
  }

  @Test
  void shouldTellProgramsWhatChanged() throws IOException {
    String f = file(FILE);
    done("apply -f " + f);
    file(FILE.replace("ipv4: 10.0.0.2", "weight: 2"));
    Map<String, Object> json = run("apply --json -f " + f).json();
    assertEquals(true, json.get("applied"));
    assertEquals(
        List.of(
            Map.of(
                "kind",
                "change",
                "field",
                "pools.web.backends.b",
                "before",
                List.of("ipv4: 10.0.0.2", "weight: 1"),
                "after",
                List.of("weight: 2", "ipv4: none"))),
        json.get("changes"));
    assertEquals(List.of(), run("diff --json -f " + f).json().get("changes"));
  }

  @Test
  void shouldWarnOfHiddenServices() throws IOException {
    String f =
        file(FILE + "  other: {pool: web, vips: 203.0.113.7, protocols: tcp, priority: 5}\n");
    Run run = run("apply -f " + f);
    assertEquals(0, run.code());
    assertTrue(
        run.err().contains("warning: " + f + ":9: services.web: gets no packet: other come first"),
        run.err());
  }

  /** An ip(8) that says what a test wants. */
  private Map<String, String> hostThatSays(String routes, String neighbours) throws IOException {
    Path bin = Files.createDirectories(temp.resolve("bin"));
    Path ip = bin.resolve("ip");
    Files.writeString(
        ip,
        "#!/bin/sh\ncase $* in\n*-4*) echo '"
            + routes
            + "' ;;\n*neigh*) echo '"
            + neighbours
            + "' ;;\nesac\n");
    Files.setPosixFilePermissions(ip, PosixFilePermissions.fromString("rwxr-xr-x"));
    return Map.of("PATH", bin.toString(), "SYNLEV_STATE_DIR", base().toString());
  }

  @Test
  void shouldWarnOfNextHopsThatThisHostCannotReach() throws IOException {
    String f =
        file(
            FILE.replace("10.0.0.2", "10.0.1.2")
                .replace("      b: {", "      c: {fwmark: 3, ipv4: 10.9.0.1}\n      b: {"));
    Map<String, String> host =
        hostThatSays(
            """
            [{"dst":"10.0.0.0/24","dev":"e"},{"type":"7","dst":"10.0.0.0/8"},
             {"dst":"10.0.1.0/24","dev":"e"},
             {"dst":"10.7.0.0/16","dev":"e","table":"10001","protocol":"3"},
             {"dst":"default","dev":"e","table":"10002","protocol":"83"}]\
            """,
            """
            [{"dst":"10.0.1.2","dev":"e","state":["FAILED"]}]\
            """);
    Run run = Run.in(host, "apply --dry-run -f " + f);
    assertEquals(0, run.code(), run.err());
    assertEquals(
        List.of(
            "warning: "
                + f
                + ":6: pools.web.backends.a: routing table 10001 (offset 10000 + fwmark)"
                + " holds a route of others, to 10.7.0.0/16: choose another fwmark, or another"
                + " --table-offset here and for lbrules",
            "warning: "
                + f
                + ":8: pools.web.backends.b: 10.0.1.2 does not answer: the kernel found"
                + " no neighbour there",
            "warning: "
                + f
                + ":7: pools.web.backends.c: this host has no route to 10.9.0.1: its"
                + " flows would be dropped"),
        run.err().lines().toList());
    Run elsewhere = Run.in(host, "apply --dry-run --table-offset 252 -f " + f);
    assertTrue(
        elsewhere.err().contains("routing table 253 (offset 252 + fwmark) belongs to the system"));
  }

  @Test
  void shouldSayNothingOfAHostThatItCannotAsk() throws IOException {
    Map<String, String> host = hostThatSays("sorry", "");
    assertEquals("", Run.in(host, "apply -f " + file(FILE)).err());
  }
}

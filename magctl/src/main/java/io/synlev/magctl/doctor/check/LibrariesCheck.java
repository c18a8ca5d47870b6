package io.synlev.magctl.doctor.check;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Findings;
import io.synlev.magctl.doctor.Host;
import io.synlev.magctl.doctor.Page;
import java.util.ArrayList;
import java.util.List;

/** Libraries that lbd loads at its start. One that runs has them. */
final class LibrariesCheck implements Check {
  private static final List<String> PLACES =
      List.of("/usr/lib64", "/lib64", "/usr/lib", "/lib", "/usr/local/lib", "/usr/local/lib64");

  @Override
  public String name() {
    return "libraries";
  }

  @Override
  public Page page() {
    return Page.KERNEL;
  }

  @Override
  public boolean isOf(Facts facts) {
    return !facts.daemon().answers();
  }

  @Override
  public void look(Facts facts, Findings findings) {
    List<String> places = places(facts.host());
    if (facts.usesQueues()) {
      look(facts.host(), places, "libnetfilter_queue.so.1", "libnetfilter-queue1", findings);
      look(facts.host(), places, "libmnl.so.0", "libmnl0", findings);
    } else {
      look(facts.host(), places, "librte_eal.so.23", "libdpdk-dev", findings);
    }
    if (facts.usesTc()) {
      look(facts.host(), places, "libbpf.so.1", "libbpf1", findings);
    }
    if (findings.isClean()) {
      findings.ok("the libraries that lbd loads are there");
    }
  }

  /** Debian keeps libraries in a directory for each architecture. */
  private static List<String> places(Host host) {
    List<String> places = new ArrayList<>(PLACES);
    for (String parent : List.of("/usr/lib", "/lib")) {
      for (String name : host.names(parent)) {
        if (name.contains("-linux-")) {
          places.add(parent + "/" + name);
        }
      }
    }
    return places;
  }

  private static void look(
      Host host, List<String> places, String library, String debianPackage, Findings findings) {
    if (places.stream().noneMatch(place -> host.has(place + "/" + library))) {
      findings.failure(
          library + " is not in the usual places",
          "lbd does not start without it",
          "apt-get install " + debianPackage);
    }
  }
}

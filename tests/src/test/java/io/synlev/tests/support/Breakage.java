package io.synlev.tests.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.tests.support.Commands.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Something that can be broken in a {@link DoctorBed}, and what has to be said about it. */
public final class Breakage {
  private static final String VIP_PORT = "10.0.0.0:5001";

  private final String name;
  private Consumer<DoctorBed> breaking = bed -> {};
  private Consumer<DoctorBed> mending = bed -> {};
  private final List<String> doctor = List.of("doctor", "--json");
  private String server;
  private String finding;
  private List<String> whyNot = List.of("why-not", "--json", VIP_PORT);
  private String end;
  private String reason;

  Breakage(String name) {
    this.name = name;
  }

  Breakage breaks(Consumer<DoctorBed> how) {
    breaking = how;
    return this;
  }

  Breakage mends(Consumer<DoctorBed> how) {
    mending = how;
    return this;
  }

  /** Once what else mends it is done. */
  Breakage mendsToo(Consumer<DoctorBed> how) {
    mending = mending.andThen(how);
    return this;
  }

  /** A line of shell for the balancer, and the one that undoes it. */
  Breakage onBalancer(String breakingLine, String mendingLine) {
    return breaks(bed -> bed.onBalancer(breakingLine)).mends(bed -> bed.onBalancer(mendingLine));
  }

  /** A line of shell for each server, and the one that undoes it. */
  Breakage onServers(String breakingLine, String mendingLine) {
    return breaks(bed -> bed.onServers(breakingLine)).mends(bed -> bed.onServers(mendingLine));
  }

  /** What doctor has to call a failure; null if it cannot know. */
  Breakage doctorSays(String title) {
    finding = title;
    return this;
  }

  /** What doctor has to call a failure of a server into which it may look. */
  Breakage doctorNamesServer(String node, String title) {
    server = node;
    finding = title;
    return this;
  }

  /** Where why-not has to say that the packet ended, and why. */
  Breakage whyNotSays(String station, String title) {
    end = station;
    reason = title;
    return this;
  }

  /** What why-not is asked instead. */
  Breakage asking(String... arguments) {
    whyNot = with(List.of("why-not", "--json"), arguments);
    return this;
  }

  private static List<String> with(List<String> command, String... more) {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(more));
    return all;
  }

  /** All of them. */
  public static List<Breakage> all() {
    List<Breakage> all = new ArrayList<>(Breakages.ofTheHost());
    all.addAll(Breakages.ofTheBalancer());
    all.addAll(Breakages.ofServers());
    return all;
  }

  /** Breaks it. */
  public void breakIt(DoctorBed bed) {
    breaking.accept(bed);
  }

  /** Mends it. */
  public void mend(DoctorBed bed) {
    mending.accept(bed);
  }

  /** What to ask doctor. */
  public List<String> doctorCommand(DoctorBed bed) {
    return server == null
        ? doctor
        : with(doctor, "--backend-netns", bed.lab().namespace(server).getFileName().toString());
  }

  /** What to ask why-not. */
  public List<String> whyNotCommand() {
    return whyNot;
  }

  /** Both have said it. */
  public void requireNamed(Result fromDoctor, Result fromWhyNot) {
    if (finding != null) {
      assertEquals(1, fromDoctor.exit(), fromDoctor::toString);
      requireFinding(finding, fromDoctor);
    }
    Json journey = Json.parse(fromWhyNot.out());
    if (end == null) {
      assertEquals(0, fromWhyNot.exit(), fromWhyNot::toString);
      return;
    }
    assertEquals(1, fromWhyNot.exit(), fromWhyNot::toString);
    assertEquals(end, journey.text("end"), fromWhyNot::toString);
    requireFinding(reason, fromWhyNot);
  }

  private static void requireFinding(String title, Result result) {
    boolean isThere =
        Json.parse(result.out()).objects("findings").stream()
            .filter(each -> each.text("severity").equals("failure"))
            .filter(each -> !each.text("why").isEmpty() && !each.text("fix").isEmpty())
            .anyMatch(each -> each.text("title").matches("(?s).*" + title + ".*"));
    assertTrue(isThere, () -> "nothing like '" + title + "' in " + result);
  }

  @Override
  public String toString() {
    return name;
  }
}

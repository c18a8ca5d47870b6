package io.synlev.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.tests.support.Await;
import io.synlev.tests.support.Breakage;
import io.synlev.tests.support.Commands.Result;
import io.synlev.tests.support.DoctorBed;
import io.synlev.tests.support.Json;
import io.synlev.tests.support.Lab;
import io.synlev.tests.support.Requirements;
import io.synlev.tests.support.RunningCommand;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One thing after the other is broken in one lab, and magctl doctor or why-not has to name it. That
 * nothing is wrong before, and nothing after all was mended, is what makes the rest a proof.
 */
@ExtendWith(Requirements.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DoctorTest {
  private DoctorBed bed;

  @BeforeAll
  void start() {
    bed = DoctorBed.start();
  }

  @AfterAll
  void stop() {
    bed.close();
  }

  static Stream<Breakage> breakages() {
    return Breakage.all().stream();
  }

  @Test
  @Order(1)
  void shouldFindNothingInAHealthyLab() {
    Json report = Json.parse(bed.magctl("doctor", "--json").orFail().out());
    assertEquals(List.of(), report.objects("findings"), report::toString);
  }

  @ParameterizedTest
  @Order(2)
  @ValueSource(
      strings = {
        "10.0.0.0:5001",
        "[1000::]:5001",
        "10.0.0.0:5001 --protocol udp",
        "[1000::]:5001 --protocol udp",
        "10.0.0.0:5001 --from 50.0.0.7",
      })
  void shouldFollowAPacketToTheServerAndBack(String arguments) {
    Result result = bed.magctl(("why-not --json " + arguments).split(" ")).orFail();
    List<String> stations =
        Json.parse(result.out()).objects("stations").stream()
            .map(station -> station.text("station") + " " + station.text("outcome"))
            .toList();
    assertEquals(
        List.of(
            "service passed",
            "arrival passed",
            "queue passed",
            "decision passed",
            "route passed",
            "answer passed",
            "return passed"),
        stations,
        result::toString);
  }

  @ParameterizedTest(name = "{0}")
  @Order(3)
  @MethodSource("breakages")
  void shouldNameWhatIsBroken(Breakage breakage) {
    breakage.breakIt(bed);
    try (RunningCommand doctor = bed.start(breakage.doctorCommand(bed));
        RunningCommand whyNot = bed.start(breakage.whyNotCommand())) {
      breakage.requireNamed(doctor.waitFor(), whyNot.waitFor());
    } finally {
      breakage.mend(bed);
    }
  }

  @Test
  @Order(4)
  void shouldFindNothingWhenAllIsMended() {
    Result result = bed.magctl("doctor");
    assertEquals(0, result.exit(), result::toString);
    bed.magctl("why-not", "10.0.0.0:5001").orFail();
  }

  /** With SIGKILL nobody cleans up but the kernel. */
  @ParameterizedTest
  @Order(5)
  @ValueSource(booleans = {false, true})
  void shouldLeaveNothingBehindWhenItIsEnded(boolean killed) {
    bed.onServers("iptables -I INPUT -p tcp --dport 5001 -j DROP");
    try (RunningCommand running =
        bed.start(List.of("why-not", "10.0.0.0:5001", "--wait", "60000"))) {
      Await.until("the tap is there", () -> links().contains("synlevw"));
      if (killed) {
        running.kill();
      } else {
        running.terminate();
      }
      running.waitFor(20, TimeUnit.SECONDS);
      Await.until("the tap is gone", () -> !links().contains("synlevw"));
      assertTrue(!routes().contains("198.18."), this::routes);
    } finally {
      bed.onServers("iptables -D INPUT -p tcp --dport 5001 -j DROP");
    }
  }

  private String links() {
    return bed.lab().run(Lab.LB, "ip", "link").orFail().out();
  }

  private String routes() {
    return bed.lab().run(Lab.LB, "ip", "route").orFail().out();
  }
}

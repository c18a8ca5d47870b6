package io.synlev.steering;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveMarksTest {

  @TempDir Path base;

  @Test
  void shouldKnowTheBackendsOfAllPools() throws Exception {
    try (Testbed bed = new Testbed(base)) {
      LiveMarks marks = new LiveMarks(bed.instance, bed.views, 0);
      assertTrue(marks.test(101));
      assertTrue(marks.test(110));
      assertTrue(marks.test(205));
      assertTrue(marks.test(301), "inactive ones, too");
      assertFalse(marks.test(111));
      assertFalse(marks.test(0), "free records have no mark");
    }
  }

  @Test
  void shouldForgetABackendOnlyWhenItIsRemoved() throws Exception {
    try (Testbed bed = new Testbed(base)) {
      LiveMarks marks = new LiveMarks(bed.instance, bed.views, 0);
      bed.instance.updatePool(
          "web", all -> all.stream().map(b -> b.with(AdminState.DRAINING)).toList());
      assertTrue(marks.test(101));
      bed.instance.updatePool("web", all -> all.stream().filter(b -> b.fwmark() != 101).toList());
      assertFalse(marks.test(101));
      assertTrue(marks.test(102));
      bed.instance.updatePool("sticky", all -> java.util.List.of(Backend.of("new", 101)));
      assertTrue(marks.test(101), "the mark is in use again");
    }
  }

  @Test
  void shouldFollowTheViewInForce() throws Exception {
    try (Testbed bed = new Testbed(base)) {
      LiveMarks marks = new LiveMarks(bed.instance, bed.views, 1);
      bed.instance.updateServices(
          all -> all.stream().filter(service -> service.pool().equals("web")).toList());
      bed.views.swap(View.compile(bed.instance, 2));
      assertTrue(marks.test(101));
      assertFalse(marks.test(201), "no service leads there");
    }
  }
}

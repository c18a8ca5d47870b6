package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.hash.Seed;
import io.synlev.state.Backend;
import io.synlev.state.HashOn;
import io.synlev.state.Instance;
import io.synlev.state.InstanceSettings;
import io.synlev.state.Policy;
import io.synlev.state.PoolCursor;
import io.synlev.state.PoolSettings;
import io.synlev.state.StateDirectory;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentifiedMarksTest {

  @TempDir Path directory;

  @Test
  void shouldKnowBackendsByWhatWorkersReadOfThem() throws Exception {
    try (Instance instance =
        Instance.create(
            new StateDirectory(directory, "t"), new InstanceSettings(new Seed(1, 2), 0xffff))) {
      PoolSettings web = new PoolSettings("web", 97, 2, Policy.MAGLEV, HashOn.TUPLE, 0);
      instance.createPool(web, List.of(Backend.of("s1", 11), Backend.of("s2", 12)));
      PoolCursor cursor = instance.pool("web").cursor(0);
      IdentifiedMarks marks = new IdentifiedMarks(instance);
      cursor.refresh(instance.epoch());
      int second = cursor.identity(1);
      assertEquals(11, marks.applyAsInt(cursor.identity(0)));
      assertEquals(12, marks.applyAsInt(second));
      assertEquals(0, marks.applyAsInt(cursor.identity(2)), "no backend");
      instance.updatePool("web", backends -> List.of(Backend.of("s1", 11), Backend.of("s3", 12)));
      cursor.refresh(instance.epoch());
      assertEquals(12, marks.applyAsInt(cursor.identity(1)), "another one has place and mark");
      assertEquals(0, marks.applyAsInt(second));
    }
  }
}

package io.synlev.lbd;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.hash.Seed;
import io.synlev.state.HashOn;
import io.synlev.state.Instance;
import io.synlev.state.InstanceSettings;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.StateDirectory;
import io.synlev.state.StateException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PoliciesTest {

  @TempDir Path base;

  @ParameterizedTest
  @EnumSource(Policy.class)
  void shouldRefusePoliciesThatNeedFlowsWhereNoneAreRemembered(Policy policy) {
    StateDirectory directory = new StateDirectory(base.resolve("state"), "t");
    try (Instance instance =
        Instance.create(directory, new InstanceSettings(new Seed(1, 2), 0xff))) {
      instance.createPool(new PoolSettings("web", 97, 2, policy, HashOn.TUPLE, 0), List.of());
      if (policy == Policy.MAGLEV || policy == Policy.MODULO) {
        assertDoesNotThrow(() -> Policies.requireServable(instance, null));
      } else {
        String message =
            assertThrows(StateException.class, () -> Policies.requireServable(instance, null))
                .getMessage();
        assertTrue(message.contains("'web' has policy " + policy.label() + ", which"), message);
      }
    }
  }
}

package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.state.Health;
import io.synlev.state.HealthCheck;
import io.synlev.state.Instance;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HealthCommandsTest extends Sandbox {
  @BeforeEach
  void create() {
    done("create 97 4 --pool web --active 4");
  }

  private Optional<HealthCheck> check() {
    try (Instance instance = open()) {
      return instance.configuration().check("web");
    }
  }

  private Map<String, String> fields() {
    return check().orElseThrow().fields();
  }

  @Test
  void shouldBeginChangeAndEndACheck() {
    done("health set http --pool web --path /up --fall 5");
    assertEquals(Map.of("kind", "http", "port", "80", "path", "/up", "fall", "5"), fields());
    done("health set --pool web --fall 3 --interval 500ms");
    assertEquals(
        Map.of("kind", "http", "port", "80", "path", "/up", "interval", "500ms"), fields());
    done("health set http --pool web --via direct");
    assertEquals("/up", fields().get("path"));
    done("health remove --pool web");
    assertEquals(Optional.empty(), check());
    assertTrue(done("health remove --pool web").contains("checked no longer"));
  }

  /** Another kind has other options, so nothing of the former is kept. */
  @Test
  void shouldBeginAnewWithAnotherKind() {
    done("health set http --pool web --path /up --fall 5");
    done("health set tcp --pool web --port 22");
    assertEquals(Map.of("kind", "tcp", "port", "22"), fields());
  }

  @Test
  void shouldRefuseWhatMakesNoSenseAndChangeNothing() {
    isMisused("health set --pool web", "nothing to change");
    isMisused("health set --pool web --fall 4", "what is to be asked");
    isMisused("health set tcp --pool web", "needs a port");
    isMisused("health set tcp --pool web --port 80 --fall 1", "from 2");
    isMisused("health set ftp --pool web", "choose one of tcp");
    isMisused("health set icmp --pool web --command /bin/true", "icmp has no command");
    fails("health set icmp --pool webb", "no pool 'webb'", "web");
    fails("health remove --pool webb", "no pool 'webb'");
    fails("health show webb", "no pool 'webb'");
  }

  @Test
  void shouldShowWhatIsKnownWithoutADaemon() {
    assertEquals("no pool is checked: 'magctl health set' begins it\n", done("health show"));
    done("health set icmp --pool web");
    done("backend set 2 --pool web --health down");
    String text = done("health show web");
    assertTrue(text.contains("pool web: icmp, via forwarding\n"), text);
    assertTrue(text.matches("(?s).*\\n  2 +down\\n.*"), text);
    assertTrue(text.contains("nobody is asked"), text);
    String json = done("health show --json");
    assertTrue(json.contains("\"checking\" : false"), json);
    assertTrue(done("show web").contains("health check: icmp"));
    assertTrue(done("show web --json").contains("\"kind\" : \"icmp\""));
  }

  @Test
  void shouldCountAllAsUpWhenTheyAreCheckedNoLonger() {
    done("health set icmp --pool web");
    done("backend set 2 3 --pool web --health down");
    done("health remove --pool web");
    try (Instance instance = open()) {
      assertTrue(
          instance.snapshot("web").backends().stream()
              .allMatch(each -> each.health() == Health.UP));
    }
  }
}

package io.synlev.magctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ServiceCommandsTest extends Sandbox {
  @BeforeEach
  void create() {
    done("create 7 --pool web --backends 2 --vip 10.0.0.0");
    done("create 7 --pool dns");
  }

  @Test
  void shouldAddSetListAndRemove() {
    assertEquals(
        "service names is added: 10.0.0.53/32 2001:db8::/64 -> pool dns\n",
        done("service add names --vip 10.0.0.53 2001:db8::/64 --pool dns"));
    assertEquals(
        "service names is set: 10.0.0.54/32 -> pool dns\n",
        done("service set names --vip 10.0.0.54"));
    assertEquals(
        "service names is set: 10.0.0.54/32 -> pool web\n", done("service set names --pool web"));
    assertEquals(
        """
          SERVICE  POOL  VIPS
          names    web   10.0.0.54/32
          web      web   10.0.0.0/32
        """,
        done("service list"));
    assertEquals(
        "service web is removed: 10.0.0.0/32 -> pool web\n"
            + "service names is removed: 10.0.0.54/32 -> pool web\n",
        done("service remove web names"));
    assertEquals("no services: 'magctl service add' adds one\n", done("service list"));
  }

  @Test
  void shouldRefuseWhatIsTakenOrUnknown() {
    fails("service add web --vip 10.0.0.1 --pool dns", "service 'web' already");
    fails("service add b --vip 10.0.0.0 --pool dns", "VIP 10.0.0.0/32", "service 'web'");
    fails("service add b --vip 10.0.0.9 --pool dn", "no pool 'dn'", "did you mean 'dns'?");
    fails("service add b --vip 10.0.0.9", "no pool 'default'", "dns, web");
    fails("service set wbe --pool dns", "no service 'wbe'", "did you mean 'web'?");
    fails("service set web --pool mail", "no pool 'mail'");
    fails("service remove web mail", "no service 'mail'", "service list");
    isMisused("service add b --pool web", "--vip");
    isMisused("service add b --vip 10.0.0.256", "10.0.0.256");
    isMisused("service set web", "--vip or --pool");
    isMisused("service remove", "NAME");
  }

  @Test
  void shouldPrintJson() {
    Map<String, Object> web = Map.of("name", "web", "pool", "web", "vips", List.of("10.0.0.0/32"));
    assertEquals(Map.of("services", List.of(web)), run("service list --json").json());
    assertEquals(List.of(web), run("service remove web --json").json().get("removed"));
  }

  @Test
  void shouldDeleteAPoolOnlyWithItsServices() {
    fails("delete web dns", "service 'web' uses pool 'web'", "--services");
    done("delete web --services");
    assertEquals("no services: 'magctl service add' adds one\n", done("service list"));
    assertTrue(run("show").out().contains("pool dns"));
  }
}

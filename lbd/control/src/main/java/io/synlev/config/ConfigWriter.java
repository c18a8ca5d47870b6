package io.synlev.config;

import io.synlev.maglev.TableSize;
import io.synlev.state.Addresses;
import io.synlev.state.AdminState;
import io.synlev.state.Backend;
import io.synlev.state.Contents;
import io.synlev.state.Contents.PoolContents;
import io.synlev.state.Forwarding;
import io.synlev.state.HashOn;
import io.synlev.state.HealthCheck;
import io.synlev.state.InstanceSettings;
import io.synlev.state.NoBackend;
import io.synlev.state.Policy;
import io.synlev.state.PoolSettings;
import io.synlev.state.Protocol;
import io.synlev.state.Service;
import io.synlev.state.ServiceHandling;
import io.synlev.state.ServiceMatch;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes an instance as a configuration file. What is as it is by default is left out, but for
 * marks and capacities: a file that is read on a fresh host must give the same ones.
 */
public final class ConfigWriter {
  private final StringBuilder text = new StringBuilder();

  private ConfigWriter() {}

  /**
   * The file.
   *
   * @param instance its name
   * @param withSeed whether the secret is written
   */
  public static String write(
      String instance, InstanceSettings settings, Contents contents, boolean withSeed) {
    ConfigWriter writer = new ConfigWriter();
    writer.text.append("version: 1\ninstance:\n");
    writer.line(2, "name", scalar(instance));
    writer.line(2, "mark-mask", String.format("0x%x", settings.markMask()));
    if (withSeed) {
      writer.line(2, "seed", '"' + settings.seed().toHex() + '"');
    }
    if (!contents.pools().isEmpty()) {
      writer.text.append("pools:\n");
      contents.pools().forEach(writer::pool);
    }
    if (!contents.services().isEmpty()) {
      writer.text.append("services:\n");
      contents.services().forEach(writer::service);
    }
    return writer.text.toString();
  }

  private void pool(PoolContents pool) {
    PoolSettings settings = pool.settings();
    text.append("  ").append(scalar(pool.name())).append(":\n");
    if (settings.slots() != TableSize.DEFAULT) {
      line(4, "slots", String.valueOf(settings.slots()));
    }
    line(4, "capacity", String.valueOf(settings.capacity()));
    if (settings.policy() != Policy.MAGLEV) {
      line(4, "policy", settings.policy().label());
    }
    if (settings.hashOn() != HashOn.TUPLE) {
      line(4, "hash", settings.hashOn().label());
    }
    if (settings.ownFwmark() != 0) {
      line(4, "own-fwmark", Integer.toUnsignedString(settings.ownFwmark()));
    }
    if (settings.forwarding() != Forwarding.L2DSR) {
      line(4, "forwarding", settings.forwarding().label());
    }
    if (pool.check() != null) {
      text.append("    health-check:\n");
      fields(pool.check()).forEach(field -> text.append("      ").append(field).append('\n'));
    }
    if (!pool.backends().isEmpty()) {
      text.append("    backends:\n");
      pool.backends().forEach(this::backend);
    }
  }

  private void backend(Backend backend) {
    List<String> fields = fields(backend);
    text.append("      ").append(scalar(backend.name())).append(": {");
    text.append(String.join(", ", fields)).append("}\n");
  }

  /** A backend's keys and values, with its mark; what is as usual is left out. */
  static List<String> fields(Backend backend) {
    List<String> fields = new ArrayList<>();
    fields.add("fwmark: " + Integer.toUnsignedString(backend.fwmark()));
    if (backend.weight() != 1) {
      fields.add("weight: " + backend.weight());
    }
    if (backend.state() != AdminState.ACTIVE) {
      fields.add("state: " + backend.state().label());
    }
    if (backend.drainEnds()) {
      fields.add("drain-until: " + quoted(Values.formatTime(backend.drainUntilSeconds())));
    }
    if (backend.ipv4() != null) {
      fields.add("ipv4: " + Addresses.format(backend.ipv4()));
    }
    if (backend.ipv6() != null) {
      fields.add("ipv6: " + quoted(Addresses.format(backend.ipv6())));
    }
    if (backend.mac() != null) {
      fields.add("mac: " + quoted(backend.mac().toString()));
    }
    return fields;
  }

  /** A check's keys and values; what is as usual is left out. */
  static List<String> fields(HealthCheck check) {
    List<String> fields = new ArrayList<>();
    check.fields().forEach((key, value) -> fields.add(key + ": " + text(value)));
    return fields;
  }

  /** A text of any kind: plain where no reader of YAML takes it for something else. */
  private static String text(String value) {
    return value.matches("[a-z][a-z0-9/.-]*|[0-9]+(ms|[smh])?") && isName(value)
        ? value
        : quoted(value.replace("\\", "\\\\").replace("\"", "\\\""));
  }

  private void service(Service service) {
    text.append("  ").append(scalar(service.name())).append(":\n");
    for (String field : fields(service)) {
      text.append("    ").append(field).append('\n');
    }
  }

  /** A service's keys and values; what is as usual is left out. */
  static List<String> fields(Service service) {
    ServiceMatch match = service.match();
    ServiceHandling handling = service.handling();
    List<String> fields = new ArrayList<>();
    fields.add("pool: " + scalar(service.pool()));
    list(fields, "vips", match.vips());
    if (!match.protocols().equals(Protocol.ALL)) {
      fields.add("protocols: [" + Protocol.format(match.protocols()).replace(",", ", ") + "]");
    }
    list(fields, "ports", match.ports());
    list(fields, "from", match.sources());
    list(fields, "source-ports", match.sourcePorts());
    list(fields, "match", match.conditions());
    if (service.priority() != 0) {
      fields.add("priority: " + service.priority());
    }
    if (handling.hashOn() != null) {
      fields.add("hash: " + handling.hashOn().label());
    }
    if (!handling.noBackend().equals(NoBackend.DEFAULT)) {
      fields.add("no-backend: " + handling.noBackend());
    }
    if (!handling.echo()) {
      fields.add("echo: false");
    }
    if (handling.sctpOverUdpPort() != 0) {
      fields.add("sctp-over-udp: " + handling.sctpOverUdpPort());
    }
    return fields;
  }

  private static void list(List<String> fields, String key, List<?> values) {
    if (!values.isEmpty()) {
      fields.add(
          key + ": [" + String.join(", ", values.stream().map(each -> word(each)).toList()) + "]");
    }
  }

  /** An item of a list in brackets. */
  private static String word(Object value) {
    String text = value.toString();
    boolean isPlain = true;
    for (int i = 0; i < text.length(); i++) {
      isPlain &= Character.isLetterOrDigit(text.charAt(i)) || "./-".indexOf(text.charAt(i)) >= 0;
    }
    return isPlain ? text : quoted(text);
  }

  /** A name: quoted where YAML readers of others would take it for something else. */
  private static String scalar(String name) {
    boolean isPlain = Character.isLetter(name.charAt(0)) && name.indexOf(':') < 0;
    return isPlain && isName(name) ? name : quoted(name);
  }

  private static boolean isName(String text) {
    return !List.of("true", "false", "null", "yes", "no", "on", "off", "y", "n", "~")
        .contains(text.toLowerCase(java.util.Locale.ROOT));
  }

  /** What has a quote or a backslash in it is escaped before. */
  private static String quoted(String text) {
    return '"' + text + '"';
  }

  private void line(int indent, String key, String value) {
    text.append(" ".repeat(indent)).append(key).append(": ").append(value).append('\n');
  }
}

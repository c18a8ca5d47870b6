package io.synlev.magctl;

import io.synlev.state.Protocol;
import io.synlev.state.Service;
import io.synlev.state.ServiceHandling;
import io.synlev.state.ServiceMatch;
import java.util.ArrayList;
import java.util.List;

/** A service for people and scripts. What is as it is by default is left out. */
final class ServiceText {
  private ServiceText() {}

  /** Which packets: {@code tcp 203.0.113.7/32 port 80 from 192.0.2.0/24}. */
  static String packets(Service service) {
    ServiceMatch match = service.match();
    StringBuilder text = new StringBuilder();
    if (!protocols(service).equals("all")) {
      text.append(protocols(service)).append(' ');
    }
    text.append(words(" ", match.vips()));
    append(text, " port ", words(",", match.ports()));
    append(text, " from ", words(" ", match.sources()));
    append(text, " source port ", words(",", match.sourcePorts()));
    append(text, " if ", words(" and ", match.conditions()));
    return text.toString();
  }

  /** All of it: packets, pool, handling. */
  static String of(Service service) {
    return packets(service) + " -> pool " + service.pool() + handling(service);
  }

  /** Priority and handling: empty, or led by a comma. */
  static String handling(Service service) {
    ServiceHandling handling = service.handling();
    StringBuilder text = new StringBuilder();
    if (service.priority() != 0) {
      text.append(", priority ").append(service.priority());
    }
    return text.append(special(handling)).toString();
  }

  private static String special(ServiceHandling handling) {
    StringBuilder text = new StringBuilder();
    if (handling.hashOn() != null) {
      text.append(", hash on ").append(handling.hashOn().label());
    }
    String noBackend = handling.noBackend().toString();
    append(text, ", without backends ", noBackend.equals("default") ? "" : noBackend);
    if (!handling.echo()) {
      text.append(", no echo");
    }
    if (handling.sctpOverUdpPort() != 0) {
      text.append(", SCTP over UDP port ").append(handling.sctpOverUdpPort());
    }
    return text.toString();
  }

  /** A table; columns that would be empty are left out. */
  static String table(List<Service> services) {
    String[] head = {
      "SERVICE", "POOL", "PRIORITY", "PROTOCOLS", "VIPS", "PORTS", "FROM", "SOURCE PORTS", "IF", ""
    };
    List<String[]> rows = new ArrayList<>();
    rows.add(head);
    for (Service service : services) {
      ServiceMatch match = service.match();
      String special = special(service.handling());
      rows.add(
          new String[] {
            service.name(),
            service.pool(),
            service.priority() == 0 ? "" : Integer.toString(service.priority()),
            protocols(service).equals("all") ? "" : protocols(service),
            words(" ", match.vips()),
            words(",", match.ports()),
            words(" ", match.sources()),
            words(",", match.sourcePorts()),
            words(" and ", match.conditions()),
            special.isEmpty() ? "" : special.substring(2)
          });
    }
    List<String[]> narrow = withoutEmptyColumns(rows);
    return Text.table(narrow, new boolean[narrow.getFirst().length]);
  }

  private static List<String[]> withoutEmptyColumns(List<String[]> rows) {
    List<Integer> kept = new ArrayList<>();
    for (int column = 0; column < rows.getFirst().length; column++) {
      for (String[] row : rows.subList(1, rows.size())) {
        if (!row[column].isEmpty() && !kept.contains(column)) {
          kept.add(column);
        }
      }
    }
    List<String[]> narrower = new ArrayList<>();
    for (String[] row : rows) {
      String[] cells = new String[kept.size()];
      for (int i = 0; i < cells.length; i++) {
        cells[i] = row[kept.get(i)];
      }
      narrower.add(cells);
    }
    return narrower;
  }

  static String protocols(Service service) {
    return Protocol.format(service.match().protocols());
  }

  /** Joined; empty for none. */
  static String words(String separator, List<?> parts) {
    return String.join(separator, strings(parts));
  }

  static List<String> strings(List<?> parts) {
    List<String> words = new ArrayList<>();
    for (Object part : parts) {
      words.add(part.toString());
    }
    return words;
  }

  private static void append(StringBuilder text, String before, String words) {
    if (!words.isEmpty()) {
      text.append(before).append(words);
    }
  }
}

package io.synlev.tests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What runs on the servers of a lab: nginx on TCP port 80 and a server of the test peers on TCP and
 * UDP port {@value #PORT}. All answer with the name of their node. They end with the lab.
 */
public final class Servers {
  /** Where the test peer listens. */
  public static final int PORT = 5001;

  /** Bytes of what nginx has for the path /large. */
  public static final int LARGE = 4 << 20;

  private static final String NGINX =
      """
      user root;
      pid %1$s/%2$s.pid;
      error_log /dev/null;
      worker_processes 1;
      events {}
      http {
        access_log off;
        keepalive_timeout 0;
        client_body_temp_path %1$s; proxy_temp_path %1$s; fastcgi_temp_path %1$s;
        uwsgi_temp_path %1$s; scgi_temp_path %1$s;
        server {
          listen 80 backlog=4096;
          listen [::]:80 backlog=4096;
          location / { return 200 "%2$s\\n"; }
          location = /large { alias %1$s/large; keepalive_timeout 60; }
        }
      }
      """;

  private Servers() {}

  /** Starts the test peer on every server; when this returns, it listens. */
  public static void startPeers(Lab lab) {
    for (String node : lab.servers()) {
      lab.run(node, Lab.peer("whoserver"), "--background", "--out", "/dev/null").orFail();
    }
  }

  /**
   * Starts nginx on every server; when this returns, it listens. The path /large is {@link #LARGE}
   * bytes, after which the connection stays open.
   */
  public static void startNginx(Lab lab, Path scratch) {
    try {
      Files.write(scratch.resolve("large"), new byte[LARGE]);
      for (String node : lab.servers()) {
        Path configuration = scratch.resolve(node + ".conf");
        Files.writeString(configuration, NGINX.formatted(scratch, node));
        lab.run(node, "nginx", "-q", "-e", "/dev/null", "-c", configuration.toString()).orFail();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** ICMP echo requests of a family that each server has seen; those that saw none are left out. */
  public static Map<String, Long> echoesSeen(Lab lab, Family family) {
    Map<String, Long> seen = new TreeMap<>();
    for (String node : lab.servers()) {
      long echoes =
          family == Family.IPV4
              ? lab.kernelCounter(node, "Icmp", "InEchos")
              : icmp6Echoes(lab.run(node, "cat", "/proc/net/snmp6").orFail().out());
      if (echoes > 0) {
        seen.put(node, echoes);
      }
    }
    return seen;
  }

  private static long icmp6Echoes(String counters) {
    List<String> words =
        counters
            .lines()
            .filter(line -> line.startsWith("Icmp6InEchos "))
            .flatMap(line -> List.of(line.split("\\s+")).stream())
            .toList();
    return Long.parseLong(words.getLast());
  }
}

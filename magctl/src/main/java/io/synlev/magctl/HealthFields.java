package io.synlev.magctl;

import io.synlev.state.HealthCheck;
import io.synlev.state.StateException;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** What can be said of a health check; docs/health.md explains each. */
final class HealthFields {
  @Option(
      names = "--via",
      paramLabel = "WAY",
      completionCandidates = Words.Ways.class,
      description = "forwarding (to the VIP, by the backend's mark) or direct (to its address).")
  private String via;

  @Option(
      names = "--vip",
      paramLabel = "ADDRESS",
      description = "The VIP that is asked (the first one of the pool's services).")
  private String vip;

  @Option(names = "--port", paramLabel = "PORT", description = "The port that is asked.")
  private String port;

  @Option(names = "--interval", paramLabel = "TIME", description = "How often: 500ms, 2s (2s).")
  private String interval;

  @Option(names = "--timeout", paramLabel = "TIME", description = "How long one may take (1s).")
  private String timeout;

  @Option(names = "--rise", paramLabel = "N", description = "Good answers that bring up (2).")
  private String rise;

  @Option(names = "--fall", paramLabel = "N", description = "Bad ones that bring down (3).")
  private String fall;

  @Option(names = "--jitter", paramLabel = "PERCENT", description = "Of the interval (10).")
  private String jitter;

  @Option(
      names = "--back-off",
      paramLabel = "TIME",
      description = "Up to how long the interval of one that is down grows; 0: not (10s).")
  private String backOff;

  @Option(
      names = "--all-down",
      paramLabel = "HOW",
      completionCandidates = Words.AllDowns.class,
      description = "When nobody answers: keep the last in use, or drop them (keep).")
  private String allDown;

  @Option(
      names = "--slow-start",
      paramLabel = "TIME",
      description = "Until one that came back has all its weight (0).")
  private String slowStart;

  @Option(names = "--path", paramLabel = "PATH", description = "HTTP: the page (/).")
  private String path;

  @Option(names = "--host", paramLabel = "HOST", description = "HTTP: the Host (the address).")
  private String host;

  @Option(names = "--status", paramLabel = "CODES", description = "HTTP: good ones (200-399).")
  private String status;

  @Option(names = "--body", paramLabel = "TEXT", description = "HTTP: what must be in the page.")
  private String body;

  @Option(names = "--tls-name", paramLabel = "NAME", description = "HTTPS: the server's name.")
  private String tlsName;

  @Option(
      names = "--tls-verify",
      paramLabel = "true|false",
      description = "HTTPS: whether the certificate must be trusted (false).")
  private String tlsVerify;

  @Option(names = "--request", paramLabel = "TEXT", description = "UDP: a text, or hex:DIGITS.")
  private String request;

  @Option(names = "--response", paramLabel = "TEXT", description = "UDP: what must be answered.")
  private String response;

  @Option(names = "--command", paramLabel = "PATH", description = "Command: the program.")
  private String command;

  /** What was said, by the names of a configuration file. */
  private Map<String, String> said() {
    Map<String, String> said = new LinkedHashMap<>();
    said.put("via", via);
    said.put("vip", vip);
    said.put("port", port);
    said.put("interval", interval);
    said.put("timeout", timeout);
    said.put("rise", rise);
    said.put("fall", fall);
    said.put("jitter", jitter);
    said.put("back-off", backOff);
    said.put("all-down", allDown);
    said.put("slow-start", slowStart);
    said.put("path", path);
    said.put("host", host);
    said.put("status", status);
    said.put("body", body);
    said.put("tls-name", tlsName);
    said.put("tls-verify", tlsVerify);
    said.put("request", request);
    said.put("response", response);
    said.put("command", command);
    said.values().removeIf(value -> value == null);
    return said;
  }

  boolean isEmpty() {
    return said().isEmpty();
  }

  /**
   * The check that was asked for.
   *
   * @param kind what was said, or null
   * @param was the check in force, or null; what is not said stays, unless the kind is another one
   * @throws UsageException if it makes no sense
   */
  HealthCheck applyTo(String kind, HealthCheck was) {
    try {
      HealthCheck.Builder check = HealthCheck.builder();
      if (was != null && (kind == null || kind.equals(was.kind().label()))) {
        check.setAll(was);
      } else if (kind == null) {
        throw new UsageException("what is to be asked? Say tcp, http, https, udp, icmp or command");
      } else {
        check.set("kind", kind);
      }
      said().forEach(check::set);
      return check.build();
    } catch (StateException e) {
      throw new UsageException(e.getMessage());
    }
  }
}

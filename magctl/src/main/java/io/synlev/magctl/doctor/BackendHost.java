package io.synlev.magctl.doctor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A backend in a network namespace of this host.
 *
 * @param namespace its name, as {@code ip netns} knows it
 * @param refusal why it cannot be looked at, or null
 * @param localVips VIPs that it takes for addresses of its own
 * @param devices its interfaces without the loopback
 * @param settings of net.ipv4, by path: {@code conf/all/rp_filter}
 */
public record BackendHost(
    String namespace,
    String refusal,
    List<String> localVips,
    List<String> devices,
    Map<String, Long> settings) {
  private static final String SETTINGS = "/proc/sys/net/ipv4/";

  /** Looks into a namespace. */
  public static BackendHost look(Programs programs, String namespace, List<String> vips) {
    List<String> enter = List.of("nsenter", "--net=/run/netns/" + namespace, "--");
    List<String> ip = new ArrayList<>(enter);
    ip.addAll(List.of("ip", "-N", "-j", "-force", "-batch", "-"));
    StringBuilder questions = new StringBuilder("link show\n");
    vips.forEach(vip -> questions.append("route get ").append(vip).append('\n'));
    Programs.Output network = programs.start(questions.toString(), ip).get();
    if (network.out().isEmpty()) {
      return new BackendHost(namespace, network.err(), List.of(), List.of(), Map.of());
    }
    List<String> local = new ArrayList<>();
    List<String> devices = new ArrayList<>();
    try {
      List<BatchAnswers.Answer> answers = BatchAnswers.parse(1 + vips.size(), network);
      answers.getFirst().objects().forEach(link -> devices.add((String) link.get("ifname")));
      for (int i = 0; i < vips.size(); i++) {
        for (Map<String, Object> route : answers.get(1 + i).objects()) {
          if ("2".equals(route.get("type"))) {
            local.add(vips.get(i));
          }
        }
      }
    } catch (IOException | ClassCastException e) {
      return new BackendHost(namespace, "ip: " + e, List.of(), List.of(), Map.of());
    }
    devices.remove("lo");
    return new BackendHost(namespace, null, local, devices, settings(programs, enter, devices));
  }

  private static Map<String, Long> settings(
      Programs programs, List<String> enter, List<String> devices) {
    List<String> grep = new ArrayList<>(enter);
    grep.addAll(List.of("grep", "-Hs", ".", SETTINGS + "tcp_mtu_probing"));
    List<String> all = new ArrayList<>(devices);
    all.add("all");
    for (String device : all) {
      grep.add(SETTINGS + "conf/" + device + "/rp_filter");
      grep.add(SETTINGS + "conf/" + device + "/arp_ignore");
    }
    Map<String, Long> settings = new HashMap<>();
    for (String line : programs.start("", grep).get().out().split("\n")) {
      int colon = line.lastIndexOf(':');
      if (line.startsWith(SETTINGS) && colon > 0) {
        settings.put(
            line.substring(SETTINGS.length(), colon),
            Long.parseLong(line.substring(colon + 1).strip()));
      }
    }
    return settings;
  }

  /** What is in force on an interface: the larger of its own value and that of all. */
  public long value(String setting, String device) {
    return Math.max(
        settings.getOrDefault("conf/all/" + setting, 0L),
        settings.getOrDefault("conf/" + device + "/" + setting, 0L));
  }

  /** The setting tcp_mtu_probing. */
  public long mtuProbing() {
    return settings.getOrDefault("tcp_mtu_probing", 0L);
  }
}

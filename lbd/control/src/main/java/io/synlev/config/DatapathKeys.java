package io.synlev.config;

import java.util.ArrayList;
import java.util.List;

/**
 * The keys of {@code datapath} and {@code offload}: lbd's long options without dashes, those of
 * {@code offload} without {@code offload-}, with the same defaults.
 */
final class DatapathKeys {
  private static final String QUEUES = "^[0-9]{1,5}(:[0-9]{1,5})?$";
  private static final String OUTCOME = "^(drop|accept|mark=(0x[0-9a-fA-F]+|[0-9]+))$";

  private DatapathKeys() {}

  static List<Key> all() {
    List<Key> keys = new ArrayList<>();
    Section in = Section.DATAPATH;
    Form queues = Form.textOrNumber("N or \"N:M\"", QUEUES);
    Form outcome = Form.text("`drop`, `accept`, `mark=N`", OUTCOME);
    keys.add(new Key(in, "queue", "2", queues, "The queues, a thread each."));
    keys.add(option("copy-range", "256", 1, 65_535, "How many bytes of a packet are copied."));
    keys.add(option("queue-length", "4096", 1, Integer.MAX_VALUE, "Packets that may wait."));
    keys.add(
        option("receive-buffer", "4194304", 1, Integer.MAX_VALUE, "Bytes of the socket's buffer."));
    keys.add(option("batch", "64", 1, 256, "Packets that are decided together."));
    keys.add(
        new Key(in, "fail-open", "`false`", Form.yes(), "Whether a full queue lets packets pass."));
    keys.add(new Key(in, "fragment-queue", "none", queues, "Queues for fragments."));
    keys.add(
        new Key(
            in,
            "tun",
            "`synlev0`",
            Form.text("a device", "^[^ /]{1,15}$"),
            "Where held fragments come in again."));
    keys.add(
        option("fragment-table", "8192", 1, Integer.MAX_VALUE, "Datagrams a thread remembers."));
    keys.add(option("fragment-life", "200", 1, Integer.MAX_VALUE, "For so many milliseconds."));
    keys.add(option("fragment-hold", "2048", 0, Integer.MAX_VALUE, "Fragments a thread holds."));
    keys.add(option("fragment-hold-bytes", "4194304", 0, Integer.MAX_VALUE, "And bytes of them."));
    keys.add(
        new Key(
            in,
            "tier-interface",
            "none",
            Form.text("eth1 or eth1,eth2", "^[^ /]+$"),
            "Where other balancers' fragments come in."));
    keys.add(new Key(in, "no-service", "`drop`", outcome, "Packets to no VIP."));
    keys.add(
        new Key(
            in,
            "no-backend",
            "`drop`",
            outcome,
            "Packets to a pool without active backend; not `accept`."));
    keys.add(
        new Key(
            in,
            "icmp-errors",
            "`flow`",
            Form.choice("flow", "addresses", "drop"),
            "ICMP errors to a VIP."));
    keys.add(
        new Key(
            in,
            "log-level",
            "`info`",
            Form.choice("error", "warning", "info", "debug"),
            "What is logged."));
    return keys;
  }

  /** Of {@code offload}; {@code how} is {@code --offload} itself. */
  static List<Key> offload() {
    Section in = Section.OFFLOAD;
    return List.of(
        new Key(
            in,
            "how",
            "`auto`",
            Form.choice("conntrack", "tc", "none", "auto"),
            "Who carries established flows; `auto`: conntrack if it is there."),
        new Key(
            in,
            "interface",
            "none",
            Form.text("eth0 or eth0,eth1", "^[^ /]+$"),
            "With `tc`: where packets from clients arrive."),
        new Key(
            in,
            "mode",
            "`mark`",
            Form.choice("mark", "redirect"),
            "With `tc`: mark packets, or send them straight to the next hop."),
        new Key(
            in,
            "flows",
            "262144",
            Form.number(1, Integer.MAX_VALUE),
            "With `tc`: room for flows of each family."),
        new Key(
            in,
            "insertions",
            "100000",
            Form.number(0, Integer.MAX_VALUE),
            "With `tc`: the most new flows a second that a worker makes known; 0 for any."),
        new Key(
            in,
            "timeouts",
            "syn=120,tcp=7500,closing=240,udp=300,sctp=300",
            Form.text("KIND=S[,...]", "^[a-z0-9-]+=[0-9]+(,[a-z0-9-]+=[0-9]+)*$"),
            "With `tc`: for how many seconds idle flows are known."));
  }

  private static Key option(String name, String usual, long least, long most, String what) {
    return new Key(Section.DATAPATH, name, usual, Form.number(least, most), what);
  }
}

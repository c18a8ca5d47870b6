package io.synlev.config;

import java.util.ArrayList;
import java.util.List;

/**
 * Every key that a configuration file may have: the schema and the documentation's tables are made
 * of this, and what is not here is an error. A key stands here only if it does something.
 *
 * @param section where it stands
 * @param name as written
 * @param usual what holds without it, in words; null if it must be there
 * @param form what its value looks like
 * @param what it says, a sentence
 */
record Key(Section section, String name, String usual, Form form, String what) {
  private static final String PREFIX = "^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$";
  private static final String PORTS = "^[0-9]{1,5}(-[0-9]{1,5})?$";

  /** All, in the order of the documentation. */
  static final List<Key> ALL = all();

  boolean isRequired() {
    return usual == null;
  }

  /** What holds without it, in a word, for keys that may be left out. */
  String usualWord() {
    return usual.split(";")[0].replace("`", "");
  }

  static List<Key> of(Section section) {
    return ALL.stream().filter(key -> key.section == section).toList();
  }

  private static List<Key> all() {
    List<Key> keys = new ArrayList<>();
    file(keys);
    instance(keys);
    pool(keys);
    backend(keys);
    keys.addAll(HealthKeys.all());
    service(keys);
    keys.addAll(DatapathKeys.all());
    keys.addAll(DatapathKeys.offload());
    return List.copyOf(keys);
  }

  private static void file(List<Key> keys) {
    Section in = Section.FILE;
    keys.add(new Key(in, "version", null, Form.number(1, 1), "The form of the file: 1."));
    keys.add(new Key(in, "instance", "as it is", Form.keys("instance"), "The balancer itself."));
    keys.add(
        new Key(
            in,
            "pools",
            "none",
            Form.byName("pools by name", "pool"),
            "All pools; others are deleted."));
    keys.add(
        new Key(
            in,
            "services",
            "none",
            Form.byName("services by name", "service"),
            "All services; others are removed."));
    keys.add(
        new Key(
            in,
            "datapath",
            "lbd's defaults",
            Form.keys("datapath"),
            "How `lbd --config` runs; nothing of it is taken over by `apply`."));
    keys.add(
        new Key(
            in,
            "offload",
            "lbd's defaults",
            Form.keys("offload"),
            "Who carries established flows, of `lbd --config` likewise."));
  }

  private static void instance(List<Key> keys) {
    Section in = Section.INSTANCE;
    keys.add(
        new Key(in, "name", "as the command says", Form.name(), "Which instance the file is for."));
    keys.add(
        new Key(
            in,
            "mark-mask",
            "as it is; 0xffff when it is made",
            Form.mark(1),
            "The bits of the packet mark that are ours; fixed when the instance is made."));
    keys.add(
        new Key(
            in,
            "seed",
            "as it is; random when it is made",
            Form.text("32 hex digits, in quotes", "^[0-9a-fA-F]{32}$"),
            "The secret that keys hash and tables; fixed when the instance is made."));
    keys.add(
        new Key(
            in,
            "seed-file",
            "none",
            Form.text("a path", "^.+$"),
            "A file with the seed, instead of `seed`."));
    keys.add(
        new Key(
            in,
            "group",
            "as it is",
            Form.text("a group of this host", "^.+$"),
            "Whose members may use the control socket."));
  }

  private static void pool(List<Key> keys) {
    Section in = Section.POOL;
    keys.add(
        new Key(
            in, "slots", "65537", Form.number(7, 5_000_011), "Size of the table, a prime number."));
    keys.add(
        new Key(
            in,
            "capacity",
            "256, or as many as it has",
            Form.number(1, 65_534),
            "Room for backends."));
    keys.add(
        new Key(
            in,
            "policy",
            "`maglev`",
            Form.choice("maglev", "modulo", "round-robin", "least-connections"),
            "How the table is filled; `modulo` is for comparison, `round-robin` and"
                + " `least-connections` are for the dpdk datapath."));
    keys.add(
        new Key(
            in,
            "hash",
            "`tuple`",
            Form.choice("tuple", "addresses", "ports"),
            "Which fields choose the slot."));
    keys.add(
        new Key(
            in,
            "own-fwmark",
            "none",
            Form.mark(1),
            "This balancer's own mark, if the pool is a tier of balancers."));
    keys.add(
        new Key(
            in,
            "forwarding",
            "`l2dsr`",
            Form.choice("l2dsr", "ipip", "nat"),
            "How the DPDK datapath reaches the backends."));
    keys.add(
        new Key(
            in, "backends", "none", Form.byName("backends by name", "backend"), "Its servers."));
    keys.add(
        new Key(
            in,
            "health-check",
            "none",
            Form.keys("health-check"),
            "How lbd finds out whether they serve."));
  }

  private static void backend(List<Key> keys) {
    Section in = Section.BACKEND;
    keys.add(
        new Key(
            in,
            "fwmark",
            "as it is; the lowest free one for a new backend",
            Form.mark(1),
            "The mark that names it to the kernel, unique in the instance."));
    keys.add(
        new Key(in, "weight", "1", Form.number(0, 10_000), "Its share; 0 takes no new flows."));
    keys.add(
        new Key(
            in,
            "state",
            "`active`",
            Form.choice("active", "draining", "inactive"),
            "What people decided."));
    keys.add(
        new Key(
            in,
            "drain-until",
            "no end",
            Form.text("2026-11-26T18:00:00Z", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$"),
            "When `state: draining` becomes `inactive` at the latest; in UTC."));
    keys.add(
        new Key(
            in,
            "ipv4",
            "none",
            Form.text("an address", "^[0-9.]+$"),
            "Its IPv4 address or next hop."));
    keys.add(
        new Key(
            in,
            "ipv6",
            "none",
            Form.text("an address", "^[0-9A-Fa-f:.]+$"),
            "Its IPv6 address or next hop."));
    keys.add(
        new Key(
            in,
            "mac",
            "none",
            Form.text("02:00:5e:10:00:01", "^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$"),
            "Its Ethernet address, for layer 2."));
  }

  private static void service(List<Key> keys) {
    Section in = Section.SERVICE;
    Form prefixes = Form.listOf(Form.text("a prefix or address", PREFIX));
    Form ports = Form.listOf(Form.textOrNumber("80 or 8000-8999", PORTS));
    keys.add(new Key(in, "vips", null, prefixes, "Its virtual IPs."));
    keys.add(new Key(in, "pool", null, Form.name(), "The pool that answers."));
    keys.add(
        new Key(
            in,
            "protocols",
            "all; what `match` asks for",
            Form.listOf(Form.choice("tcp", "udp", "sctp", "icmp", "other", "all")),
            "Only these."));
    keys.add(new Key(in, "ports", "all", ports, "Only these destination ports."));
    keys.add(new Key(in, "from", "all", prefixes, "Only clients with these addresses."));
    keys.add(new Key(in, "source-ports", "all", ports, "Only clients with these ports."));
    keys.add(
        new Key(
            in,
            "match",
            "none",
            Form.listOf(Form.text("`tcp[12:2] & 0x01ff = 0x0002`", "^.+$")),
            "Conditions on bytes of the header; all must be met."));
    keys.add(
        new Key(
            in,
            "priority",
            "0",
            Form.number(-32_768, 32_767),
            "Of services that a packet fits, the highest gets it."));
    keys.add(
        new Key(
            in,
            "hash",
            "`pool`",
            Form.choice("tuple", "addresses", "ports", "pool"),
            "Which fields choose the slot; `pool`: as the pool says."));
    keys.add(
        new Key(
            in,
            "no-backend",
            "`default`",
            Form.text(
                "`default`, `drop`, `mark:N`", "^(default|drop|mark:(0x[0-9a-fA-F]+|[0-9]+))$"),
            "Without an active backend; `default`: as lbd says."));
    keys.add(
        new Key(
            in, "echo", "`true`", Form.yes(), "Whether pings to its VIPs go to its pool, too."));
    keys.add(
        new Key(
            in,
            "sctp-over-udp",
            "none",
            Form.number(1, 65_535),
            "The UDP port behind which SCTP comes, too; 9899 is usual."));
  }
}

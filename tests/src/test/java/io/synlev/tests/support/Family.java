package io.synlev.tests.support;

/** The addresses that a lab has of each family. */
public enum Family {
  IPV4("10.0.0.0", "50.0.0.0/16", "50.0.%d.%d", "iptables"),
  IPV6("1000::", "2000::/112", "2000::%x%02x", "ip6tables");

  private final String vip;
  private final String sources;
  private final String sourceFormat;
  private final String iptables;

  Family(String vip, String sources, String sourceFormat, String iptables) {
    this.vip = vip;
    this.sources = sources;
    this.sourceFormat = sourceFormat;
    this.iptables = iptables;
  }

  /** The virtual IP. */
  public String vip() {
    return vip;
  }

  /** The virtual IP as a host prefix. */
  public String vipPrefix() {
    return vip + (this == IPV4 ? "/32" : "/128");
  }

  /** An address and a port, as they stand in a URL. */
  public String endpoint(String address, int port) {
    return (this == IPV4 ? address : "[" + address + "]") + ":" + port;
  }

  /** All addresses of the client, as a prefix. */
  public String sources() {
    return sources;
  }

  /** One of the client's addresses, 1 to 65,000. */
  public String source(int number) {
    return sourceFormat.formatted(number >> 8, number & 0xff);
  }

  /** The command that makes rules for it. */
  public String iptables() {
    return iptables;
  }

  /** The address of a server on its link with the balancer, which is the next hop towards it. */
  public String server(int number) {
    return onLink(2, number);
  }

  /** An address on the links of a kind, which docs/lab.md numbers. */
  public String onLink(int kind, int number) {
    return (this == IPV4 ? "192.168.%d.%d" : "fd00:%d::%d").formatted(kind, number);
  }
}

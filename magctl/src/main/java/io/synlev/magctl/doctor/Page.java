package io.synlev.magctl.doctor;

/** Pages of the documentation, with the heading that is meant; a test looks whether it is there. */
public enum Page {
  STATE_FILES("state.md#files"),
  STATE_TROUBLE("state.md#when-something-goes-wrong"),
  DAEMON("lbd.md#start-and-end"),
  CHANGES("lbd.md#changes-while-it-runs"),
  CAPABILITIES("lbd.md#capabilities"),
  NO_START("lbd.md#when-it-does-not-start"),
  QUEUES("nfqueue.md#start-stop-failure"),
  RULES("rules.md#how-it-is-kept-and-undone"),
  RETURN_MODES("rules.md#return-modes"),
  MARKS("rules.md#a-packets-way"),
  BLACKHOLE("rules.md#blackhole-no-vip-packet-leaves-by-the-default-route"),
  TABLES("rules.md#table-numbers-priorities-several-instances"),
  FRAGMENTS("fragments.md#when-fragments-get-lost"),
  TC("tc.md#when-something-goes-wrong"),
  DPDK("dpdk.md#dpdk-itself"),
  SERVICES("services.md#which-packets"),
  BACKENDS("doctor.md#backends"),
  KERNEL("doctor.md#kernel-and-libraries"),
  HOST("doctor.md#the-host"),
  CONNTRACK("doctor.md#conntrack"),
  MEMORY("doctor.md#memory");

  private final String path;

  Page(String path) {
    this.path = path;
  }

  /** Seen from the root of the repository. */
  public String path() {
    return "docs/" + path;
  }
}

package io.synlev.magctl.whynot;

import io.synlev.magctl.doctor.Page;
import io.synlev.magctl.doctor.StateFacts.Member;
import io.synlev.state.Addresses;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** Judges what the server did with the packet, and its answer's way to the client. */
final class WayBack {
  private static final List<String> RETURN_CHECKS = List.of("rp-filter", "forwarding", "conntrack");

  /** A backend on a link of ours answers in less. */
  private static final long ASK_MILLIS = 1000;

  private final Case it;

  WayBack(Case it) {
    this.it = it;
  }

  /** The answer, and whether it left for the client. */
  void judge() {
    if (answer() && !it.facts().rules().returns("direct")) {
      departure();
    }
  }

  private boolean answer() {
    Optional<Sighting> comeback = it.evidence().comeback();
    if (comeback.isPresent()) {
      it.journey().ended("answer", "the packet came back on " + comeback.get().device());
      it.journey()
          .because(
              it.who() + " does not take " + Addresses.format(comeback.get().to()) + " for its own",
              "it forwards packets for the VIP as a router would",
              "there: ip address add " + Addresses.format(comeback.get().to()) + " dev lo",
              Page.BACKENDS);
      return false;
    }
    Optional<Sighting> answer =
        it.evidence().answer().isPresent() ? it.evidence().answer() : it.evidence().returned();
    if (answer.isPresent()) {
      return judge(answer.get(), " after " + it.evidence().after(answer.get()));
    }
    return ask();
  }

  private boolean judge(Sighting answer, String when) {
    String text = words(answer) + " from " + answer.sender() + " by " + answer.device() + when;
    if (answer.kind() == Sighting.Kind.ANSWER) {
      it.journey().passed("answer", text);
      return true;
    }
    it.journey().ended("answer", text);
    boolean refused = answer.kind() == Sighting.Kind.REFUSAL;
    it.journey()
        .because(
            refused
                ? it.who() + " takes no connections at port " + it.evidence().flow().port()
                : answer.sender() + " could not deliver the packet",
            refused
                ? "nobody listens there, or a firewall answers for it"
                : "it said so with an ICMP error: no such port, address or route there",
            "on the server: ss -ltun, and its firewall",
            Page.BACKENDS);
    return false;
  }

  private String words(Sighting answer) {
    return switch (answer.kind()) {
      case PROBE -> "the packet";
      case ANSWER -> it.evidence().flow().isTcp() ? "a SYN-ACK" : "a datagram";
      case REFUSAL -> "a reset";
      case ERROR -> "an ICMP error";
    };
  }

  /** No answer came by; with direct return none has to. */
  private boolean ask() {
    Optional<Member> member = it.member();
    if (member.isEmpty() || it.address(member.get()) == null) {
      it.journey().unseen("answer", "none came by here");
      return false;
    }
    InetAddress address = it.address(member.get());
    boolean translated = it.facts().rules().returns("dnat");
    InetAddress to = translated ? address : it.evidence().flow().destination();
    BackendAsk.Result result =
        BackendAsk.ask(it.facts().programs(), it.evidence().flow(), address, to, ASK_MILLIS);
    if (result.refusal() != null) {
      it.journey()
          .unseen("answer", "none came by here; cannot ask the backend: " + result.refusal());
      return false;
    }
    if (result.answer() == null) {
      silent(result);
      return false;
    }
    if (result.answer().kind() != Sighting.Kind.ANSWER) {
      return judge(result.answer(), " when asked from " + result.asker());
    }
    if (it.facts().rules().returns("direct")) {
      it.journey()
          .unseen(
              "answer",
              it.who() + " answers " + result.asker() + "; answers to clients go past us");
      return false;
    }
    it.journey().ended("answer", it.who() + " answers " + result.asker() + ", but not the client");
    it.journey()
        .because(
            "answers of " + it.who() + " to clients do not come back to this host",
            "with " + it.facts().rules().returns() + " return they have to",
            "there: a default route by this host",
            Page.RETURN_MODES);
    return false;
  }

  private void silent(BackendAsk.Result result) {
    if (!it.evidence().flow().isTcp()) {
      it.journey().unseen("answer", "none; a UDP server need not answer an empty datagram");
      return;
    }
    it.journey().ended("answer", it.who() + " says nothing, not even to " + result.asker());
    it.journey()
        .because(
            it.who() + " does not answer",
            "it got the packet on its link, and does not take it: the VIP is no address of its own,"
                + " a firewall or rp_filter drops it, or its answers get lost",
            "there: ip address show lo, tcpdump, nstat; 'magctl doctor --backend-netns' if it is here",
            Page.BACKENDS);
  }

  private void departure() {
    Optional<Sighting> returned = it.evidence().returned();
    if (returned.isPresent()) {
      it.journey().passed("return", "the answer left for the client");
      return;
    }
    it.journey().ended("return", "the answer did not leave this host");
    it.blame(RETURN_CHECKS);
    if (it.journey().findings().isEmpty()) {
      it.journey()
          .because(
              "the kernel did not forward the answer",
              "no setting explains it, so a rule of the firewall may have dropped it, or there is no"
                  + " route to the client",
              "see the FORWARD chains: iptables-save -c, nft list ruleset; ip route get CLIENT",
              Page.RETURN_MODES);
    }
  }
}

package io.synlev.magctl.whynot;

import io.synlev.magctl.doctor.Network;
import io.synlev.magctl.doctor.Page;
import io.synlev.magctl.doctor.PathQuestion;
import io.synlev.magctl.doctor.RouteAnswer;
import io.synlev.magctl.doctor.RouteDiagnosis;
import io.synlev.magctl.doctor.StateFacts.Member;
import io.synlev.state.Addresses;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** Judges the packet's way from the interface to the server's link. */
final class WayThere {
  private static final List<String> ARRIVAL_CHECKS = List.of("links");
  private static final List<String> QUEUE_CHECKS =
      List.of(
          "daemon", "links", "queues", "rules", "kernel", "capabilities", "conntrack", "libraries");
  private static final List<String> DECISION_CHECKS = List.of("pools", "daemon");
  private static final List<String> ROUTE_CHECKS =
      List.of("addresses", "forwarding", "rp-filter", "tables", "backend-routes", "rules");

  private final Case it;

  WayThere(Case it) {
    this.it = it;
  }

  /** Whether it left for the server. */
  boolean judge() {
    return arrival() && decision() && departure();
  }

  private boolean arrival() {
    if (it.evidence().arrival().isPresent()) {
      it.journey().passed("arrival", "came in on " + it.evidence().device());
      return true;
    }
    it.journey().ended("arrival", "did not come in on " + it.evidence().device());
    it.blame(ARRIVAL_CHECKS);
    if (it.journey().findings().isEmpty()) {
      it.journey()
          .because(
              it.evidence().device() + " takes no packets",
              "what tc redirected there was not seen there",
              "look at 'tc filter show dev " + it.evidence().device() + " ingress'",
              Page.HOST);
    }
    return false;
  }

  private boolean decision() {
    Decided decided = it.evidence().decided();
    if (decided == null && it.evidence().departure().isPresent() && it.facts().daemon().answers()) {
      it.journey().unseen("queue", "left without a decision of lbd's");
      return true;
    }
    if (decided == null) {
      it.journey().ended("queue", "lbd did not decide about it");
      it.blame(QUEUE_CHECKS);
      if (it.journey().findings().isEmpty()) {
        it.journey()
            .because(
                "the packet did not come to lbd",
                "no check finds why: a rule ahead of ours, a firewall of others, or a full queue",
                "iptables-save -c before and after, and 'nft monitor trace'",
                Page.MARKS);
      }
      return false;
    }
    it.journey()
        .passed(
            "queue",
            decided.queue() == null
                ? "it came to lbd without a queue"
                : "queue " + decided.queue() + " brought it to lbd");
    if (decided.isForwarded()) {
      String who = "backend " + decided.backend() + " of pool " + decided.pool();
      String mark = "0x" + Integer.toHexString(decided.mark());
      it.journey().passed("decision", who + ", mark " + mark + ", " + decided.reason());
      return true;
    }
    it.journey()
        .ended("decision", decided.action() + ", " + decided.reason() + ": " + decided.sentence());
    it.blame(DECISION_CHECKS);
    if (it.journey().findings().isEmpty()) {
      it.journey()
          .because(
              "lbd gave the packet to no backend",
              decided.sentence(),
              "'magctl explain' shows every step of the decision",
              Page.BACKENDS);
    }
    return false;
  }

  private boolean departure() {
    Optional<Sighting> left = it.evidence().departure();
    if (left.isPresent()) {
      String to = Addresses.format(left.get().to());
      it.journey().passed("route", "left by " + left.get().device() + ", addressed to " + to);
      return true;
    }
    it.journey().ended("route", "did not leave this host");
    Network now = Network.look(it.facts().programs());
    Optional<Member> member = it.member();
    if (member.isPresent() && it.address(member.get()) != null) {
      route(member.get(), it.address(member.get()), now);
    }
    it.blame(ROUTE_CHECKS);
    if (it.journey().findings().isEmpty()) {
      it.journey()
          .because(
              "the kernel did not forward the packet",
              "route and neighbour are in order, so a rule of the firewall may have dropped it",
              "see the FORWARD chains: iptables-save -c, nft list ruleset",
              Page.HOST);
    }
    return false;
  }

  private void route(Member member, InetAddress address, Network now) {
    String vip = Addresses.format(it.evidence().flow().destination());
    String client = Addresses.format(it.evidence().flow().source());
    PathQuestion question =
        PathQuestion.of(it.facts(), member, address, vip, it.evidence().device(), client);
    if (now.link(it.evidence().device()).isEmpty()) {
      question = PathQuestion.of(it.facts(), member, address, vip, null, null);
    }
    List<RouteAnswer> answers = PathQuestion.ask(it.facts().programs(), List.of(question));
    if (!answers.isEmpty()) {
      RouteDiagnosis diagnosis = RouteDiagnosis.of(it.facts(), question, answers.getFirst());
      if (diagnosis != null) {
        it.journey().because(diagnosis.title(), diagnosis.why(), diagnosis.fix(), Page.BACKENDS);
      }
    }
    String text = Addresses.format(address);
    if (now.neighbour(text).filter(Network.Neighbour::isSilent).isPresent()) {
      it.journey()
          .because(
              member + " (" + text + ") does not answer on " + now.neighbour(text).get().device(),
              "the kernel asks who has the address, and nobody says so",
              "is the server up, on this link, and is the address right?",
              Page.BACKENDS);
    }
  }
}

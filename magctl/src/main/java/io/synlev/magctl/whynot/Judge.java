package io.synlev.magctl.whynot;

import io.synlev.magctl.doctor.Check;
import io.synlev.magctl.doctor.Doctor;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.doctor.Finding;
import io.synlev.magctl.doctor.Network;
import io.synlev.magctl.doctor.Page;
import io.synlev.magctl.doctor.PathQuestion;
import io.synlev.magctl.doctor.RouteAnswer;
import io.synlev.magctl.doctor.RouteDiagnosis;
import io.synlev.magctl.doctor.Severity;
import io.synlev.magctl.doctor.StateFacts.Member;
import io.synlev.magctl.doctor.check.Checks;
import io.synlev.state.Addresses;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** Says what the evidence means, station by station, and asks the doctor where a packet ended. */
final class Judge {
  private static final List<String> ARRIVAL_CHECKS = List.of("links");
  private static final List<String> QUEUE_CHECKS =
      List.of(
          "daemon", "links", "queues", "rules", "kernel", "capabilities", "conntrack", "libraries");
  private static final List<String> DECISION_CHECKS = List.of("pools", "daemon");
  private static final List<String> ROUTE_CHECKS =
      List.of("addresses", "forwarding", "rp-filter", "tables", "backend-routes", "rules");
  private static final List<String> RETURN_CHECKS = List.of("rp-filter", "forwarding", "conntrack");

  /** A backend on a link of ours answers in less. */
  private static final long ASK_MILLIS = 1000;

  private final Facts facts;
  private final Evidence evidence;
  private final Journey journey;

  private Judge(Facts facts, Evidence evidence, Journey journey) {
    this.facts = facts;
    this.evidence = evidence;
    this.journey = journey;
  }

  /** Adds to a journey what was seen. */
  static void judge(Facts facts, Evidence evidence, Journey journey) {
    Judge judge = new Judge(facts, evidence, journey);
    if (judge.arrival() && judge.decision() && judge.departure() && judge.answer()) {
      judge.wayBack();
    }
  }

  private boolean arrival() {
    if (evidence.arrival().isPresent()) {
      journey.passed("arrival", "came in on " + evidence.device());
      return true;
    }
    journey.ended("arrival", "did not come in on " + evidence.device());
    blame(ARRIVAL_CHECKS);
    if (journey.findings().isEmpty()) {
      journey.because(
          evidence.device() + " takes no packets",
          "what tc redirected there was not seen there",
          "look at 'tc filter show dev " + evidence.device() + " ingress'",
          Page.HOST);
    }
    return false;
  }

  private boolean decision() {
    Decided decided = evidence.decided();
    if (decided == null && evidence.departure().isPresent() && facts.daemon().answers()) {
      journey.unseen("queue", "left without a decision of lbd's");
      return true;
    }
    if (decided == null) {
      journey.ended("queue", "lbd did not decide about it");
      blame(QUEUE_CHECKS);
      if (journey.findings().isEmpty()) {
        journey.because(
            "the packet did not come to lbd",
            "no check finds why: a rule ahead of ours, a firewall of others, or a full queue",
            "iptables-save -c before and after, and 'nft monitor trace'",
            Page.MARKS);
      }
      return false;
    }
    journey.passed("queue", "queue " + decided.queue() + " brought it to lbd");
    if (decided.isForwarded()) {
      String who = "backend " + decided.backend() + " of pool " + decided.pool();
      String mark = "0x" + Integer.toHexString(decided.mark());
      journey.passed("decision", who + ", mark " + mark + ", " + decided.reason());
      return true;
    }
    journey.ended(
        "decision", decided.action() + ", " + decided.reason() + ": " + decided.sentence());
    blame(DECISION_CHECKS);
    if (journey.findings().isEmpty()) {
      journey.because(
          "lbd gave the packet to no backend",
          decided.sentence(),
          "'magctl explain' shows every step of the decision",
          Page.BACKENDS);
    }
    return false;
  }

  private Optional<Member> member() {
    Decided decided = evidence.decided();
    return facts.state().served().stream()
        .filter(each -> decided != null && each.backend().name().equals(decided.backend()))
        .filter(each -> each.pool().name().equals(decided.pool()))
        .findFirst();
  }

  private InetAddress address(Member member) {
    return evidence.flow().isIpv6() ? member.backend().ipv6() : member.backend().ipv4();
  }

  private boolean departure() {
    Optional<Sighting> left = evidence.departure();
    if (left.isPresent()) {
      String to = Addresses.format(left.get().to());
      journey.passed("route", "left by " + left.get().device() + ", addressed to " + to);
      return true;
    }
    journey.ended("route", "did not leave this host");
    Network now = Network.look(facts.programs());
    Optional<Member> member = member();
    if (member.isPresent() && address(member.get()) != null) {
      route(member.get(), address(member.get()), now);
    }
    blame(ROUTE_CHECKS);
    if (journey.findings().isEmpty()) {
      journey.because(
          "the kernel did not forward the packet",
          "route and neighbour are in order, so a rule of the firewall may have dropped it",
          "see the FORWARD chains: iptables-save -c, nft list ruleset",
          Page.HOST);
    }
    return false;
  }

  private void route(Member member, InetAddress address, Network now) {
    String vip = Addresses.format(evidence.flow().destination());
    String client = Addresses.format(evidence.flow().source());
    PathQuestion question = PathQuestion.of(facts, member, address, vip, evidence.device(), client);
    if (now.link(evidence.device()).isEmpty()) {
      question = PathQuestion.of(facts, member, address, vip, null, null);
    }
    List<RouteAnswer> answers = PathQuestion.ask(facts.programs(), List.of(question));
    if (!answers.isEmpty()) {
      RouteDiagnosis diagnosis = RouteDiagnosis.of(facts, question, answers.getFirst());
      if (diagnosis != null) {
        journey.because(diagnosis.title(), diagnosis.why(), diagnosis.fix(), Page.BACKENDS);
      }
    }
    String text = Addresses.format(address);
    if (now.neighbour(text).filter(Network.Neighbour::isSilent).isPresent()) {
      journey.because(
          member + " (" + text + ") does not answer on " + now.neighbour(text).get().device(),
          "the kernel asks who has the address, and nobody says so",
          "is the server up, on this link, and is the address right?",
          Page.BACKENDS);
    }
  }

  private boolean answer() {
    Optional<Sighting> comeback = evidence.comeback();
    if (comeback.isPresent()) {
      journey.ended("answer", "the packet came back on " + comeback.get().device());
      journey.because(
          who() + " does not take " + Addresses.format(comeback.get().to()) + " for its own",
          "it forwards packets for the VIP as a router would",
          "there: ip address add " + Addresses.format(comeback.get().to()) + " dev lo",
          Page.BACKENDS);
      return false;
    }
    Optional<Sighting> answer =
        evidence.answer().isPresent() ? evidence.answer() : evidence.returned();
    if (answer.isPresent()) {
      return judge(answer.get(), " after " + evidence.after(answer.get()));
    }
    return ask();
  }

  private boolean judge(Sighting answer, String when) {
    String text = words(answer) + " from " + answer.sender() + " by " + answer.device() + when;
    if (answer.kind() == Sighting.Kind.ANSWER) {
      journey.passed("answer", text);
      return true;
    }
    journey.ended("answer", text);
    boolean refused = answer.kind() == Sighting.Kind.REFUSAL;
    journey.because(
        refused
            ? who() + " takes no connections at port " + evidence.flow().port()
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
      case ANSWER -> evidence.flow().isTcp() ? "a SYN-ACK" : "a datagram";
      case REFUSAL -> "a reset";
      case ERROR -> "an ICMP error";
    };
  }

  private String who() {
    return member().map(Object::toString).orElse("the backend");
  }

  /** No answer came by; with direct return none has to. */
  private boolean ask() {
    Optional<Member> member = member();
    if (member.isEmpty() || address(member.get()) == null) {
      journey.unseen("answer", "none came by here");
      return false;
    }
    InetAddress address = address(member.get());
    boolean translated = facts.rules().returns("dnat");
    InetAddress to = translated ? address : evidence.flow().destination();
    BackendAsk.Result result =
        BackendAsk.ask(facts.programs(), evidence.flow(), address, to, ASK_MILLIS);
    if (result.refusal() != null) {
      journey.unseen("answer", "none came by here; cannot ask the backend: " + result.refusal());
      return false;
    }
    if (result.answer() == null) {
      silent(result);
      return false;
    }
    if (result.answer().kind() != Sighting.Kind.ANSWER) {
      return judge(result.answer(), " when asked from " + result.asker());
    }
    if (facts.rules().returns("direct")) {
      journey.unseen(
          "answer", who() + " answers " + result.asker() + "; answers to clients go past us");
      return false;
    }
    journey.ended("answer", who() + " answers " + result.asker() + ", but not the client");
    journey.because(
        "answers of " + who() + " to clients do not come back to this host",
        "with " + facts.rules().returns() + " return they have to",
        "there: a default route by this host",
        Page.RETURN_MODES);
    return false;
  }

  private void silent(BackendAsk.Result result) {
    if (!evidence.flow().isTcp()) {
      journey.unseen("answer", "none; a UDP server need not answer an empty datagram");
      return;
    }
    journey.ended("answer", who() + " says nothing, not even to " + result.asker());
    journey.because(
        who() + " does not answer",
        "it got the packet on its link, and does not take it: the VIP is no address of its own,"
            + " a firewall or rp_filter drops it, or its answers get lost",
        "there: ip address show lo, tcpdump, nstat; 'magctl doctor --backend-netns' if it is here",
        Page.BACKENDS);
  }

  private void wayBack() {
    if (facts.rules().returns("direct")) {
      return;
    }
    Optional<Sighting> returned = evidence.returned();
    if (returned.isPresent()) {
      journey.passed("return", "the answer left for the client");
      return;
    }
    journey.ended("return", "the answer did not leave this host");
    blame(RETURN_CHECKS);
    if (journey.findings().isEmpty()) {
      journey.because(
          "the kernel did not forward the answer",
          "no setting explains it, so a rule of the firewall may have dropped it, or there is no"
              + " route to the client",
          "see the FORWARD chains: iptables-save -c, nft list ruleset; ip route get CLIENT",
          Page.RETURN_MODES);
    }
  }

  /** Adds what the doctor finds at a station. */
  private void blame(List<String> names) {
    List<Check> checks =
        Checks.all().stream().filter(check -> names.contains(check.name())).toList();
    for (Finding finding : Doctor.examine(checks, facts, false)) {
      boolean isNew =
          journey.findings().stream().noneMatch(known -> known.title().equals(finding.title()));
      if (finding.severity() == Severity.FAILURE && isNew) {
        journey.because(finding);
      }
    }
  }
}

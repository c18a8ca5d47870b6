package io.synlev.magctl;

import io.synlev.ffi.NativeException;
import io.synlev.magctl.doctor.Facts;
import io.synlev.magctl.whynot.Journey;
import io.synlev.magctl.whynot.ProbeFlow;
import io.synlev.magctl.whynot.WhyNot;
import io.synlev.state.Addresses;
import io.synlev.state.Instance;
import io.synlev.state.StateException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sends a packet to a VIP and says where it ended. */
@Command(
    name = "why-not",
    description = {
      "Send one packet to a VIP as if a client had, watch it, and say station by station how far"
          + " it came, and why no further.",
      "Without --from the client is an address of a network for tests, which exists nowhere, and"
          + " its answer is caught here. Needs root, in the network namespace where lbd runs."
    },
    footer = {
      "",
      "Examples:",
      "  magctl why-not 10.0.0.0:80",
      "  magctl why-not [1000::]:53 --protocol udp",
      "  magctl why-not 10.0.0.0:80 --from 198.51.100.7:40000    that very flow",
      "",
      "Exit codes: 0 it came as far as can be seen, 1 it did not, 2 wrong usage.",
      "docs/doctor.md tells what it does and what it cannot see."
    })
final class WhyNotCommand extends InstanceCommand {
  private static final int FIRST_PORT = 49152;
  private static final int PORTS = 16384;

  @Parameters(paramLabel = "VIP:PORT", description = "What a client cannot reach.")
  private String destination;

  @Option(names = "--protocol", paramLabel = "PROTOCOL", description = "tcp (if not given) or udp.")
  private String protocol = "tcp";

  @Option(
      names = "--from",
      paramLabel = "SOURCE",
      description =
          "The client, with a port or without: who has that address gets the answer, and this"
              + " host does not see it with direct return.")
  private String from;

  @Option(
      names = "--interface",
      paramLabel = "IF",
      description = "Where the packet comes in (as lbrules has it, or the default route's).")
  private String device;

  @Option(
      names = "--wait",
      paramLabel = "MS",
      description = "How long to wait for an answer (1000).")
  private long waitMillis = 1000;

  WhyNotCommand(Context context) {
    super(context);
  }

  @Override
  int call() {
    ProbeFlow flow = flow();
    if (waitMillis < 1) {
      throw new UsageException("--wait " + waitMillis + ": choose 1 ms or more");
    }
    Facts facts = HostFacts.gather(context, directory(), List.of());
    if (!facts.usesQueues()) {
      throw new StateException(
          "packets of this instance go by DPDK and never come to the kernel: 'magctl trace' and"
              + " 'magctl explain' show what is decided");
    }
    String client = Addresses.format(flow.source());
    if (facts.network().deviceOf(client).isPresent()) {
      throw new StateException(
          client
              + " is an address of this host, and the kernel takes no packets from itself: name a"
              + " client, or leave out --from");
    }
    Journey journey = facts.state().isReadable() ? follow(facts, flow) : WhyNot.withoutState(facts);
    if (json) {
      printJson(JourneyText.json(flow, journey));
    } else {
      console().print(JourneyText.text(flow, journey, console()));
    }
    return journey.end() == null ? Magctl.DONE : Magctl.FAILED;
  }

  private ProbeFlow flow() {
    if (!protocol.equals("tcp") && !protocol.equals("udp")) {
      throw new UsageException("--protocol " + protocol + ": choose tcp or udp");
    }
    FlowText text = FlowText.parse(protocol, from == null ? nobody() : withPort(from), destination);
    return new ProbeFlow(
        text.protocol(),
        text.source().address(),
        text.source().port(),
        text.destination().address(),
        text.destination().port());
  }

  /** Somebody in a network for tests (RFC 2544, RFC 5180), another one for each process. */
  private String nobody() {
    long pid = ProcessHandle.current().pid();
    return withPort(
        destination.startsWith("[")
            ? "2001:2::" + Long.toHexString(pid & 0xffff)
            : "198.18." + (pid >> 8 & 0xff) + "." + (pid & 0xff));
  }

  /** With another port each time, so that nothing of an earlier packet is remembered. */
  private static String withPort(String client) {
    int colon = client.indexOf(':');
    boolean isBareIpv6 = !client.startsWith("[") && colon != client.lastIndexOf(':');
    if (!isBareIpv6 && (client.startsWith("[") ? client.contains("]:") : colon >= 0)) {
      return client;
    }
    long port = FIRST_PORT + System.nanoTime() / 1000 % PORTS;
    return (isBareIpv6 ? "[" + client + "]" : client) + ":" + port;
  }

  private Journey follow(Facts facts, ProbeFlow flow) {
    try (Instance instance = open();
        Interruption interruption = new Interruption()) {
      FlowText text =
          new FlowText(
              flow.protocol(),
              new FlowText.Endpoint(flow.source(), flow.sourcePort()),
              new FlowText.Endpoint(flow.destination(), flow.port()));
      Explanation explanation = explain(instance, text);
      if (explanation.service() == null) {
        String near = String.join("; ", explanation.near());
        return WhyNot.withoutService(
            near.isEmpty() ? explanation.destination() + " lies in no VIP" : near);
      }
      WhyNot.Request request = new WhyNot.Request(flow, device, from == null, waitMillis);
      String service = explanation.service().name();
      if (!facts.daemon().answers()) {
        return WhyNot.follow(
            facts, request, service, Optional::empty, () -> interruption.isAsked(0));
      }
      try (TracedDecisions decisions = TracedDecisions.start(directory(), flow)) {
        return WhyNot.follow(facts, request, service, decisions, () -> interruption.isAsked(0));
      }
    } catch (NativeException e) {
      throw new StateException(e.getMessage(), e);
    }
  }

  private static Explanation explain(Instance instance, FlowText flow) {
    SteeringAssumptions assumptions = SteeringAssumptions.of(instance);
    try (Explainer explainer = new Explainer(instance, assumptions)) {
      return explainer.explain(0, 0, FlowPacket.of(flow, TcpFlags.SYN.value())).getFirst();
    }
  }
}

package io.synlev.magctl;

import io.synlev.magctl.pcap.CaptureReader;
import io.synlev.magctl.pcap.CapturedPacket;
import io.synlev.state.Instance;
import io.synlev.state.StateException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what would be decided about packets, with the code that decides. */
@Command(
    name = "explain",
    description = {
      "Show what is decided about packets, and every step to it. The code and the tables are those"
          + " that lbd uses; its options are asked of it, if it runs.",
      "Nothing is sent, counted or changed. What only lbd remembers (live flows, fragments that it"
          + " has seen) is not known here."
    },
    footer = {
      "",
      "Examples:",
      "  magctl explain tcp 192.0.2.1:1234 10.0.0.0:80       the SYN of a flow",
      "  magctl explain udp [2001:db8::1]:53 [1000::]:53     IPv6 in brackets",
      "  magctl explain icmp 192.0.2.1:7 10.0.0.0            ping with identifier 7",
      "  magctl explain --flags ack 192.0.2.1:1234 10.0.0.0:80",
      "  magctl explain --hex '45 00 00 28 ...'              from the IP header on",
      "  magctl explain --pcap file.pcapng --limit 100       one line a packet",
      "  tcpdump -i eth0 -w - | magctl explain --pcap -",
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong usage. docs/seeing.md tells more."
    })
final class ExplainCommand extends InstanceCommand {
  private static final String STDIN = "-";

  @Parameters(
      arity = "0..3",
      paramLabel = "FLOW",
      description =
          "[PROTOCOL] SOURCE DESTINATION: tcp (if not given), udp, sctp, icmp or a number; with"
              + " icmp the source's port is the echo identifier.")
  private List<String> flow = List.of();

  @Option(
      names = "--flags",
      paramLabel = "FLAG[,FLAG]",
      description = "With a tcp flow: the flags of its packet (syn).")
  private String flags;

  @Option(
      names = "--hex",
      paramLabel = "BYTES",
      description = "A packet as hexadecimal digits, from its IP header on.")
  private String hex;

  @Option(
      names = "--pcap",
      paramLabel = "FILE",
      description =
          "The packets of a pcap or pcapng file, in turn; \"-\" is stdin. Ethernet (VLAN tags are"
              + " skipped), raw IP and Linux cooked captures. With --json one object a line.")
  private String pcap;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "With --pcap: end after N packets of the file.")
  private long limit = Long.MAX_VALUE;

  ExplainCommand(Context context) {
    super(context);
  }

  @Override
  boolean setWords(List<String> words) {
    flow = words;
    return words.size() == 2 || words.size() == 3;
  }

  @Override
  int call() {
    int given = (flow.isEmpty() ? 0 : 1) + (hex == null ? 0 : 1) + (pcap == null ? 0 : 1);
    if (given != 1 || flow.size() == 1) {
      throw new UsageException(
          "give a flow, such as tcp 198.51.100.7:40000 10.0.0.0:80, or --hex, or --pcap");
    }
    if (flags != null && flow.isEmpty()) {
      throw new UsageException("--flags is for a flow; a packet has its own");
    }
    if (limit < 1) {
      throw new UsageException("--limit " + limit + ": choose 1 or more packets");
    }
    // What is wrong with the packet is said before anything is opened.
    byte[] packet = pcap != null ? null : hex != null ? HexBytes.parse(hex) : packetOfFlow();
    try (Instance instance = open()) {
      SteeringAssumptions assumptions = SteeringAssumptions.of(instance);
      try (Explainer explainer = new Explainer(instance, assumptions)) {
        if (packet != null) {
          explainOne(explainer, assumptions, packet, instance.settings().markMask());
        } else {
          explainAll(explainer, assumptions);
        }
      }
    }
    return Magctl.DONE;
  }

  private byte[] packetOfFlow() {
    int first = flow.size() - 2;
    String protocol = first == 0 ? "tcp" : flow.getFirst();
    FlowText text = FlowText.parse(protocol, flow.get(first), flow.get(first + 1));
    int tcpFlags = (flags == null ? TcpFlags.SYN : TcpFlags.parse(flags)).value();
    return FlowPacket.of(text, tcpFlags);
  }

  private void explainOne(
      Explainer explainer, SteeringAssumptions assumptions, byte[] packet, int markMask) {
    Explanation explanation = explainer.explain(0, 0, packet).getFirst();
    if (json) {
      printJson(ExplanationText.json(explanation, assumptions));
    } else {
      console().print(ExplanationText.full(explanation, markMask));
      println("  options     " + assumptions.source());
    }
  }

  private void explainAll(Explainer explainer, SteeringAssumptions assumptions) {
    long packets = 0;
    long skipped = 0;
    try (CaptureReader reader = CaptureReader.of(stream())) {
      for (CapturedPacket packet = reader.next();
          packet != null && packet.number() <= limit;
          packet = packet.number() == limit ? null : reader.next()) {
        packets++;
        if (packet.skipped() != null) {
          skipped++;
          print(packet);
        } else {
          print(
              explainer.explain(packet.number(), packet.epochNanos(), packet.bytes()), assumptions);
        }
        if (!console().isFlushed()) {
          return;
        }
      }
    } catch (IOException e) {
      throw new StateException("cannot read the capture " + pcap + ": " + e.getMessage(), e);
    }
    if (!json) {
      println(
          Text.plural(packets, "packet")
              + (skipped == 0 ? "" : ", " + Text.count(skipped) + " of them not IP")
              + "; "
              + assumptions.source());
    }
  }

  private InputStream stream() throws IOException {
    return pcap.equals(STDIN)
        ? new FileInputStream(FileDescriptor.in)
        : Files.newInputStream(Path.of(pcap));
  }

  private void print(CapturedPacket packet) {
    println(
        json
            ? Json.line(Json.object("number", packet.number(), "skipped", packet.skipped()))
            : packet.number() + " " + packet.skipped());
  }

  private void print(List<Explanation> explanations, SteeringAssumptions assumptions) {
    for (int i = 0; i < explanations.size(); i++) {
      Explanation explanation = explanations.get(i);
      if (json) {
        Map<String, Object> object = Json.object("number", explanation.number(), "again", i > 0);
        object.putAll(ExplanationText.json(explanation, assumptions));
        println(Json.line(object));
      } else {
        println(
            explanation.number() + (i > 0 ? " again " : " ") + ExplanationText.line(explanation));
      }
    }
  }
}

package io.synlev.magctl;

import io.synlev.datapath.Reason;
import io.synlev.magctl.whynot.Decided;
import io.synlev.magctl.whynot.Decisions;
import io.synlev.magctl.whynot.ProbeFlow;
import io.synlev.state.Addresses;
import io.synlev.state.StateDirectory;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Asks lbd, by a trace of one flow. */
final class TracedDecisions implements Decisions, AutoCloseable {
  private static final int ENOUGH = 100;

  private final TraceClient client;

  private TracedDecisions(TraceClient client) {
    this.client = client;
  }

  static TracedDecisions start(StateDirectory directory, ProbeFlow flow) {
    String bits = flow.isIpv6() ? "/128" : "/32";
    Map<String, Object> filter =
        Map.of(
            "vip",
            Addresses.format(flow.destination()) + bits,
            "source",
            Addresses.format(flow.source()) + bits,
            "protocol",
            flow.protocol(),
            "port",
            flow.port(),
            "sourcePort",
            flow.sourcePort(),
            "rate",
            ENOUGH);
    return new TracedDecisions(TraceClient.start(directory, filter));
  }

  @Override
  public Optional<Decided> poll() {
    List<TraceRecord> packets = client.read().packets();
    return packets.isEmpty() ? Optional.empty() : Optional.of(decided(packets.getFirst()));
  }

  private static Decided decided(TraceRecord packet) {
    return new Decided(
        packet.queue(),
        packet.action().name().toLowerCase(Locale.ROOT),
        packet.mark(),
        packet.reason(),
        sentence(packet.reason()),
        packet.service(),
        packet.pool(),
        packet.backend());
  }

  private static String sentence(String label) {
    for (Reason reason : Reason.values()) {
      if (reason.label().equals(label)) {
        return reason.sentence();
      }
    }
    return "";
  }

  @Override
  public void close() {
    client.close();
  }
}

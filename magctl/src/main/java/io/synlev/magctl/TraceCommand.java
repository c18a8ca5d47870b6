package io.synlev.magctl;

import io.synlev.datapath.Action;
import io.synlev.packet.PacketHeaders;
import io.synlev.packet.PacketParser;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints decisions as they are made. */
@Command(
    name = "trace",
    description = {
      "Show decisions as lbd makes them, a line each, until Ctrl-C. Options that select packets are"
          + " joined by 'and'; addresses and ports are the packet's own.",
      "While nobody traces, it costs lbd one look a batch."
    },
    footer = {
      "",
      "Examples:",
      "  magctl trace                               all, at most 100 packets a second",
      "  magctl trace --service web --syn           new connections of a service",
      "  magctl trace --source 192.0.2.0/24 --port 443",
      "  magctl trace --reason no-backend fragment-held",
      "  magctl trace --backend s3 --count 10 --json | jq .packet",
      "",
      "Exit codes: 0 done (Ctrl-C, --count, --seconds), 1 failed, 2 wrong usage. docs/seeing.md"
          + " tells more."
    })
final class TraceCommand extends TracingCommand {
  private static final int SNAP_LENGTH = 256;
  private static final long NOTE_NANOS = 1_000_000_000;

  @Option(
      names = "--rate",
      paramLabel = "N/s",
      description = "At most so many packets a second (${DEFAULT-VALUE}); the others are counted.")
  private String rate = "100/s";

  private final PacketMemory memory = new PacketMemory();
  private final PacketHeaders headers = new PacketHeaders();
  private long lostBefore;
  private long notedAt = System.nanoTime();

  TraceCommand(Context context) {
    super(context);
  }

  @Override
  String rate() {
    return rate;
  }

  @Override
  int snapLength() {
    return SNAP_LENGTH;
  }

  @Override
  int call() {
    try (memory;
        Interruption interruption = new Interruption();
        TraceClient client = TraceClient.start(directory(), request())) {
      console().writeError("magctl: tracing; Ctrl-C ends it\n");
      reportLost(follow(client, interruption));
    }
    return Magctl.DONE;
  }

  @Override
  boolean take(TraceClient.Batch batch) {
    for (TraceRecord packet : batch.packets()) {
      print(packet);
    }
    noteLost(batch);
    return console().isFlushed();
  }

  private void print(TraceRecord packet) {
    PacketParser.parse(memory.place(packet.bytes()), packet.bytes().length, headers);
    String line = PacketText.line(headers, packet.bytes().length);
    if (json) {
      println(
          Json.line(
              Json.object(
                  "time", packet.time().toString(),
                  "queue", packet.queue(),
                  "packet", line,
                  "action", packet.action().name().toLowerCase(java.util.Locale.ROOT),
                  "mark",
                      packet.action() == Action.MARK ? Integer.toUnsignedLong(packet.mark()) : null,
                  "reason", packet.reason(),
                  "service", packet.service(),
                  "pool", packet.pool(),
                  "backend", packet.backend(),
                  "generation", packet.generation(),
                  "hash", packet.hash(),
                  "slot", packet.slot())));
      return;
    }
    LocalTime time =
        packet.time().atZone(ZoneId.systemDefault()).toLocalTime().truncatedTo(ChronoUnit.MICROS);
    println(
        padded(time)
            + " "
            + line
            + ExplanationText.outcome(
                packet.action(),
                packet.mark(),
                packet.service(),
                packet.backend(),
                packet.reason()));
  }

  /** LocalTime leaves zeros at the end out. */
  private static String padded(LocalTime time) {
    String text = time.toString();
    String full = text.length() == 5 ? text + ":00.000000" : text.length() == 8 ? text + "." : text;
    return full + "0".repeat(15 - full.length());
  }

  /** Once a second, if packets were lost since the last time. */
  private void noteLost(TraceClient.Batch batch) {
    long lost = batch.overRate() + batch.withoutRoom();
    long now = System.nanoTime();
    if (lost == lostBefore || now - notedAt < NOTE_NANOS) {
      return;
    }
    if (json) {
      println(
          Json.line(Json.object("overRate", batch.overRate(), "withoutRoom", batch.withoutRoom())));
    } else {
      println("... " + Text.count(lost) + " packets not shown so far");
    }
    lostBefore = lost;
    notedAt = now;
  }
}

package io.synlev.magctl;

import io.synlev.magctl.pcap.PcapngWriter;
import io.synlev.state.StateException;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes packets with what was decided about them to a file. */
@Command(
    name = "capture",
    description = {
      "Write packets that lbd decides about to a pcapng file, each with the decision as its"
          + " comment, until Ctrl-C. Options that select packets are as in 'magctl trace'.",
      "Of a packet there is what its queue copies to lbd: the headers (lbd --copy-range), all of it"
          + " in fragment queues."
    },
    footer = {
      "",
      "Examples:",
      "  magctl capture -w web.pcapng --service web --seconds 10",
      "  magctl capture -w drops.pcapng --reason no-service no-backend --count 1000",
      "  magctl capture -w - --syn | tcpdump -nr -",
      "",
      "Exit codes: 0 done (Ctrl-C, --count, --seconds), 1 failed, 2 wrong usage. docs/seeing.md"
          + " tells more."
    })
final class CaptureCommand extends TracingCommand {
  private static final String STDOUT = "-";

  @Option(
      names = {"-w", "--write"},
      paramLabel = "FILE",
      required = true,
      description = "The file, which is overwritten; \"-\" is stdout.")
  private String file;

  @Option(
      names = "--snap-length",
      paramLabel = "BYTES",
      description = "Keep so much of each packet (${DEFAULT-VALUE}), as far as lbd has it.")
  private int snapLength = 65_535;

  @Option(
      names = "--rate",
      paramLabel = "N/s",
      description = "At most so many packets a second (${DEFAULT-VALUE}); the others are counted.")
  private String rate = "10000/s";

  private PcapngWriter writer;
  private long packets;

  CaptureCommand(Context context) {
    super(context);
  }

  @Override
  String rate() {
    return rate;
  }

  @Override
  int snapLength() {
    return snapLength;
  }

  @Override
  int call() {
    if (json) {
      throw new UsageException("capture prints nothing: --json has no meaning here");
    }
    TraceClient.Batch last;
    try (Interruption interruption = new Interruption();
        TraceClient client = TraceClient.start(directory(), request())) {
      // Only now: a daemon that does not run leaves no empty file behind.
      try (PcapngWriter opened = create()) {
        writer = opened;
        console().writeError("magctl: capturing to " + file + "; Ctrl-C ends it\n");
        last = follow(client, interruption);
      }
    } catch (IOException e) {
      if (file.equals(STDOUT) && Console.isClosedPipe(e)) {
        return Magctl.DONE;
      }
      throw cannotWrite(e);
    }
    console().writeError("magctl: " + Text.plural(packets, "packet") + " captured\n");
    reportLost(last);
    return Magctl.DONE;
  }

  private PcapngWriter create() throws IOException {
    OutputStream out =
        file.equals(STDOUT)
            ? new FileOutputStream(FileDescriptor.out)
            : Files.newOutputStream(Path.of(file));
    PcapngWriter created =
        new PcapngWriter(
            new BufferedOutputStream(out, 1 << 16),
            "magctl",
            "synlev:" + directory().instance(),
            "packets that lbd decided about",
            snapLength);
    created.flush();
    return created;
  }

  @Override
  boolean take(TraceClient.Batch batch) {
    try {
      for (TraceRecord packet : batch.packets()) {
        writer.write(
            packet.epochNanos(),
            packet.bytes(),
            PacketLength.original(packet.bytes()),
            packet.comment());
        packets++;
      }
      writer.flush();
      return true;
    } catch (IOException e) {
      if (file.equals(STDOUT) && Console.isClosedPipe(e)) {
        return false;
      }
      throw cannotWrite(e);
    }
  }

  private StateException cannotWrite(IOException e) {
    return new StateException("cannot write " + file + ": " + e, e);
  }
}

package io.synlev.magctl;

import io.synlev.state.Instance;
import io.synlev.state.StateException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says which backend a flow gets, with the code that steers packets. */
@Command(
    name = "lookup",
    description = {
      "Show which backend a new flow gets, and why.",
      "A live flow that tc or conntrack carries keeps the backend it has; lbd is asked about that."
    })
final class LookupCommand extends InstanceCommand {
  private static final String DEFAULT_PROTOCOL = "tcp";

  @Option(
      names = "--proto",
      paramLabel = "PROTOCOL",
      description = "tcp (if not given), udp, sctp, icmp or a number.")
  private String protocol = DEFAULT_PROTOCOL;

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "Flows, one a line: [PROTOCOL] SOURCE DESTINATION. \"-\" is stdin.")
  private String file;

  @Parameters(
      arity = "0..2",
      paramLabel = "ENDPOINT",
      description =
          "Source and destination: 198.51.100.7:40000 or [2001:db8::1]:40000; with icmp the"
              + " source's port is the echo identifier.")
  private List<String> endpoints = List.of();

  LookupCommand(Context context) {
    super(context);
  }

  @Override
  boolean setValue(String option, String value) {
    if (option.equals("--proto") && protocol.equals(DEFAULT_PROTOCOL)) {
      protocol = value;
      return true;
    }
    return super.setValue(option, value);
  }

  @Override
  boolean setWords(List<String> words) {
    endpoints = words;
    return words.size() == 2;
  }

  @Override
  int call() {
    if (file == null ? endpoints.size() != 2 : !endpoints.isEmpty()) {
      throw new UsageException(
          "give a source and a destination, such as 198.51.100.7:40000 10.0.0.0:80, or --file");
    }
    List<FlowText> flows =
        file == null
            ? List.of(FlowText.parse(protocol, endpoints.get(0), endpoints.get(1)))
            : readFlows();
    try (Instance instance = open();
        DaemonFlows live = DaemonFlows.ofLive(instance)) {
      List<LookupResult> results = new ArrayList<>();
      for (FlowText flow : flows) {
        results.add(LookupResult.find(instance, flow, live));
      }
      print(results);
    }
    return Magctl.DONE;
  }

  private void print(List<LookupResult> results) {
    if (json && file == null) {
      printJson(results.getFirst().json());
      return;
    }
    List<Object> objects = new ArrayList<>();
    for (LookupResult result : results) {
      if (json) {
        objects.add(result.json());
      } else {
        console().print(result.text());
      }
    }
    if (json) {
      printJson(Json.object("flows", objects));
    }
  }

  private List<FlowText> readFlows() {
    try (BufferedReader reader =
        file.equals("-")
            ? new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
            : Files.newBufferedReader(Path.of(file))) {
      List<FlowText> flows = new ArrayList<>();
      int number = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        String text = line.strip();
        if (!text.isEmpty() && !text.startsWith("#")) {
          flows.add(parse(text, number));
        }
      }
      return flows;
    } catch (IOException e) {
      throw new StateException("cannot read the flows of " + file + ": " + e, e);
    }
  }

  private FlowText parse(String line, int number) {
    String[] words = line.split("\\s+");
    try {
      return switch (words.length) {
        case 2 -> FlowText.parse(protocol, words[0], words[1]);
        case 3 -> FlowText.parse(words[0], words[1], words[2]);
        default -> throw new UsageException("'" + line + "' is no [PROTOCOL] SOURCE DESTINATION");
      };
    } catch (UsageException e) {
      throw new UsageException(file + ", line " + number + ": " + e.getMessage());
    }
  }
}

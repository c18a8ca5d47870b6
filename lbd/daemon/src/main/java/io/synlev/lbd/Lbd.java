package io.synlev.lbd;

import io.synlev.control.ControlException;
import io.synlev.control.ControlServer;
import io.synlev.state.StateException;
import io.synlev.steering.Outcome;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The program. Exit codes: 0 done, 1 failed (stderr says why), 2 wrong usage. */
public final class Lbd {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;

  private Lbd() {}

  /** Serves an instance until a signal or a control call ends it, and exits. */
  public static void main(String[] args) {
    Ending ending = new Ending();
    ending.end(run(args, System.getenv(), ending));
  }

  /**
   * Does all that {@link #main} does but exit.
   *
   * @param environment where SYNLEV_… variables are looked up
   * @param ending what ends the daemon
   * @return the exit code
   */
  static int run(String[] args, Map<String, String> environment, Ending ending) {
    LbdOptions options = new LbdOptions();
    CommandLine line = commandLine(options);
    try {
      line.parseArgs(args);
      if (line.isUsageHelpRequested()) {
        line.usage(System.out);
        return DONE;
      }
      if (line.isVersionHelpRequested()) {
        System.out.println("lbd " + Version.text() + " (Java " + Runtime.version() + ")");
        return DONE;
      }
      StderrLogging.setLevel(options.logLevel());
      return serve(options.settings(environment), options.isWarmUpOnly(), ending);
    } catch (ParameterException | IllegalArgumentException e) {
      System.err.println("lbd: " + e.getMessage() + "\n'lbd --help' explains the options.");
      return USAGE;
    } catch (IOException | StateException | ControlException e) {
      System.err.println("lbd: " + e.getMessage());
      return FAILED;
    } catch (RuntimeException e) {
      System.err.println("lbd: this is a defect, please report it:");
      e.printStackTrace();
      return FAILED;
    }
  }

  private static CommandLine commandLine(LbdOptions options) {
    return new CommandLine(options)
        .registerConverter(QueueRange.class, text -> converted(text, QueueRange::parse))
        .registerConverter(Outcome.class, text -> converted(text, Outcomes::parse))
        .registerConverter(
            io.synlev.steering.Treatment.class, text -> converted(text, Treatments::parse))
        .registerConverter(Level.class, text -> converted(text, Levels::parse));
  }

  /** Picocli shows the message of this exception alone, and prefixes others with their class. */
  private static <T> T converted(String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.TypeConversionException(e.getMessage());
    }
  }

  private static void preload() {
    try {
      ControlServer.preload();
    } catch (ControlException | LinkageError e) {
      // Starting the server will fail in the same way, and say so in its place.
    }
  }

  private static int serve(DaemonSettings settings, boolean isWarmUpOnly, Ending ending)
      throws IOException {
    // Without generating code at run time jnr-ffi loads 30 ms faster and takes 6 MB less.
    System.setProperty("jnr.ffi.asm.enabled", "false");
    Thread.ofPlatform().name("preload").daemon().start(Lbd::preload);
    if (isWarmUpOnly) {
      Daemon.prepare(settings).stop();
      return DONE;
    }
    ending.onSignals();
    Daemon daemon = Daemon.prepare(settings);
    daemon.serve(ControlMethods.of(daemon, ending::request), ending::fail);
    Logger log = System.getLogger(Lbd.class.getName());
    log.log(
        Level.INFO,
        "ready: instance '"
            + settings.directory().instance()
            + "', queues bound "
            + daemon.boundMillis()
            + " ms after the start of process "
            + ProcessHandle.current().pid());
    Throwable failure = ending.await();
    daemon.stop();
    if (failure != null) {
      log.log(Level.ERROR, "stopped: a worker failed: " + failure, failure);
      return FAILED;
    }
    log.log(Level.INFO, "stopped");
    return DONE;
  }
}

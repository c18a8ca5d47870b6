package io.synlev.lbd;

import io.synlev.config.ConfigException;
import io.synlev.control.ControlException;
import io.synlev.state.StateException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Optional;
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
    try {
      LbdOptions options = LbdOptions.parse(args);
      if (options.asksForHelp()) {
        System.out.print(options.help());
        return DONE;
      }
      if (options.asksForVersion()) {
        System.out.println("lbd " + Version.text() + " (Java " + Runtime.version() + ")");
        return DONE;
      }
      Configured configured = null;
      if (options.config() != null) {
        configured = Configured.read(options.config());
        options = LbdOptions.parse(configured.arguments(args, options));
      }
      StderrLogging.setLevel(options.logLevel());
      DaemonSettings settings =
          options.settings(
              environment, configured == null ? Optional.empty() : configured.instance());
      // Without generating code at run time jnr-ffi loads 30 ms faster and takes 6 MB less.
      System.setProperty("jnr.ffi.asm.enabled", "false");
      return options.isWarmUpOnly()
          ? warmUp(settings, configured)
          : serve(settings, configured, options.isTakeOver(), ending);
    } catch (ParameterException | IllegalArgumentException e) {
      System.err.println("lbd: " + e.getMessage() + "\n'lbd --help' explains the options.");
      return USAGE;
    } catch (IOException | StateException | ControlException | ConfigException e) {
      System.err.println("lbd: " + e.getMessage());
      return FAILED;
    } catch (RuntimeException e) {
      System.err.println("lbd: this is a defect, please report it:");
      e.printStackTrace();
      return FAILED;
    }
  }

  private static int warmUp(DaemonSettings settings, Configured configured) throws IOException {
    if (configured != null) {
      configured.check(settings.directory());
    }
    Daemon.prepare(settings, false).stop();
    return DONE;
  }

  private static int serve(
      DaemonSettings settings, Configured configured, boolean isTakeOver, Ending ending)
      throws IOException {
    ending.onSignals();
    if (configured != null) {
      configured.onHangUp();
      if (isTakeOver) {
        configured.applyOrCheck(settings.directory());
      } else {
        configured.apply(settings.directory());
      }
    }
    Daemon daemon = Daemon.prepare(settings, isTakeOver);
    if (ending.isRequested()) {
      daemon.stop();
      return DONE;
    }
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
    if (configured != null) {
      configured.reloadWith(daemon.beside().watcher());
    }
    Throwable failure = ending.await();
    daemon.stop();
    if (failure != null) {
      log.log(Level.ERROR, "stopped: a worker failed: " + failure, failure);
      return FAILED;
    }
    log.log(Level.INFO, daemon.isHandedOver() ? "stopped, another lbd serves" : "stopped");
    return DONE;
  }
}

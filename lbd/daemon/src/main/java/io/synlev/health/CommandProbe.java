package io.synlev.health;

import io.synlev.ffi.Processes;
import io.synlev.state.Addresses;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Runs a program. It gets no shell, no arguments, a clean environment, nothing to read, nowhere to
 * write, no capabilities and the identity of nobody; and it has a session of its own, so that all
 * of it can be killed when it takes too long.
 *
 * <p>Starting a process takes milliseconds, so a thread of its own does it; the checks' thread only
 * begins and collects.
 */
final class CommandProbe implements Probe, AutoCloseable {
  private static final Logger LOG = System.getLogger(CommandProbe.class.getName());

  /** The most that run at once. */
  private static final int MOST = 32;

  /** Debian's nobody and nogroup. */
  private static final String NOBODY = "65534";

  /**
   * util-linux's setsid(1) and setpriv(1), which every Debian has. setpriv ends with 127 if it may
   * not do what it is told, and so does a shell whose command is missing.
   */
  private static final List<String> LAUNCHER =
      List.of(
          "/usr/bin/setsid",
          "/usr/bin/setpriv",
          "--reuid=" + NOBODY,
          "--regid=" + NOBODY,
          "--clear-groups",
          "--inh-caps=-all",
          "--bounding-set=-all",
          "--no-new-privs",
          "--");

  private static final int CANNOT_RUN = 126;
  private static final int SIGKILL = 9;

  private final ExecutorService starter =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().name("health-commands").daemon().unstarted(task));

  private final Queue<Run> over = new ConcurrentLinkedQueue<>();
  private final Map<String, String> refused = new ConcurrentHashMap<>();
  private final Runnable wake;
  private int running;

  /** One run of a command. Its process is the starter's to set, once. */
  static final class Run {
    final Target target;
    final int flight;
    private Process process;
    private boolean isEnded;
    volatile Outcome outcome = Outcome.PENDING;
    volatile int exitCode;

    Run(Target target) {
      this.target = target;
      this.flight = target.flight;
    }

    /** Whether its check is still under way. */
    boolean isAwaited() {
      return target.isAsked && target.flight == flight;
    }

    private synchronized void started(Process of) {
      process = of;
      if (isEnded) {
        killGroup();
      }
    }

    /** Whether nobody waits for it any more. */
    private synchronized boolean isEnded() {
      return isEnded;
    }

    private synchronized void end() {
      isEnded = true;
      if (process != null && outcome == Outcome.PENDING) {
        killGroup();
      }
    }

    /**
     * The leader has not been waited for while it is alive, so that its number is still its own.
     */
    private void killGroup() {
      if (process.isAlive()) {
        Processes.kill(-(int) process.pid(), SIGKILL);
        process.destroyForcibly();
      }
    }
  }

  /**
   * Makes one.
   *
   * @param wake has the checks' thread come and {@link #poll}; any thread
   */
  CommandProbe(Runnable wake) {
    this.wake = wake;
  }

  @Override
  public Outcome begin(Target target) {
    target.session = null;
    if (running >= MOST) {
      return Outcome.BUSY;
    }
    running++;
    Run run = new Run(target);
    target.session = run;
    starter.execute(() -> start(run, target.subject));
    return Outcome.PENDING;
  }

  private void start(Run run, Subject subject) {
    if (run.isEnded()) {
      over(run, Outcome.TIMEOUT, 0); // its time was up before its turn came
      return;
    }
    Path path = Path.of(subject.check().exchange().command());
    String refusal = CommandFile.refusal(path);
    if (refusal != null) {
      if (!Objects.equals(refused.put(path.toString(), refusal), refusal)) {
        LOG.log(
            Level.ERROR, "health checks of pool " + subject.pool() + " are not run: " + refusal);
      }
      over(run, Outcome.COMMAND_REFUSED, 0);
      return;
    }
    refused.remove(path.toString());
    try {
      Process process = builder(path, subject).start();
      run.started(process);
      process
          .onExit()
          .thenAccept(ended -> over(run, outcome(ended.exitValue()), ended.exitValue()));
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "health check " + path + ": " + e.getMessage());
      over(run, Outcome.COMMAND_FAILED, 0);
    }
  }

  private static ProcessBuilder builder(Path path, Subject subject) {
    List<String> words = new java.util.ArrayList<>(LAUNCHER);
    words.add(path.toString());
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(new File("/"))
            .redirectInput(new File("/dev/null"))
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD);
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    environment.put("LC_ALL", "C");
    environment.put("SYNLEV_POOL", subject.pool());
    environment.put("SYNLEV_BACKEND", subject.backend());
    environment.put("SYNLEV_IPV4", text(subject.ipv4()));
    environment.put("SYNLEV_IPV6", text(subject.ipv6()));
    return builder;
  }

  private static String text(InetAddress address) {
    return address == null ? "" : Addresses.format(address);
  }

  private static Outcome outcome(int exitCode) {
    if (exitCode == CANNOT_RUN || exitCode == CANNOT_RUN + 1) {
      return Outcome.COMMAND_FAILED;
    }
    return exitCode == 0 ? Outcome.OK : Outcome.EXIT_CODE;
  }

  private void over(Run run, Outcome outcome, int exitCode) {
    run.exitCode = exitCode;
    run.outcome = outcome;
    over.add(run);
    wake.run();
  }

  /** A run that is over, whether its check still waits or not; null if there is none. */
  Run poll() {
    Run run = over.poll();
    if (run != null) {
      running--;
    }
    return run;
  }

  @Override
  public Outcome ready(Target target, int happened) {
    throw new IllegalStateException("a command has no socket");
  }

  @Override
  public void end(Target target) {
    if (target.session instanceof Run run) {
      run.end();
      target.session = null;
    }
  }

  /** When it returns, nothing is started any more; all checks have ended before. */
  @Override
  public void close() {
    starter.close();
  }
}

package io.synlev.bpf;

import io.synlev.ffi.Errno;
import io.synlev.ffi.NativeException;
import io.synlev.ffi.NetworkInterfaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Our filters on interfaces, written down in {@code run/INSTANCE/tc.INTERFACE} before they are
 * made, so that whoever comes after a killed process can remove them, a shell script too:
 *
 * <pre>clsact created|found, pref 21337, handle 0x1a2b3c4d</pre>
 *
 * <p>Not thread-safe.
 */
final class Attachments {

  private static final String PREFIX = "tc.";
  private static final String CREATED = "clsact created";

  private final Libbpf libbpf;
  private final PinDirectory pins;
  private final int priority;
  private final int handle;

  Attachments(Libbpf libbpf, PinDirectory pins, TcOptions options) {
    this.libbpf = libbpf;
    this.pins = pins;
    priority = options.priority();
    handle = options.handle();
  }

  /** The interfaces that have a record. */
  Set<String> interfaces() throws IOException {
    Set<String> names = new TreeSet<>();
    for (String record : pins.records()) {
      if (record.startsWith(PREFIX)) {
        names.add(record.substring(PREFIX.length()));
      }
    }
    return names;
  }

  /** Attaches a program, or replaces the one that is there. */
  void attach(String name, int program) throws IOException {
    TcHook hook = TcHook.of(libbpf, name, priority, handle);
    String before = record(name);
    int place = before.isEmpty() ? priority : priority(before);
    boolean wasCreated = before.startsWith(CREATED);
    boolean isCreated = hook.createQdisc() || wasCreated;
    Files.writeString(
        file(name),
        "%s, pref %d, handle 0x%x%n"
            .formatted(isCreated ? CREATED : "clsact found", priority, handle));
    try {
      hook.attach(program);
      if (place != priority) { // another priority was configured before
        TcHook.of(libbpf, name, place, handle).detach();
      }
    } catch (NativeException e) {
      if (!wasCreated && isCreated) {
        hook.destroyQdiscIfEmpty();
      }
      if (before.isEmpty()) {
        Files.delete(file(name));
      }
      throw e;
    }
  }

  /** Removes our filter, and the qdisc if we made it and nobody else uses it. */
  void detach(String name) throws IOException {
    String before = record(name);
    if (Errno.ENODEV.is(NetworkInterfaces.index(name))) {
      Files.deleteIfExists(file(name)); // filters went with the interface
      return;
    }
    int place = before.isEmpty() ? priority : priority(before);
    TcHook hook = TcHook.of(libbpf, name, place, handle);
    hook.detach();
    if (before.startsWith(CREATED)) {
      hook.destroyQdiscIfEmpty();
    }
    Files.deleteIfExists(file(name));
  }

  /** Removes our filters from all interfaces but these. */
  void detachAllBut(Collection<String> kept) throws IOException {
    for (String name : interfaces()) {
      if (!kept.contains(name)) {
        detach(name);
      }
    }
  }

  void detachAll() throws IOException {
    detachAllBut(List.of());
  }

  private Path file(String name) {
    return pins.directory().resolve(PREFIX + name);
  }

  private String record(String name) throws IOException {
    return Files.exists(file(name)) ? Files.readString(file(name)) : "";
  }

  private int priority(String record) {
    try {
      return Integer.parseInt(record.replaceFirst("(?s).*pref (\\d+),.*", "$1"));
    } catch (NumberFormatException e) {
      return priority; // written by somebody else, or cut by a crash
    }
  }
}

package io.synlev.control;

import io.synlev.state.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;

/** Says in a person's terms why a daemon cannot be reached. */
final class ConnectFailure {
  private ConnectFailure() {}

  /** Looks at the path, since the text of the error is the C library's and may be translated. */
  static ControlException explain(StateDirectory directory, IOException cause) {
    Path socket = directory.controlSocket();
    Path closed = firstClosed(socket);
    if (closed != null) {
      return new ControlException(
          "permission denied: " + closed + " is for " + owners(closed) + " (socket " + socket + ")",
          cause);
    }
    return new ControlException(
        "lbd is not running for instance '"
            + directory.instance()
            + "' (socket "
            + socket
            + "): start it with: synlev lbd --instance "
            + directory.instance()
            + (directory.base().equals(Path.of(StateDirectory.DEFAULT_BASE))
                ? ""
                : " --state-dir " + directory.base()),
        cause);
  }

  /** The first part of the path that we may not pass, or null. */
  private static Path firstClosed(Path socket) {
    Path at = socket.getRoot();
    for (Path name : socket) {
      if (!Files.isExecutable(at)) {
        return Files.exists(at) ? at : null;
      }
      at = at.resolve(name);
    }
    return Files.exists(at) && !Files.isWritable(at) ? at : null;
  }

  private static String owners(Path path) {
    try {
      PosixFileAttributes attributes = Files.readAttributes(path, PosixFileAttributes.class);
      return "user "
          + attributes.owner().getName()
          + " and group "
          + attributes.group().getName()
          + ": use sudo, or become a member of the group";
    } catch (IOException e) {
      return "others: use sudo";
    }
  }
}

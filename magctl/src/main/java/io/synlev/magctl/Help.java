package io.synlev.magctl;

/** What is printed for {@code --help}. The overview is made without loading any command. */
final class Help {
  private static final int COLUMN = 18;

  private Help() {}

  static String overview() {
    StringBuilder text = new StringBuilder();
    text.append("Usage: magctl COMMAND [OPTION]...\n");
    text.append("Manages a Synlev load balancer on this host.\n\nCommands:\n");
    append(text, "");
    text.append(
        """

        Options that all commands know:
          --instance NAME   the balancer's name (SYNLEV_INSTANCE; "default")
          --state-dir DIR   where instances live (SYNLEV_STATE_DIR; /dev/shm/synlev)
          -h, --help        'magctl COMMAND --help' explains a command

        Backends are named by their names or fwmarks, several at once.
        Exit codes: 0 done, 1 failed, 2 wrong usage.
        """);
    return text.toString();
  }

  static String group(String group) {
    StringBuilder text = new StringBuilder();
    text.append("Usage: magctl ").append(group).append(" COMMAND [OPTION]...\n\nCommands:\n");
    append(text, group + " ");
    return text.toString();
  }

  private static void append(StringBuilder text, String prefix) {
    for (String[] command : Commands.ALL) {
      if (command[0].startsWith(prefix)) {
        text.append("  ").append(Text.left(command[0], COLUMN)).append(command[1]).append('\n');
      }
    }
  }
}

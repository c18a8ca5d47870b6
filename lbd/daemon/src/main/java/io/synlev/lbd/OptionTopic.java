package io.synlev.lbd;

import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/**
 * Options about one topic, and what they mean together. A topic adds its options to the command
 * when it is made; their values are there once the command line has been parsed. {@code --help}
 * shows options in the order in which they were added.
 */
abstract class OptionTopic {
  private static final String DEFAULT = " (${DEFAULT-VALUE}).";

  private final CommandSpec spec;

  OptionTopic(CommandSpec spec) {
    this.spec = spec;
  }

  /** Adds an option whose value is a text; null unless given. */
  final void addText(String name, String label, String description) {
    spec.addOption(option(name, label, description).type(String.class).build());
  }

  /** Adds an option whose value is a text. */
  final void addText(String name, String label, String usual, String description) {
    spec.addOption(
        option(name, label, description + DEFAULT).defaultValue(usual).type(String.class).build());
  }

  /** Adds an option for texts, joined by commas or each given by itself; null unless given. */
  final void addTexts(String name, String label, String description) {
    spec.addOption(option(name, label, description).type(String[].class).splitRegex(",").build());
  }

  /** Adds an option for texts, each given by itself, commas and all; null unless given. */
  final void addEach(String name, String label, String description) {
    spec.addOption(option(name, label, description).type(String[].class).build());
  }

  /** Adds an option whose value is a decimal number. */
  final void addNumber(String name, String label, int usual, String description) {
    spec.addOption(
        option(name, label, description + DEFAULT)
            .defaultValue(String.valueOf(usual))
            .type(int.class)
            .build());
  }

  /**
   * Adds an option whose value has a form of its own.
   *
   * @param usual the default as people write it, or null if the value is null unless given
   * @param parser throws {@link IllegalArgumentException} with a message for people
   */
  final <T> void addParsed(
      String name,
      String label,
      String usual,
      String description,
      Class<T> type,
      Function<String, T> parser) {
    spec.addOption(
        option(name, label, usual == null ? description : description + DEFAULT)
            .defaultValue(usual)
            .type(type)
            .converters(converter(parser))
            .build());
  }

  /** Adds options without a value that mean the same; {@link #isGiven} tells whether one is. */
  final void addFlag(String description, String... names) {
    spec.addOption(flag(description, names).build());
  }

  /** An option without a value, for those that picocli treats in a way of their own. */
  static OptionSpec.Builder flag(String description, String... names) {
    return OptionSpec.builder(names).arity("0").type(boolean.class).description(description);
  }

  /** The value given, else the default. */
  final <T> T value(String option) {
    return spec.findOption(option).getValue();
  }

  /** Whether a flag was given. */
  final boolean isGiven(String flag) {
    return Boolean.TRUE.equals(value(flag));
  }

  private static OptionSpec.Builder option(String name, String label, String description) {
    return OptionSpec.builder(name).paramLabel(label).arity("1").description(description);
  }

  /** Picocli shows the message of this exception alone, and prefixes others with their class. */
  private static ITypeConverter<?> converter(Function<String, ?> parser) {
    return text -> {
      try {
        return parser.apply(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    };
  }
}

package io.synlev.config;

import io.synlev.hash.Seed;
import io.synlev.maglev.TableSize;
import io.synlev.state.Addresses;
import java.net.InetAddress;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Readers of single values; each throws an exception whose message says what is wrong. */
final class Values {
  private Values() {}

  /** A number from {@code least} to {@code most}, decimal or 0x hex. */
  static Function<String, Integer> number(long least, long most) {
    return text -> {
      long number = parse(text);
      if (number < least || number > most) {
        throw new IllegalArgumentException(
            text + " is out of range: choose from " + least + " to " + most);
      }
      return (int) number;
    };
  }

  /** A mark: 32 bits, not 0. */
  static Function<String, Integer> mark() {
    return number(1, 0xffff_ffffL);
  }

  private static long parse(String text) {
    try {
      boolean hex = text.startsWith("0x") || text.startsWith("0X");
      if (text.charAt(0) != '+') {
        return hex ? Long.parseLong(text.substring(2), 16) : Long.parseLong(text);
      }
    } catch (NumberFormatException notANumber) {
      // Answered below.
    }
    throw new IllegalArgumentException(
        "'" + text + "' is no number: write it decimal or as 0x hex, without a sign before it");
  }

  /** A size that a table can have. */
  static int slots(String text) {
    int slots = number(TableSize.MINIMUM, TableSize.MAXIMUM).apply(text);
    if (!TableSize.isValid(slots)) {
      throw new IllegalArgumentException(
          text + " is no prime number: choose " + TableSize.atMost(slots) + ", the next below");
    }
    return slots;
  }

  static boolean yes(String text) {
    if (text.equals("true") || text.equals("false")) {
      return text.equals("true");
    }
    throw new IllegalArgumentException("'" + text + "': choose true or false");
  }

  /** A constant by its name in lower case. */
  static <E extends Enum<E>> Function<String, E> choice(E[] all) {
    return text -> {
      List<String> words = new ArrayList<>();
      for (E one : all) {
        String word = one.name().toLowerCase(Locale.ROOT).replace('_', '-');
        if (word.equals(text)) {
          return one;
        }
        words.add(word);
      }
      throw new IllegalArgumentException(
          "'" + text + "' is none of the choices: " + String.join(", ", words));
    };
  }

  /** An address of one family. */
  static <A extends InetAddress> Function<String, A> address(Class<A> family, String other) {
    return text -> {
      InetAddress address = Addresses.parse(text);
      if (!family.isInstance(address)) {
        throw new IllegalArgumentException(
            "'" + text + "' is of the other family: give it as " + other);
      }
      if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
        throw new IllegalArgumentException(
            "'" + text + "' is no address of a server: give one that packets can be sent to");
      }
      return family.cast(address);
    };
  }

  /** A point in time, in seconds since 1970. */
  static long time(String text) {
    try {
      long seconds = Instant.parse(text).getEpochSecond();
      if (seconds > 0) {
        return seconds;
      }
    } catch (DateTimeParseException notATime) {
      // Answered below.
    }
    throw new IllegalArgumentException(
        "'" + text + "' is no time: write it in UTC, such as 2026-11-26T18:00:00Z");
  }

  /** What {@link #time(String)} reads. */
  static String formatTime(long seconds) {
    return Instant.ofEpochSecond(seconds).toString();
  }

  /** A seed; the message does not repeat it, since it may be most of a real one. */
  static Seed seed(String text) {
    return Seed.parse(text);
  }
}

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/**
 * Keeps a fuzzer's corpus, a directory of many small files, as one text file: an input a line, in
 * hexadecimal, short ones first. Usage: {@code java Corpus.java unpack FILE DIRECTORY}, or {@code
 * pack DIRECTORY FILE}.
 */
final class Corpus {

  private Corpus() {}

  public static void main(String[] arguments) throws IOException {
    Path from = Path.of(arguments[1]);
    Path to = Path.of(arguments[2]);
    switch (arguments[0]) {
      case "unpack" -> unpack(from, to);
      case "pack" -> pack(from, to);
      default -> throw new IllegalArgumentException(arguments[0] + ": use pack or unpack");
    }
  }

  private static void unpack(Path file, Path directory) throws IOException {
    Files.createDirectories(directory);
    int number = 0;
    for (String line : Files.readAllLines(file)) {
      Files.write(directory.resolve("kept-" + number++), HexFormat.of().parseHex(line));
    }
  }

  private static void pack(Path directory, Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    try (var inputs = Files.list(directory)) {
      for (Path input : inputs.toList()) {
        lines.add(HexFormat.of().formatHex(Files.readAllBytes(input)));
      }
    }
    lines.sort(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
    Files.createDirectories(file.getParent());
    Files.write(file, lines);
  }
}

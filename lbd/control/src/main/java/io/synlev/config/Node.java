package io.synlev.config;

import java.util.List;
import java.util.Map;

/** A piece of a YAML file and where it stands; lines and columns count from 1. */
sealed interface Node {
  int line();

  int column();

  /** What it is, for messages. */
  String kind();

  /** A word, number or text, as written. */
  record Scalar(String text, int line, int column) implements Node {
    @Override
    public String kind() {
      return text.isEmpty() ? "nothing" : "'" + text + "'";
    }
  }

  /** A list. */
  record Sequence(List<Node> items, int line, int column) implements Node {
    @Override
    public String kind() {
      return "a list";
    }
  }

  /** Keys and values in the file's order. */
  record Mapping(Map<String, Entry> entries, int line, int column) implements Node {
    @Override
    public String kind() {
      return "keys and values";
    }
  }

  /**
   * A key's place and value.
   *
   * @param line of the key
   * @param column of the key
   */
  record Entry(int line, int column, Node value) {}
}

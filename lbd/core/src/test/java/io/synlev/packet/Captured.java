package io.synlev.packet;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/**
 * A packet from {@code captured.txt} and what the capturing tool says about it.
 *
 * @param fragment {@code -}, or offset, {@code more} or {@code last}, and identification
 */
public record Captured(
    String name,
    String source,
    String destination,
    int protocol,
    PacketKind kind,
    int ports,
    int transportOffset,
    String fragment,
    byte[] bytes) {

  /** All of them. */
  public static List<Captured> all() {
    try (var reader =
        new BufferedReader(
            new InputStreamReader(
                Captured.class.getResourceAsStream("captured.txt"), StandardCharsets.US_ASCII))) {
      return reader.lines().filter(line -> !line.startsWith("#")).map(Captured::parse).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The one of this name. */
  public static Captured named(String name) {
    return all().stream().filter(packet -> packet.name.equals(name)).findAny().orElseThrow();
  }

  private static Captured parse(String line) {
    String[] field = line.split("\\|");
    String[] port = field[5].split(":");
    return new Captured(
        field[0],
        field[1],
        field[2],
        Integer.parseInt(field[3]),
        PacketKind.valueOf(field[4]),
        Integer.parseInt(port[0]) << 16 | Integer.parseInt(port[1]),
        Integer.parseInt(field[6]),
        field[7],
        HexFormat.of().parseHex(field[8]));
  }

  static byte[] addressBytes(String address) {
    try {
      return InetAddress.getByName(address).getAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(address, e);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}

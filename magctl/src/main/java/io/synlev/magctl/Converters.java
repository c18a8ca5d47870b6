package io.synlev.magctl;

import io.synlev.state.Addresses;
import io.synlev.state.Prefix;
import io.synlev.state.StateException;
import java.net.InetAddress;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How option values are read; a bad one is wrong usage and nothing is changed. */
final class Converters {
  private Converters() {}

  /** A fwmark or a mask. */
  static final class Mark implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      try {
        return Numbers.parse(text);
      } catch (NumberFormatException e) {
        throw new TypeConversionException(
            "'" + text + "' is no number of 32 bits: write it decimal or as 0x hex");
      }
    }
  }

  /** An address prefix. */
  static final class Vip implements ITypeConverter<Prefix> {
    @Override
    public Prefix convert(String text) {
      try {
        return Prefix.parse(text);
      } catch (StateException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** An IP address. */
  static final class Address implements ITypeConverter<InetAddress> {
    @Override
    public InetAddress convert(String text) {
      try {
        return Addresses.parse(text);
      } catch (StateException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}

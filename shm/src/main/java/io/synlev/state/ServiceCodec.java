package io.synlev.state;

import io.synlev.state.ByteCondition.Header;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link Service} as bytes: name, pool, priority, what it matches, how it is handled. A list is
 * its length (2 bytes) and its elements; an IPv4 prefix takes 6 bytes and an IPv6 prefix 18.
 */
final class ServiceCodec {
  private static final HashOn[] HASH_ON = HashOn.values();
  private static final NoBackend.Action[] ACTIONS = NoBackend.Action.values();
  private static final Header[] HEADERS = Header.values();

  private ServiceCodec() {}

  /** Writes an element of a list. */
  private interface Writer<T> {
    void write(T element, DataOutputStream out) throws IOException;
  }

  /** Reads an element of a list. */
  private interface Reader<T> {
    T read(DataInputStream in) throws IOException;
  }

  static void encode(Service service, DataOutputStream out) throws IOException {
    out.writeUTF(service.name());
    out.writeUTF(service.pool());
    out.writeShort(service.priority());
    ServiceMatch match = service.match();
    out.writeByte(Protocol.bits(match.protocols()));
    encode(match.vips(), ServiceCodec::encode, out);
    encode(match.ports(), ServiceCodec::encode, out);
    encode(match.sources(), ServiceCodec::encode, out);
    encode(match.sourcePorts(), ServiceCodec::encode, out);
    encode(match.conditions(), ServiceCodec::encode, out);
    ServiceHandling handling = service.handling();
    out.writeByte(handling.hashOn() == null ? -1 : handling.hashOn().ordinal());
    out.writeByte(handling.noBackend().action().ordinal());
    out.writeInt(handling.noBackend().mark());
    out.writeBoolean(handling.echo());
    out.writeShort(handling.sctpOverUdpPort());
  }

  private static <T> void encode(List<T> list, Writer<T> writer, DataOutputStream out)
      throws IOException {
    if (list.size() > 0xffff) {
      throw new StateException("a service with a list of " + list.size() + ": 65,535 are the most");
    }
    out.writeShort(list.size());
    for (T element : list) {
      writer.write(element, out);
    }
  }

  private static void encode(Prefix prefix, DataOutputStream out) throws IOException {
    out.writeBoolean(prefix.ipv6());
    if (prefix.ipv6()) {
      out.writeLong(prefix.high());
      out.writeLong(prefix.low());
    } else {
      out.writeInt((int) prefix.low());
    }
    out.writeByte(prefix.length());
  }

  private static void encode(PortRange range, DataOutputStream out) throws IOException {
    out.writeShort(range.first());
    out.writeShort(range.last());
  }

  private static void encode(ByteCondition condition, DataOutputStream out) throws IOException {
    out.writeByte(condition.header().ordinal());
    out.writeByte(condition.offset());
    out.writeByte(condition.width());
    out.writeInt(condition.mask());
    out.writeInt(condition.value());
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IOException if it is anything else
   */
  static Service decode(DataInputStream in) throws IOException {
    try {
      return new Service(
          in.readUTF(), in.readUTF(), in.readShort(), decodeMatch(in), decodeHandling(in));
    } catch (IndexOutOfBoundsException e) {
      throw new IOException("a choice that this version does not know", e);
    }
  }

  private static ServiceMatch decodeMatch(DataInputStream in) throws IOException {
    return new ServiceMatch(
        Protocol.ofBits(in.readUnsignedByte()),
        decodeList(ServiceCodec::decodePrefix, in),
        decodeList(ServiceCodec::decodeRange, in),
        decodeList(ServiceCodec::decodePrefix, in),
        decodeList(ServiceCodec::decodeRange, in),
        decodeList(ServiceCodec::decodeCondition, in));
  }

  private static ServiceHandling decodeHandling(DataInputStream in) throws IOException {
    int hashOn = in.readByte();
    return new ServiceHandling(
        hashOn < 0 ? null : HASH_ON[hashOn],
        new NoBackend(ACTIONS[in.readUnsignedByte()], in.readInt()),
        in.readBoolean(),
        in.readUnsignedShort());
  }

  private static <T> List<T> decodeList(Reader<T> reader, DataInputStream in) throws IOException {
    List<T> list = new ArrayList<>();
    for (int left = in.readUnsignedShort(); left > 0; left--) {
      list.add(reader.read(in));
    }
    return list;
  }

  private static Prefix decodePrefix(DataInputStream in) throws IOException {
    boolean ipv6 = in.readBoolean();
    long high = ipv6 ? in.readLong() : 0;
    long low = ipv6 ? in.readLong() : Integer.toUnsignedLong(in.readInt());
    return new Prefix(ipv6, high, low, in.readUnsignedByte());
  }

  private static PortRange decodeRange(DataInputStream in) throws IOException {
    return new PortRange(in.readUnsignedShort(), in.readUnsignedShort());
  }

  private static ByteCondition decodeCondition(DataInputStream in) throws IOException {
    return new ByteCondition(
        HEADERS[in.readUnsignedByte()],
        in.readUnsignedByte(),
        in.readUnsignedByte(),
        in.readInt(),
        in.readInt());
  }
}

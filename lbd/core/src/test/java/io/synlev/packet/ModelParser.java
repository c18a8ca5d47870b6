package io.synlev.packet;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * What a packet says, found out in another way than {@link PacketParser} does: by taking headers
 * off a buffer that throws when it is used up. Slow and simple; the yardstick of the tests.
 */
public final class ModelParser {

  private static final class Short extends RuntimeException {
    private static final long serialVersionUID = 1;

    Short() {
      super(null, null, false, false);
    }
  }

  private static final Short SHORT = new Short();

  /** Extension headers with a length field: bytes a unit, and units that the field leaves out. */
  private static final Map<Integer, int[]> UNITS =
      Map.of(
          0, new int[] {8, 1},
          43, new int[] {8, 1},
          51, new int[] {4, 2},
          60, new int[] {8, 1},
          135, new int[] {8, 1},
          139, new int[] {8, 1},
          140, new int[] {8, 1});

  private static final Set<Integer> ERRORS = Set.of(3, 4, 5, 11, 12);

  private final byte[] bytes;
  private final boolean quoted;
  private byte[] rest;
  private byte[] message = new byte[0];
  private boolean padded;

  public HeaderStatus status = HeaderStatus.OK;
  public PacketKind kind = PacketKind.UNKNOWN;
  public int family;
  public long sourceHigh;
  public long sourceLow;
  public long destinationHigh;
  public long destinationLow;
  int protocol;
  int ports;
  int transportOffset = -1;
  public boolean fragment;
  public int fragmentOffset;
  boolean moreFragments;
  int identification;

  public ModelParser(byte[] packet) {
    this(packet, 0);
  }

  /** With a family, the packet is what an error of that family quotes. */
  private ModelParser(byte[] packet, int quotedFamily) {
    bytes = packet;
    rest = packet;
    quoted = quotedFamily != 0;
    if (packet.length == 0) {
      status = HeaderStatus.EMPTY;
      return;
    }
    int version = (packet[0] & 0xff) / 16;
    if (version != 4 && version != 6 || quoted && version != quotedFamily) {
      status = HeaderStatus.BAD_VERSION;
    } else if (version == 4) {
      ipv4();
    } else {
      ipv6();
    }
  }

  /** What the error says that this is: the quoted packet, its two ends exchanged. */
  public ModelParser quoted() {
    ModelParser model = new ModelParser(quote(), family);
    long high = model.sourceHigh;
    long low = model.sourceLow;
    model.sourceHigh = model.destinationHigh;
    model.sourceLow = model.destinationLow;
    model.destinationHigh = high;
    model.destinationLow = low;
    if (model.kind != PacketKind.ICMP_ECHO) {
      model.ports = Integer.rotateLeft(model.ports, 16);
    }
    return model;
  }

  private byte[] quote() {
    int type = u8(message, 0);
    if (family == 6 && type == 137) {
      return redirected(message.length < 40 ? new byte[0] : tail(message, 40), 8);
    }
    byte[] all = message.length < 8 ? new byte[0] : tail(message, 8);
    Map<Integer, Integer> units = family == 4 ? Map.of(3, 4, 11, 4, 12, 4) : Map.of(1, 8, 3, 8);
    if (units.containsKey(type) && message.length >= 8) {
      int stated = u8(message, family == 4 ? 5 : 4) * units.get(type);
      return stated >= 128 && stated < all.length ? Arrays.copyOf(all, stated) : all;
    }
    return all;
  }

  private static byte[] redirected(byte[] options, int most) {
    if (options.length < 8 || options[1] == 0 || most == 0) {
      return new byte[0];
    }
    int size = Math.min(u8(options, 1) * 8, options.length);
    return options[0] == 4
        ? Arrays.copyOfRange(options, 8, size)
        : redirected(tail(options, size), most - 1);
  }

  private static byte[] tail(byte[] of, int from) {
    return Arrays.copyOfRange(of, from, of.length);
  }

  private byte[] peek(int count) {
    if (rest.length < count) {
      throw SHORT;
    }
    return Arrays.copyOf(rest, count);
  }

  private byte[] take(int count) {
    byte[] taken = peek(count);
    rest = Arrays.copyOfRange(rest, count, rest.length);
    return taken;
  }

  private static int u16(byte[] from, int at) {
    return Byte.toUnsignedInt(from[at]) * 256 + Byte.toUnsignedInt(from[at + 1]);
  }

  private static int u8(byte[] from, int at) {
    return Byte.toUnsignedInt(from[at]);
  }

  /** Cuts off what lies behind the packet's end. */
  private void endAt(int length) {
    padded = !quoted && length < bytes.length;
    if (padded) {
      rest = Arrays.copyOf(bytes, length);
    }
  }

  private void tooShort(HeaderStatus ifCut) {
    status = padded ? HeaderStatus.HEADERS_BEYOND_LENGTH : ifCut;
  }

  private void ipv4() {
    if (bytes.length < 20) {
      status = HeaderStatus.TRUNCATED_IP_HEADER;
      return;
    }
    int words = bytes[0] & 15;
    if (words < 5) {
      status = HeaderStatus.BAD_IP_HEADER_LENGTH;
      return;
    }
    boolean bigTcp = u16(bytes, 2) == 0 && bytes[9] == 6;
    int total = bigTcp || quoted ? Integer.MAX_VALUE : u16(bytes, 2);
    if (total < words * 4) {
      status = HeaderStatus.BAD_TOTAL_LENGTH;
      return;
    }
    if (bytes.length < words * 4) {
      status = HeaderStatus.TRUNCATED_IP_HEADER;
      return;
    }
    endAt(total);
    ByteBuffer header = ByteBuffer.wrap(take(words * 4));
    family = 4;
    sourceLow = Integer.toUnsignedLong(header.getInt(12));
    destinationLow = Integer.toUnsignedLong(header.getInt(16));
    protocol = u8(bytes, 9);
    int field = u16(bytes, 6);
    fragmentOffset = field % 8192 * 8;
    moreFragments = field / 8192 % 2 == 1;
    fragment = moreFragments || fragmentOffset > 0;
    identification = fragment ? u16(bytes, 4) : 0;
    if (fragmentOffset == 0) {
      transport(words * 4);
    }
  }

  private void ipv6() {
    if (bytes.length < 40) {
      status = HeaderStatus.TRUNCATED_IP_HEADER;
      return;
    }
    protocol = u8(bytes, 6);
    int payload = u16(bytes, 4);
    boolean unlimited = payload == 0 && (protocol == 0 || protocol == 6);
    endAt(unlimited ? Integer.MAX_VALUE : 40 + payload);
    ByteBuffer header = ByteBuffer.wrap(take(40));
    family = 6;
    sourceHigh = header.getLong(8);
    sourceLow = header.getLong(16);
    destinationHigh = header.getLong(24);
    destinationLow = header.getLong(32);
    try {
      chain(0, 40);
    } catch (Short e) {
      tooShort(HeaderStatus.TRUNCATED_EXTENSION_HEADER);
    }
  }

  private void chain(int depth, int offset) {
    boolean isFragmentHeader = protocol == 44;
    if (!isFragmentHeader && !UNITS.containsKey(protocol)) {
      transport(offset);
    } else if (depth == 8) {
      status = HeaderStatus.TOO_MANY_EXTENSION_HEADERS;
    } else if (isFragmentHeader) {
      fragmentHeader(depth, offset);
    } else {
      int[] unit = UNITS.get(protocol);
      int size = (u8(peek(8), 1) + unit[1]) * unit[0];
      protocol = u8(take(size), 0);
      chain(depth + 1, offset + size);
    }
  }

  private boolean seen;

  private void fragmentHeader(int depth, int offset) {
    byte[] header = peek(8);
    if (seen) {
      transport(offset);
      return;
    }
    take(8);
    seen = true;
    protocol = u8(header, 0);
    fragmentOffset = u16(header, 2) / 8 * 8;
    moreFragments = header[3] % 2 != 0;
    fragment = moreFragments || fragmentOffset > 0;
    identification = ByteBuffer.wrap(header).getInt(4);
    if (fragmentOffset == 0) {
      chain(depth + 1, offset + 8);
    }
  }

  private void transport(int offset) {
    transportOffset = offset;
    try {
      switch (protocol) {
        case 6, 17, 132 -> withPorts();
        case 1 -> icmp(family == 4, quoted ? 0 : 8);
        case 58 -> icmp(family == 6, quoted ? 129 : 128);
        default -> kind = PacketKind.OTHER;
      }
    } catch (Short e) {
      tooShort(HeaderStatus.TRUNCATED_TRANSPORT_HEADER);
    }
  }

  private void withPorts() {
    int both = ByteBuffer.wrap(peek(4)).getInt();
    boolean badTcp = protocol == 6 && rest.length > 12 && (rest[12] >> 4 & 15) < 5;
    boolean badUdp = protocol == 17 && rest.length >= 6 && u16(rest, 4) > 0 && u16(rest, 4) < 8;
    if (!quoted && (badTcp || badUdp)) {
      status = HeaderStatus.BAD_TRANSPORT_LENGTH;
      return;
    }
    ports = both;
    kind = Map.of(6, PacketKind.TCP, 17, PacketKind.UDP, 132, PacketKind.SCTP).get(protocol);
  }

  private void icmp(boolean rightFamily, int echo) {
    if (!rightFamily) {
      kind = PacketKind.OTHER;
      return;
    }
    int type = u8(peek(1), 0);
    message = rest;
    if (type == echo) {
      ports = u16(peek(6), 4) * 65536;
      kind = PacketKind.ICMP_ECHO;
    } else if (family == 4 ? ERRORS.contains(type) : type < 128 || type == 137) {
      kind = PacketKind.ICMP_ERROR;
    } else {
      kind = PacketKind.ICMP_OTHER;
    }
  }

  /** Whether the production parser found the same. */
  public boolean agreesWith(PacketHeaders headers) {
    FlowKey flow = headers.flow;
    return headers.status == status
        && headers.kind == kind
        && flow.family == family
        && flow.sourceHigh == sourceHigh
        && flow.sourceLow == sourceLow
        && flow.destinationHigh == destinationHigh
        && flow.destinationLow == destinationLow
        && flow.protocol == protocol
        && flow.ports == ports
        && headers.transportOffset == transportOffset
        && headers.fragment == fragment
        && headers.fragmentOffset == fragmentOffset
        && headers.moreFragments == moreFragments
        && headers.identification == identification;
  }

  @Override
  public String toString() {
    return "%s %s ipv%d protocol %d ports %x transport at %d fragment %b %d %b %x"
        .formatted(
            status,
            kind,
            family,
            protocol,
            ports,
            transportOffset,
            fragment,
            fragmentOffset,
            moreFragments,
            identification);
  }

  public static String describe(PacketHeaders headers) {
    return "%s %s ipv%d protocol %d ports %x transport at %d fragment %b %d %b %x"
        .formatted(
            headers.status,
            headers.kind,
            headers.flow.family,
            headers.flow.protocol,
            headers.flow.ports,
            headers.transportOffset,
            headers.fragment,
            headers.fragmentOffset,
            headers.moreFragments,
            headers.identification);
  }
}

package io.synlev.packet;

import io.synlev.memory.Memory;

/**
 * The fields of TCP, UDP and SCTP that steering looks at: network byte order, offsets in bytes.
 *
 * <p>All three start with the source and the destination port (RFC 9293, section 3.1; RFC 768; RFC
 * 9260, section 3.1). No method checks bounds. Any thread may call.
 */
public final class TransportHeader {

  /** Source port, 16 bits, in TCP, UDP and SCTP. */
  public static final int SOURCE_PORT_FIELD_OFFSET = 0;

  /** Destination port, 16 bits, in TCP, UDP and SCTP. */
  public static final int DESTINATION_PORT_FIELD_OFFSET = 2;

  /** Bytes of both ports. */
  public static final int PORTS_LENGTH = 4;

  /** UDP: bytes of header and data, 16 bits; 0 in a jumbogram (RFC 2675, section 4). */
  public static final int UDP_LENGTH_FIELD_OFFSET = 4;

  /** UDP: the least that its length field may say, apart from 0. */
  public static final int UDP_MIN_LENGTH = 8;

  /** TCP: header length in 32-bit words, upper four bits. */
  public static final int TCP_DATA_OFFSET_FIELD_OFFSET = 12;

  /** TCP: CWR, ECE, URG, ACK, PSH, RST, SYN, FIN, from the highest bit down. */
  public static final int TCP_FLAGS_FIELD_OFFSET = 13;

  /** TCP: bytes of a header without options. */
  public static final int TCP_MIN_LENGTH = 20;

  private TransportHeader() {}

  /** Both ports: {@code source << 16 | destination}. */
  public static int ports(long header) {
    return Memory.getIntBe(header + SOURCE_PORT_FIELD_OFFSET);
  }

  /** The UDP length, 0 to 65535. */
  public static int udpLength(long header) {
    return Memory.getShortBe(header + UDP_LENGTH_FIELD_OFFSET) & 0xffff;
  }

  /** Bytes of the TCP header with its options, 0 to 60; valid from {@link #TCP_MIN_LENGTH} up. */
  public static int tcpHeaderLength(long header) {
    return (Memory.getByte(header + TCP_DATA_OFFSET_FIELD_OFFSET) & 0xf0) >> 2;
  }

  /**
   * The TCP flags, 0 to 255; 0 if they are not there: the ports alone make a packet of a flow.
   *
   * @param size how many bytes of the header there are
   */
  public static int tcpFlags(long header, int size) {
    return size > TCP_FLAGS_FIELD_OFFSET
        ? Memory.getByte(header + TCP_FLAGS_FIELD_OFFSET) & 0xff
        : 0;
  }
}

package io.synlev.packet;

/**
 * What a parser found out about a packet's headers.
 *
 * <p>The order matters: from {@link #OK} to {@link #BAD_TRANSPORT_LENGTH} the IP header was sound,
 * so the addresses are known and the packet can be somebody's; after it they are not.
 */
public enum HeaderStatus {
  /** Everything that steering needs is known. */
  OK,

  /** The bytes there end inside an IPv6 extension header. */
  TRUNCATED_EXTENSION_HEADER,

  /** The IPv6 header chain is longer than {@link PacketParser#MAX_EXTENSION_HEADERS}. */
  TOO_MANY_EXTENSION_HEADERS,

  /** The bytes there end before the ports, the ICMP type or the echo identifier. */
  TRUNCATED_TRANSPORT_HEADER,

  /** All bytes are there, but the IP length field ends the packet inside its headers. */
  HEADERS_BEYOND_LENGTH,

  /** TCP's data offset is below 5 words, or UDP's length is between 1 and 7 bytes. */
  BAD_TRANSPORT_LENGTH,

  /** No byte is there. */
  EMPTY,

  /** The version field is neither 4 nor 6. */
  BAD_VERSION,

  /** The bytes there end inside the IP header. */
  TRUNCATED_IP_HEADER,

  /** The IPv4 header length is below 5 words. */
  BAD_IP_HEADER_LENGTH,

  /** The IPv4 total length is smaller than the header. */
  BAD_TOTAL_LENGTH;

  /** Whether family, addresses and fragment information are known. */
  public boolean knowsAddresses() {
    return ordinal() <= BAD_TRANSPORT_LENGTH.ordinal();
  }
}

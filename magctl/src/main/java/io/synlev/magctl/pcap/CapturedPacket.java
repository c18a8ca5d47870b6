package io.synlev.magctl.pcap;

/**
 * A packet of a capture file.
 *
 * @param number its place in the file, from 1
 * @param epochNanos when it was captured, in nanoseconds since 1970-01-01 UTC; 0 if the file does
 *     not say
 * @param bytes the captured bytes from the IP header on; empty if {@code skipped} is not null
 * @param skipped why there is no IP packet in the frame; null if there is one
 */
public record CapturedPacket(long number, long epochNanos, byte[] bytes, String skipped) {}

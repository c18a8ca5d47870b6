package io.synlev.netfilter;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Map;

/** Rules and UDP packets on the loopback device of a test's own namespace. */
final class QueueTraffic {

  static final int QUEUE = 7;
  static final String VIP = "10.9.0.1";
  static final int PORT = 5000;

  private QueueTraffic() {}

  /** Queues the VIP's UDP packets, bound or not: without a listener they are dropped. */
  static void queueUdp() throws Exception {
    queueUdp("--queue-num " + QUEUE);
  }

  static void queueUdp(String target) throws Exception {
    TestNamespace.command("ip addr add 10.9.0.1/24 dev lo");
    TestNamespace.command(
        "iptables -t mangle -A PREROUTING -d " + VIP + " -p udp -j NFQUEUE " + target);
  }

  static DatagramChannel receiver() throws Exception {
    return receiver(VIP);
  }

  static DatagramChannel receiver(String address) throws Exception {
    DatagramChannel channel = DatagramChannel.open();
    channel.bind(new InetSocketAddress(InetAddress.getByName(address), PORT));
    return channel;
  }

  /** Sends one packet for each byte, which is its last and tells {@link ByteDecider} what to do. */
  static void send(DatagramChannel from, int... lastBytes) throws Exception {
    send(VIP, from, lastBytes);
  }

  static void send(String address, DatagramChannel from, int... lastBytes) throws Exception {
    InetSocketAddress to = new InetSocketAddress(InetAddress.getByName(address), PORT);
    for (int last : lastBytes) {
      from.send(ByteBuffer.wrap(new byte[] {1, 2, 3, (byte) last}), to);
    }
  }

  /** Waits for a packet and returns its last byte. */
  static int receive(DatagramChannel channel) throws Exception {
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    channel.receive(buffer);
    return buffer.get(buffer.position() - 1) & 0xff;
  }

  static Map<String, Long> counters(NfqueueDatapath datapath) {
    return datapath.statistics().getFirst().counters();
  }

  /** Sends until so many packets have been decided since the start. */
  static void sendUntilDecided(NfqueueDatapath datapath, DatagramChannel sender, long packets)
      throws Exception {
    while (counters(datapath).get("packets") < packets) {
      for (int i = 0; i < 100; i++) {
        send(sender, 250, 253);
      }
    }
  }
}

package io.synlev.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionTextsTest {

  /** What opens an interface to receive, by the guides of DPDK 22.11 for each driver. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "net_af_packet0,iface=eth0 true",
        "net_pcap0,iface=eth0 true",
        "net_pcap0,rx_iface=eth0,tx_iface=eth0 true",
        "net_pcap0,rx_iface_in=eth0,tx_iface=eth0 true",
        "net_pcap0,rx_pcap=in.pcap,tx_iface=eth0 false",
        "net_pcap0,rx_pcap=in.pcap,tx_pcap=out.pcap false",
        "net_af_xdp0,iface=eth0 false",
        "0000:03:00.0 false"
      })
  void shouldKnowWhereTheKernelGetsPacketsToo(String port, boolean isCopied) {
    FastPathOptions options = OptionTexts.parse(List.of("port=" + port));
    assertEquals(isCopied, options.leavesCopies());
  }
}

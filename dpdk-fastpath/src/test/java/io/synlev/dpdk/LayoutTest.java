package io.synlev.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compares every number of {@link Layout2211} with what a C compiler makes of the headers. */
class LayoutTest {

  @BeforeAll
  static void needCompilerAndHeaders() throws Exception {
    assumeTrue(
        new ProcessBuilder("sh", "-c", "command -v cc && pkg-config --modversion libdpdk")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor()
            == 0,
        "no C compiler or no headers: apt-get install gcc pkg-config libdpdk-dev");
  }

  @Test
  void shouldBeWhatTheHeadersSay(@TempDir Path directory) throws Exception {
    Map<String, Long> ours = new LinkedHashMap<>();
    structures(ours);
    flows(ours);
    numbers(ours);
    assertEquals(ours, asCompiled(directory, ours.keySet()));
    assertEquals(constants(), ours.size(), "constants of Layout2211 that are compared");
  }

  /** All but VERSION and ABI, which are checked at run time. */
  private static long constants() {
    return java.util.Arrays.stream(Layout2211.class.getDeclaredFields())
        .filter(field -> !field.getName().equals("VERSION") && !field.getName().equals("ABI"))
        .count();
  }

  private static void structures(Map<String, Long> ours) {
    size(ours, "rte_mbuf", Layout2211.MBUF_BYTES);
    offset(ours, "rte_mbuf", "buf_addr", Layout2211.MBUF_BUF_ADDR);
    offset(ours, "rte_mbuf", "data_off", Layout2211.MBUF_DATA_OFF);
    offset(ours, "rte_mbuf", "refcnt", Layout2211.MBUF_REFCNT);
    offset(ours, "rte_mbuf", "nb_segs", Layout2211.MBUF_NB_SEGS);
    offset(ours, "rte_mbuf", "port", Layout2211.MBUF_PORT);
    offset(ours, "rte_mbuf", "ol_flags", Layout2211.MBUF_OL_FLAGS);
    offset(ours, "rte_mbuf", "packet_type", Layout2211.MBUF_PACKET_TYPE);
    offset(ours, "rte_mbuf", "pkt_len", Layout2211.MBUF_PKT_LEN);
    offset(ours, "rte_mbuf", "data_len", Layout2211.MBUF_DATA_LEN);
    offset(ours, "rte_mbuf", "hash", Layout2211.MBUF_HASH);
    offset(ours, "rte_mbuf", "buf_len", Layout2211.MBUF_BUF_LEN);
    offset(ours, "rte_mbuf", "pool", Layout2211.MBUF_POOL);
    offset(ours, "rte_mbuf", "next", Layout2211.MBUF_NEXT);
    offset(ours, "rte_mbuf", "tx_offload", Layout2211.MBUF_TX_OFFLOAD);
    size(ours, "rte_eth_fp_ops", Layout2211.OPS_BYTES);
    offset(ours, "rte_eth_fp_ops", "rx_pkt_burst", Layout2211.OPS_RX_BURST);
    offset(ours, "rte_eth_fp_ops", "rxq.data", Layout2211.OPS_RX_QUEUES);
    offset(ours, "rte_eth_fp_ops", "rxq.clbk", Layout2211.OPS_RX_CALLBACKS);
    offset(ours, "rte_eth_fp_ops", "tx_pkt_burst", Layout2211.OPS_TX_BURST);
    offset(ours, "rte_eth_fp_ops", "tx_pkt_prepare", Layout2211.OPS_TX_PREPARE);
    offset(ours, "rte_eth_fp_ops", "txq.data", Layout2211.OPS_TX_QUEUES);
    offset(ours, "rte_eth_fp_ops", "txq.clbk", Layout2211.OPS_TX_CALLBACKS);
    size(ours, "rte_eth_conf", Layout2211.CONF_BYTES);
    offset(ours, "rte_eth_conf", "rxmode.mq_mode", Layout2211.CONF_MQ_MODE);
    offset(ours, "rte_eth_conf", "rxmode.mtu", Layout2211.CONF_MTU);
    offset(ours, "rte_eth_conf", "rxmode.offloads", Layout2211.CONF_RX_OFFLOADS);
    offset(ours, "rte_eth_conf", "txmode.offloads", Layout2211.CONF_TX_OFFLOADS);
    offset(ours, "rte_eth_conf", "rx_adv_conf.rss_conf.rss_key", Layout2211.CONF_RSS_KEY);
    offset(
        ours, "rte_eth_conf", "rx_adv_conf.rss_conf.rss_key_len", Layout2211.CONF_RSS_KEY_LENGTH);
    offset(ours, "rte_eth_conf", "rx_adv_conf.rss_conf.rss_hf", Layout2211.CONF_RSS_FIELDS);
    size(ours, "rte_eth_dev_info", Layout2211.INFO_BYTES);
    offset(ours, "rte_eth_dev_info", "device", Layout2211.INFO_DEVICE);
    offset(ours, "rte_devargs", "args", Layout2211.DEVARGS_ARGUMENTS);
    offset(ours, "rte_eth_dev_info", "driver_name", Layout2211.INFO_DRIVER);
    offset(ours, "rte_eth_dev_info", "if_index", Layout2211.INFO_IF_INDEX);
    offset(ours, "rte_eth_dev_info", "min_mtu", Layout2211.INFO_MIN_MTU);
    offset(ours, "rte_eth_dev_info", "max_mtu", Layout2211.INFO_MAX_MTU);
    offset(ours, "rte_eth_dev_info", "max_rx_queues", Layout2211.INFO_MAX_RX_QUEUES);
    offset(ours, "rte_eth_dev_info", "max_tx_queues", Layout2211.INFO_MAX_TX_QUEUES);
    offset(ours, "rte_eth_dev_info", "rx_offload_capa", Layout2211.INFO_RX_OFFLOADS);
    offset(ours, "rte_eth_dev_info", "tx_offload_capa", Layout2211.INFO_TX_OFFLOADS);
    offset(ours, "rte_eth_dev_info", "reta_size", Layout2211.INFO_RETA_SIZE);
    offset(ours, "rte_eth_dev_info", "hash_key_size", Layout2211.INFO_KEY_BYTES);
    offset(ours, "rte_eth_dev_info", "flow_type_rss_offloads", Layout2211.INFO_RSS_FIELDS);
    size(ours, "rte_eth_stats", Layout2211.STATS_BYTES);
    offset(ours, "rte_eth_stats", "ipackets", Layout2211.STATS_RX_PACKETS);
    offset(ours, "rte_eth_stats", "opackets", Layout2211.STATS_TX_PACKETS);
    offset(ours, "rte_eth_stats", "ibytes", Layout2211.STATS_RX_BYTES);
    offset(ours, "rte_eth_stats", "obytes", Layout2211.STATS_TX_BYTES);
    offset(ours, "rte_eth_stats", "imissed", Layout2211.STATS_RX_MISSED);
    offset(ours, "rte_eth_stats", "ierrors", Layout2211.STATS_RX_ERRORS);
    offset(ours, "rte_eth_stats", "oerrors", Layout2211.STATS_TX_ERRORS);
    offset(ours, "rte_eth_stats", "rx_nombuf", Layout2211.STATS_RX_NO_MBUF);
    size(ours, "rte_eth_link", Layout2211.LINK_BYTES);
    offset(ours, "rte_eth_link", "link_speed", Layout2211.LINK_SPEED);
    size(ours, "rte_eth_rss_conf", Layout2211.RSS_CONF_BYTES);
    offset(ours, "rte_eth_rss_conf", "rss_key", Layout2211.RSS_CONF_KEY);
    offset(ours, "rte_eth_rss_conf", "rss_key_len", Layout2211.RSS_CONF_KEY_LENGTH);
    offset(ours, "rte_eth_rss_conf", "rss_hf", Layout2211.RSS_CONF_FIELDS);
    size(ours, "rte_eth_rss_reta_entry64", Layout2211.RETA_GROUP_BYTES);
    offset(ours, "rte_eth_rss_reta_entry64", "mask", Layout2211.RETA_MASK);
    offset(ours, "rte_eth_rss_reta_entry64", "reta", Layout2211.RETA_QUEUES);
    offset(ours, "rte_mempool", "size", Layout2211.POOL_SIZE);
    offset(ours, "rte_mempool", "cache_size", Layout2211.POOL_CACHE_SIZE);
    offset(ours, "rte_mempool", "ops_index", Layout2211.POOL_OPS_INDEX);
    offset(ours, "rte_mempool_ops_table", "ops", Layout2211.POOL_OPS_TABLE_FIRST);
    size(ours, "rte_mempool_ops", Layout2211.POOL_OPS_BYTES);
    offset(ours, "rte_mempool_ops", "dequeue", Layout2211.POOL_OPS_DEQUEUE);
  }

  private static void flows(Map<String, Long> ours) {
    size(ours, "rte_flow_attr", Layout2211.FLOW_ATTR_BYTES);
    size(ours, "rte_flow_item", Layout2211.FLOW_ITEM_BYTES);
    offset(ours, "rte_flow_item", "spec", Layout2211.FLOW_ITEM_SPEC);
    offset(ours, "rte_flow_item", "last", Layout2211.FLOW_ITEM_LAST);
    offset(ours, "rte_flow_item", "mask", Layout2211.FLOW_ITEM_MASK);
    ours.put("RTE_FLOW_ITEM_TYPE_END", (long) Layout2211.FLOW_ITEM_END);
    ours.put("RTE_FLOW_ITEM_TYPE_ETH", (long) Layout2211.FLOW_ITEM_ETH);
    ours.put("RTE_FLOW_ITEM_TYPE_IPV4", (long) Layout2211.FLOW_ITEM_IPV4);
    ours.put("RTE_FLOW_ITEM_TYPE_IPV6", (long) Layout2211.FLOW_ITEM_IPV6);
    size(ours, "rte_flow_item_ipv4", Layout2211.FLOW_IPV4_BYTES);
    offset(ours, "rte_flow_item_ipv4", "hdr.dst_addr", Layout2211.FLOW_IPV4_DESTINATION);
    size(ours, "rte_flow_item_ipv6", Layout2211.FLOW_IPV6_BYTES);
    offset(ours, "rte_flow_item_ipv6", "hdr.dst_addr", Layout2211.FLOW_IPV6_DESTINATION);
    size(ours, "rte_flow_action", Layout2211.FLOW_ACTION_BYTES);
    offset(ours, "rte_flow_action", "conf", Layout2211.FLOW_ACTION_CONF);
    ours.put("RTE_FLOW_ACTION_TYPE_END", (long) Layout2211.FLOW_ACTION_END);
    ours.put("RTE_FLOW_ACTION_TYPE_QUEUE", (long) Layout2211.FLOW_ACTION_QUEUE);
    ours.put("RTE_FLOW_ACTION_TYPE_RSS", (long) Layout2211.FLOW_ACTION_RSS);
    size(ours, "rte_flow_action_rss", Layout2211.FLOW_RSS_BYTES);
    offset(ours, "rte_flow_action_rss", "types", Layout2211.FLOW_RSS_TYPES);
    offset(ours, "rte_flow_action_rss", "queue_num", Layout2211.FLOW_RSS_QUEUE_COUNT);
    offset(ours, "rte_flow_action_rss", "queue", Layout2211.FLOW_RSS_QUEUES);
    size(ours, "rte_flow_error", Layout2211.FLOW_ERROR_BYTES);
    offset(ours, "rte_flow_error", "message", Layout2211.FLOW_ERROR_MESSAGE);
  }

  private static void numbers(Map<String, Long> ours) {
    ours.put("RTE_PKTMBUF_HEADROOM", (long) Layout2211.MBUF_HEADROOM);
    ours.put("RTE_MBUF_L2_LEN_BITS", (long) Layout2211.MBUF_L2_LEN_BITS);
    ours.put("RTE_MBUF_F_TX_IP_CKSUM", Layout2211.MBUF_TX_IP_CKSUM);
    ours.put("RTE_MBUF_F_TX_IPV4", Layout2211.MBUF_TX_IPV4);
    ours.put("RTE_ETH_MQ_RX_RSS", (long) Layout2211.MQ_RSS);
    ours.put(
        "RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_SCTP",
        Layout2211.RSS_FIELDS);
    ours.put("RTE_ETH_TX_OFFLOAD_IPV4_CKSUM", Layout2211.TX_OFFLOAD_IPV4_CKSUM);
    ours.put("RTE_ETH_RX_OFFLOAD_IPV4_CKSUM", Layout2211.RX_OFFLOAD_IPV4_CKSUM);
    ours.put("RTE_ETH_RETA_GROUP_SIZE", (long) Layout2211.RETA_GROUP);
    ours.put("sizeof(rte_cpuset_t)", (long) Layout2211.CPU_SET_BYTES);
    // Bit fields have no offset: what a structure with only them set looks like as 32-bit words.
    ours.put("W(struct rte_flow_attr, ingress, 2)", (long) Layout2211.FLOW_ATTR_INGRESS);
    ours.put("P(struct rte_flow_attr, ingress)", (long) Layout2211.FLOW_ATTR_FLAGS);
    ours.put("W(struct rte_eth_link, link_status, 1)", (long) Layout2211.LINK_UP);
    ours.put("W(struct rte_eth_link, link_duplex, 1)", (long) Layout2211.LINK_FULL_DUPLEX);
    ours.put("P(struct rte_eth_link, link_status)", (long) Layout2211.LINK_FLAGS);
  }

  private static void size(Map<String, Long> ours, String structure, long bytes) {
    ours.put("sizeof(struct " + structure + ")", bytes);
  }

  private static void offset(Map<String, Long> ours, String structure, String field, long bytes) {
    ours.put("offsetof(struct " + structure + ", " + field + ")", bytes);
  }

  /** What C says of each expression. */
  private static Map<String, Long> asCompiled(Path directory, Iterable<String> expressions)
      throws IOException, InterruptedException {
    StringBuilder program =
        new StringBuilder(
            """
            #define _GNU_SOURCE
            #include <stdio.h>
            #include <string.h>
            #include <stddef.h>
            #include <rte_devargs.h>
            #include <rte_ethdev.h>
            #include <rte_flow.h>
            #include <rte_lcore.h>
            #include <rte_mbuf.h>
            /* the word at an index, and the byte offset of the first word that is not 0 */
            #define W(s, f, i) ({ union { s x; uint32_t w[16]; } u; memset(&u, 0, sizeof u); u.x.f = 1; u.w[i]; })
            #define P(s, f) ({ union { s x; uint32_t w[16]; } u; int i = 0; memset(&u, 0, sizeof u); \\
              u.x.f = 1; while (!u.w[i]) i++; 4 * i; })
            int main(void) {
            """);
    for (String expression : expressions) {
      program.append("  printf(\"%lld\\n\", (long long) (" + expression + "));\n");
    }
    Path source = Files.writeString(directory.resolve("layout.c"), program.append("}\n"));
    String output =
        run("cc -march=native $(pkg-config --cflags libdpdk) -o layout " + source, directory)
            + run("./layout", directory);
    Map<String, Long> compiled = new LinkedHashMap<>();
    var lines = output.lines().map(Long::parseLong).collect(Collectors.toList()).iterator();
    expressions.forEach(expression -> compiled.put(expression, lines.next()));
    return compiled;
  }

  private static String run(String command, Path directory)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("sh", "-c", command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output;
  }
}

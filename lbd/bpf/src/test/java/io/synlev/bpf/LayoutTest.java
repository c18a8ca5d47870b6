package io.synlev.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.synlev.bpf.Bpf.MapInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What both sides say of the maps' elements; where fields are, the rules' tests show. */
@Timeout(60)
class LayoutTest {

  @Test
  void shouldAgreeWithTheProgramOnSizes() throws Exception {
    TcBed.run(
        bed -> {
          TcOptions options = bed.options();
          TcOffload offload = bed.open(options);
          expect(offload, MapSet.Name.FLOWS4, FlowLayout.KEY4_BYTES, FlowLayout.FLOW_BYTES, 4096);
          expect(offload, MapSet.Name.FLOWS6, FlowLayout.KEY6_BYTES, FlowLayout.FLOW_BYTES, 4096);
          expect(offload, MapSet.Name.YOUNG4, FlowLayout.KEY4_BYTES, FlowLayout.FLOW_BYTES, 1024);
          expect(offload, MapSet.Name.YOUNG6, FlowLayout.KEY6_BYTES, FlowLayout.FLOW_BYTES, 1024);
          expect(offload, MapSet.Name.BACKENDS, 4, BackendLayout.BYTES, 64);
          expect(offload, MapSet.Name.VIPS, 4, 64 + 2 * 65_536 / 8, 1);
          expect(offload, MapSet.Name.STATISTICS, 4, 8 * TcCounter.values().length, 1);
        });
  }

  private static void expect(
      TcOffload offload, MapSet.Name map, int keyBytes, int valueBytes, int entries)
      throws Exception {
    MapInfo info = Bpf.mapInfo(offload.descriptor(map));
    assertEquals(map.map(), info.name());
    assertEquals(keyBytes, info.keyBytes(), map.map());
    assertEquals(valueBytes, info.valueBytes(), map.map());
    assertEquals(entries, info.maxEntries(), map.map());
  }
}

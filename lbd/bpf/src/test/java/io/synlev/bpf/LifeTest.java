package io.synlev.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.synlev.ffi.NativeException;
import io.synlev.packet.FlowKey;
import io.synlev.packet.IpProtocol;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Starts, ends, and what is left: maps, filters, qdiscs, directories; in the kernel. */
@Timeout(60)
class LifeTest {

  private static final int MARK = 0x5a;
  private static final Frame FRAME = Frame.of(FlowKey.IPV6, IpProtocol.TCP, 1);

  private static TcOffload openWithFlow(TcBed bed) throws Exception {
    TcOffload offload = bed.open(bed.options());
    offload.backends().set(MARK, 1);
    TcBed.add(offload.flowTable(), FRAME, MARK);
    return offload;
  }

  private static int mark(TcOffload offload) throws Exception {
    return TestRun.of(offload.program(TcHook.PROGRAM), FRAME.bytes()).mark();
  }

  private static String qdiscs() throws Exception {
    return TcBed.command("tc qdisc show dev in0");
  }

  private static String filters() throws Exception {
    return TcBed.command("tc filter show dev in0 ingress")
        + TcBed.command("tc filter show dev in0 egress");
  }

  @Test
  void shouldTakeFlowsBackendsAndCountersOver() throws Exception {
    TcBed.run(
        bed -> {
          TcOffload first = openWithFlow(bed);
          assertEquals(MARK, mark(first));
          first.vips().set(List.of(new VipFilter.Prefix(Frame.address("1000::1"), 128)));
          first.close(true);
          TcOffload second = bed.open(bed.options().withMode(TcMode.REDIRECT));
          assertEquals(Set.of(MARK), second.backends().marks());
          second.backends().set(MARK, 1);
          assertEquals(MARK, second.flowTable().find(FRAME.key()));
          assertEquals(MARK, mark(second));
          Frame other = Frame.of(FlowKey.IPV4, IpProtocol.TCP, 1);
          TestRun.of(second.program(TcHook.PROGRAM), other.bytes());
          assertEquals(0, second.statistics().get(TcCounter.MISS_UNKNOWN), "no VIP");
          assertEquals(2, second.statistics().get(TcCounter.HIT_MARK));
          assertEquals(List.of(), bed.log());
        });
  }

  @Test
  void shouldMakeMapsAnewWhenTheirSizeIsAnother() throws Exception {
    TcBed.run(
        bed -> {
          openWithFlow(bed).close(true);
          TcOffload second = bed.open(bed.options().withFlows(8192, 2048));
          assertEquals(Set.of(MARK), second.backends().marks());
          assertEquals(0, second.flowTable().find(FRAME.key()));
          assertEquals(4, bed.log().size(), bed.log().toString());
          assertTrue(bed.log().getFirst().contains("flows4_v1"), bed.log().toString());
          assertTrue(bed.log().getFirst().contains("8192"), bed.log().toString());
          assertTrue(bed.log().getFirst().contains("4096"), bed.log().toString());
        });
  }

  @Test
  void shouldDropFlowsWithTheMapOfBackends() throws Exception {
    TcBed.run(
        bed -> {
          openWithFlow(bed).close(true);
          TcOffload second = bed.open(bed.options().withBackends(65));
          second.backends().set(MARK + 1, 2); // takes the slot that the flow points to
          assertEquals(0, second.flowTable().find(FRAME.key()));
          assertEquals(0, second.flows().count(flow -> true));
          assertEquals(5, bed.log().size(), bed.log().toString());
        });
  }

  @Test
  void shouldForgetMapsOfAnotherVersionAndBackendsOutsideTheMask() throws Exception {
    TcBed.run(
        bed -> {
          TcOffload first = openWithFlow(bed);
          first.backends().set(0x3, 3);
          PinDirectory pins = new PinDirectory(bed.options().directory());
          int old = first.descriptor(MapSet.Name.FLOWS6);
          assertEquals(0, Bpf.pin(old, pins.pin("flows6_v0")));
          first.close(true);
          TcOptions narrow = TcOptions.of("test", 0xf).withRun(bed.directory());
          TcOffload second =
              bed.open(narrow.withFlows(4096, 1024).withBackends(64).withInsertions(0));
          assertEquals(Set.of(3), second.backends().marks());
          assertEquals(0, second.flowTable().find(FRAME.key()));
          assertFalse(Files.exists(pins.pin("flows6_v0")));
          assertEquals(List.of("BPF map flows6_v0 of another version is removed"), bed.log());
        });
  }

  @Test
  void shouldLeaveNothingBehind() throws Exception {
    TcBed.run(
        bed -> {
          String before = qdiscs();
          TcOffload offload = openWithFlow(bed);
          offload.attach("in0");
          offload.attach("in0");
          assertTrue(filters().contains("pref 21337 bpf"), filters());
          assertEquals(Set.of("in0"), offload.interfaces());
          offload.close(false);
          assertEquals("", filters());
          assertEquals(before, qdiscs());
          assertFalse(Files.exists(bed.options().directory()));
          offload.close(false);
        });
  }

  @Test
  void shouldLeaveForeignFiltersAndQdiscsAlone() throws Exception {
    TcBed.run(
        bed -> {
          TcBed.command("tc qdisc add dev in0 clsact");
          TcBed.command(
              "tc filter add dev in0 ingress pref 5 protocol ip u32 match u32 0 0 flowid 1:1");
          TcBed.command(
              "tc filter add dev in0 egress pref 6 protocol ip u32 match u32 0 0 flowid 1:1");
          String filters = filters();
          String qdiscs = qdiscs();
          TcOffload offload = openWithFlow(bed);
          offload.attach("in0");
          assertTrue(filters().contains("pref 21337 bpf"), filters());
          offload.detach("in0");
          assertEquals(filters, filters());
          offload.attach("in0");
          offload.close(false);
          assertEquals(filters, filters());
          assertEquals(qdiscs, qdiscs());
        });
  }

  @Test
  void shouldKeepItsQdiscForFiltersThatCameLater() throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = openWithFlow(bed);
          offload.attach("in0");
          TcBed.command(
              "tc filter add dev in0 egress pref 6 protocol ip u32 match u32 0 0 flowid 1:1");
          String qdiscs = qdiscs();
          offload.close(false);
          assertEquals(qdiscs, qdiscs());
          assertTrue(filters().contains("pref 6 u32"), filters());
          assertFalse(filters().contains("bpf"), filters());
        });
  }

  @Test
  void shouldRefuseThePlaceOfAnothersFilter() throws Exception {
    TcBed.run(
        bed -> {
          TcOptions options = bed.options();
          TcOffload offload = openWithFlow(bed);
          TcHook hook = TcHook.of(Libbpf.load(), "in0", options.priority(), options.handle());
          hook.createQdisc();
          hook.attach(offload.program("synlev_empty"));
          String filters = filters();
          NativeException refused =
              assertThrows(NativeException.class, () -> offload.attach("in0"));
          assertTrue(refused.getMessage().contains("synlev_empty"), refused.getMessage());
          offload.close(false);
          assertEquals(filters, filters());
        });
  }

  @Test
  void shouldSayWhatIsWrongWithAnInterface() throws Exception {
    TcBed.run(
        bed -> {
          TcOffload offload = openWithFlow(bed);
          NativeException none =
              assertThrows(NativeException.class, () -> offload.attach("nowhere0"));
          assertTrue(none.getMessage().contains("interface 'nowhere0'"), none.getMessage());
          TcBed.command("ip tuntap add mode tun name tun0");
          NativeException tun = assertThrows(NativeException.class, () -> offload.attach("tun0"));
          assertTrue(tun.getMessage().contains("type 65534"), tun.getMessage());
          assertEquals(Set.of(), offload.interfaces());
        });
  }

  @Test
  void shouldForgetInterfacesThatAreNotWantedOrGone() throws Exception {
    TcBed.run(
        bed -> {
          TcBed.command("ip link add in1 type veth peer name far1");
          TcOffload first = openWithFlow(bed);
          first.attachOnly(List.of("in0", "in1", "far1"));
          first.close(true);
          TcBed.command("ip link del in1");
          TcOffload second = bed.open(bed.options());
          second.attachOnly(List.of("far0"));
          assertEquals(Set.of("far0"), second.interfaces());
          assertEquals("", filters());
          assertFalse(qdiscs().contains("clsact"), qdiscs());
        });
  }
}

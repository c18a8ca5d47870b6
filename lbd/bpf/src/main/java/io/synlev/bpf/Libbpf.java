package io.synlev.bpf;

import io.synlev.ffi.NativeException;
import io.synlev.ffi.NativeFunction;
import io.synlev.ffi.NativeLibrary;

/**
 * libbpf 1.x: opens and loads objects, attaches tc filters; bpf/libbpf.h. Results are values,
 * addresses, or a negative errno. libbpf prints nothing: errors are told by who calls.
 */
final class Libbpf {

  private final NativeFunction openMemory;
  private final NativeFunction load;
  private final NativeFunction close;
  private final NativeFunction findMap;
  private final NativeFunction findProgram;
  private final NativeFunction mapDescriptor;
  private final NativeFunction mapSetMaxEntries;
  private final NativeFunction mapReuse;
  private final NativeFunction mapInitialValue;
  private final NativeFunction programDescriptor;
  private final NativeFunction tcHookCreate;
  private final NativeFunction tcHookDestroy;
  private final NativeFunction tcAttach;
  private final NativeFunction tcDetach;
  private final NativeFunction tcQuery;
  private final NativeFunction possibleProcessors;
  private final NativeFunction xdpQueryId;
  private final NativeFunction xdpDetach;

  private Libbpf(NativeLibrary library) throws NativeException {
    openMemory = library.function("bpf_object__open_mem");
    load = library.function("bpf_object__load");
    close = library.function("bpf_object__close");
    findMap = library.function("bpf_object__find_map_by_name");
    findProgram = library.function("bpf_object__find_program_by_name");
    mapDescriptor = library.function("bpf_map__fd");
    mapSetMaxEntries = library.function("bpf_map__set_max_entries");
    mapReuse = library.function("bpf_map__reuse_fd");
    mapInitialValue = library.function("bpf_map__initial_value");
    programDescriptor = library.function("bpf_program__fd");
    tcHookCreate = library.function("bpf_tc_hook_create");
    tcHookDestroy = library.function("bpf_tc_hook_destroy");
    tcAttach = library.function("bpf_tc_attach");
    tcDetach = library.function("bpf_tc_detach");
    tcQuery = library.function("bpf_tc_query");
    possibleProcessors = library.function("libbpf_num_possible_cpus");
    xdpQueryId = library.function("bpf_xdp_query_id");
    xdpDetach = library.function("bpf_xdp_detach");
    library.function("libbpf_set_print").pointer(0, 0, 0, 0);
  }

  /** Loads and links, or says which package is missing. */
  static Libbpf load() throws NativeException {
    return new Libbpf(NativeLibrary.load("libbpf.so.1", "libbpf1"));
  }

  /** bpf_object__open_mem: the object's address, or a negative errno. */
  long openMemory(long image, long bytes, long options) {
    return openMemory.pointer(image, bytes, options, 0);
  }

  /** bpf_object__load: makes the maps and loads the programs. */
  int load(long object) {
    return load.call(object, 0, 0, 0);
  }

  /** bpf_object__close: closes all descriptors, frees everything. Once only. */
  void close(long object) {
    close.run(object, 0, 0, 0);
  }

  /** bpf_object__find_map_by_name: an address, or a negative errno. */
  long findMap(long object, long name) {
    return findMap.pointer(object, name, 0, 0);
  }

  /** bpf_object__find_program_by_name: an address, or a negative errno. */
  long findProgram(long object, long name) {
    return findProgram.pointer(object, name, 0, 0);
  }

  /** bpf_map__fd: of a loaded object's map, which it keeps. */
  int mapDescriptor(long map) {
    return mapDescriptor.call(map, 0, 0, 0);
  }

  /** bpf_map__set_max_entries: before the load. */
  int setMaxEntries(long map, int entries) {
    return mapSetMaxEntries.call(map, entries, 0, 0);
  }

  /** bpf_map__reuse_fd: before the load; the descriptor is duplicated. */
  int reuse(long map, int descriptor) {
    return mapReuse.call(map, descriptor, 0, 0);
  }

  /** bpf_map__initial_value: where a constant's value is, to be changed before the load. */
  long initialValue(long map, long size) {
    return mapInitialValue.pointer(map, size, 0, 0);
  }

  /** bpf_program__fd: of a loaded object's program, which it keeps. */
  int programDescriptor(long program) {
    return programDescriptor.call(program, 0, 0, 0);
  }

  /** bpf_tc_hook_create: 0, or EEXIST when somebody else made the clsact qdisc. */
  int tcHookCreate(long hook) {
    return tcHookCreate.call(hook, 0, 0, 0);
  }

  /** bpf_tc_hook_destroy: with both attach points the qdisc and every filter of it go. */
  int tcHookDestroy(long hook) {
    return tcHookDestroy.call(hook, 0, 0, 0);
  }

  /** bpf_tc_attach. */
  int tcAttach(long hook, long options) {
    return tcAttach.call(hook, options, 0, 0);
  }

  /** bpf_tc_detach. */
  int tcDetach(long hook, long options) {
    return tcDetach.call(hook, options, 0, 0);
  }

  /** bpf_tc_query: ENOENT when there is no such filter. */
  int tcQuery(long hook, long options) {
    return tcQuery.call(hook, options, 0, 0);
  }

  /** libbpf_num_possible_cpus: how many values an element of a per-processor map has. */
  int possibleProcessors() {
    return possibleProcessors.call(0, 0, 0, 0);
  }

  /** bpf_xdp_query_id: writes the number of the program on an interface, or 0. */
  int xdpQueryId(int index, long id) {
    return xdpQueryId.call(index, 0, id, 0);
  }

  /** bpf_xdp_detach: whatever program is on the interface. */
  int xdpDetach(int index) {
    return xdpDetach.call(index, 0, 0, 0);
  }
}

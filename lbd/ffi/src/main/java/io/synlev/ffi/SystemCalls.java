package io.synlev.ffi;

/** System calls that libc has no function for; syscall(2). Any thread may call. */
public final class SystemCalls {

  /** The kernel's asm/unistd_64.h of x86-64 and include/uapi/asm-generic/unistd.h of the others. */
  private static final int NR_BPF = System.getProperty("os.arch").equals("amd64") ? 321 : 280;

  private static final NativeFunction SYSCALL = Native.libc("syscall");

  private SystemCalls() {}

  /**
   * bpf(2). Neither allocates nor throws.
   *
   * @param command of enum bpf_cmd, include/uapi/linux/bpf.h
   * @param attributes address of a union bpf_attr
   * @param bytes its size; what the kernel does not know of it must be zero
   * @return what the command returns, or a negative errno
   */
  public static int bpf(int command, long attributes, int bytes) {
    return SYSCALL.call(NR_BPF, command, attributes, bytes);
  }
}

package io.synlev.ffi;

/**
 * The error numbers that the calls of this project meet.
 *
 * <p>Numbers from include/uapi/asm-generic/errno-base.h and errno.h, which x86-64 and arm64 share;
 * texts as glibc's strerror gives them.
 */
public enum Errno {
  EPERM(1, "Operation not permitted", "run as root, or with CAP_NET_ADMIN"),
  ENOENT(2, "No such file or directory", "check that it exists"),
  EINTR(4, "Interrupted system call", "try again"),
  EIO(5, "Input/output error", "see the kernel log"),
  EBADF(9, "Bad file descriptor", "it was closed: this is a defect, please report it"),
  EAGAIN(11, "Resource temporarily unavailable", "try again"),
  ENOMEM(
      12, "Cannot allocate memory", "free memory, or raise the memory limit (cgroup, ulimit -l)"),
  EACCES(13, "Permission denied", "check owner and mode, or run as root"),
  EFAULT(14, "Bad address", "this is a defect, please report it"),
  EBUSY(16, "Device or resource busy", "another user must let go of it first"),
  EEXIST(17, "File exists", "remove it, or choose another name"),
  ENODEV(19, "No such device", "check that it exists and that its kernel module is loaded"),
  EINVAL(22, "Invalid argument", "check the value; an older kernel may not know it"),
  ENFILE(23, "Too many open files in system", "raise the sysctl fs.file-max"),
  EMFILE(24, "Too many open files", "raise the limit of open files (ulimit -n)"),
  EPIPE(32, "Broken pipe", "the other side has closed it"),
  EMSGSIZE(90, "Message too long", "send less at once, or raise the send buffer"),
  ENOPROTOOPT(92, "Protocol not available", "the kernel is too old for this socket option"),
  EPROTONOSUPPORT(
      93, "Protocol not supported", "load the kernel module (modprobe nfnetlink_queue)"),
  EOPNOTSUPP(95, "Operation not supported", "the kernel is too old or built without it"),
  EAFNOSUPPORT(97, "Address family not supported by protocol", "the kernel was built without it"),
  EADDRINUSE(98, "Address already in use", "another socket has it: stop its owner"),
  EADDRNOTAVAIL(
      99, "Cannot assign requested address", "check that it is ours, or that a port is free"),
  ENETDOWN(100, "Network is down", "bring the interface up"),
  ENETUNREACH(101, "Network is unreachable", "add a route"),
  ECONNABORTED(103, "Software caused connection abort", "try again"),
  ECONNRESET(104, "Connection reset by peer", "the other side ended it: try again"),
  ENOBUFS(105, "No buffer space available", "raise the buffer sizes, or free memory"),
  ENOTCONN(107, "Transport endpoint is not connected", "connect it first"),
  ETIMEDOUT(110, "Connection timed out", "the other side did not answer: try again"),
  ECONNREFUSED(111, "Connection refused", "the other side is not listening"),
  EHOSTDOWN(112, "Host is down", "see that the host answers"),
  EHOSTUNREACH(113, "No route to host", "add a route, or see that the host answers"),
  EINPROGRESS(115, "Operation now in progress", "wait for it");

  private static final Errno[] BY_NUMBER = new Errno[134];

  static {
    for (Errno errno : values()) {
      BY_NUMBER[errno.number] = errno;
    }
  }

  private final int number;
  private final String text;
  private final String remedy;

  Errno(int number, String text, String remedy) {
    this.number = number;
    this.text = text;
    this.remedy = remedy;
  }

  /** The positive number. */
  public int number() {
    return number;
  }

  /** What strerror(3) says. */
  public String text() {
    return text;
  }

  /** What usually helps; a caller that knows more should say more. */
  public String remedy() {
    return remedy;
  }

  /** Whether a call's result is this error, that is, the negated number. */
  public boolean is(long result) {
    return result == -number;
  }

  /** Name and text, such as {@code EPERM (Operation not permitted)}, of any positive number. */
  public static String describe(int number) {
    Errno errno = of(number);
    return errno == null ? "errno " + number : errno.name() + " (" + errno.text + ")";
  }

  /** What usually helps against any positive number. */
  public static String remedy(int number) {
    Errno errno = of(number);
    return errno == null ? "see errno(3) for its meaning" : errno.remedy;
  }

  private static Errno of(int number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
  }
}

/**
 * The only FFM plumbing: linking, errno, libraries, and the few libc calls that Java lacks.
 *
 * <p>Knows nothing of packets, queues or load balancing; bindings of other libraries link through
 * {@link io.synlev.ffi.NativeLibrary} and live with their users. Calls that can fail return a
 * negative errno, as the kernel itself does, so that hot code neither allocates nor throws; {@link
 * io.synlev.ffi.NativeException} turns it into words where somebody reads them.
 *
 * <p>No call here is linked as critical: each may block or is too rare to matter, and a critical
 * call that blocks stops the garbage collector for all threads.
 */
package io.synlev.ffi;

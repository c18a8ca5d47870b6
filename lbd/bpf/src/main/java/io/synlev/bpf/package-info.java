/**
 * The kernel's tc hook through libbpf: a flow table at ingress that steers known flows without user
 * space. {@link io.synlev.bpf.TcOffload} is the way in; docs/tc.md draws how it works.
 *
 * <p>Knows programs, maps and interfaces, but not services or how a backend is chosen.
 */
package io.synlev.bpf;

/**
 * The kernel's tc and XDP hooks through libbpf: the flow table that steers established flows
 * without user space. Empty so far; see docs/roadmap.md.
 *
 * <p>It will know programs, maps and interfaces, but not how a backend is chosen.
 */
package io.synlev.bpf;

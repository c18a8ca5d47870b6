package io.synlev.state;

import java.util.List;
import java.util.Optional;

/**
 * One generation of a pool, copied out of shared memory.
 *
 * @param settings what never changes
 * @param generation its number; grows with every change
 * @param members its backends, in the order of their indices
 * @param table for each slot the index of its backend, {@link
 *     io.synlev.maglev.MaglevTable#NO_BACKEND} for none
 */
public record PoolSnapshot(
    PoolSettings settings, long generation, List<Member> members, char[] table) {
  /**
   * A backend in its place.
   *
   * @param index where its record stands, 0 to capacity - 1; it keeps it for life
   * @param backend the backend
   * @param slots how many slots of the table are its
   */
  public record Member(int index, Backend backend, int slots) {}

  public PoolSnapshot {
    members = List.copyOf(members);
  }

  /** The backends alone. */
  public List<Backend> backends() {
    return members.stream().map(Member::backend).toList();
  }

  /** The member at an index, if there is one. */
  public Optional<Member> at(int index) {
    return members.stream().filter(member -> member.index() == index).findFirst();
  }
}

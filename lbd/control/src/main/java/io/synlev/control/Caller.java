package io.synlev.control;

/**
 * Who is at the other end, as the kernel recorded it when the connection was made (SO_PEERCRED,
 * unix(7)). A process may since have handed its end to another.
 *
 * @param uid effective user id
 * @param gid effective group id
 * @param pid process id as seen from our pid namespace; 0 if it is not in it
 */
public record Caller(int uid, int gid, int pid) {
  @Override
  public String toString() {
    return "uid " + uid + " gid " + gid + " pid " + pid;
  }
}

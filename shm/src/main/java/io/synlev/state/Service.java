package io.synlev.state;

import java.util.List;

/**
 * What clients address, and the pool that answers.
 *
 * @param name unique in the instance
 * @param pool name of the pool
 * @param vips at least one prefix of virtual IPs; the longest match of all services wins
 */
public record Service(String name, String pool, List<Prefix> vips) {
  public Service {
    Names.check("service", name);
    vips = List.copyOf(vips);
    if (vips.isEmpty()) {
      throw new StateException(
          "service '" + name + "' has no VIP: give at least one prefix, such as 203.0.113.7/32");
    }
  }
}

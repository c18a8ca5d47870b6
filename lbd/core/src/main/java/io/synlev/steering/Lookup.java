package io.synlev.steering;

import io.synlev.packet.FlowKey;
import io.synlev.state.HashOn;
import io.synlev.state.Instance;
import io.synlev.state.PoolCursor;
import io.synlev.state.Service;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * Which backend the table has for a flow, and why: for tools. Uses the same code as {@link
 * Steering}.
 *
 * @param service whose VIP the destination is
 * @param hashedOn what was hashed; ADDRESSES too when the protocol has no ports
 * @param hash the 32 bits
 * @param slot the table's slot that the hash names
 * @param generation the table's generation
 * @param backend the index of the slot's backend, or {@link PoolCursor#NONE}
 * @param mark that backend's fwmark, or 0
 */
public record Lookup(
    Service service, HashOn hashedOn, int hash, int slot, long generation, int backend, int mark) {

  /**
   * Looks a flow up.
   *
   * @param flow for an ICMP protocol, that of an echo request
   * @return empty when no service has the destination
   * @throws io.synlev.state.StateException if the state cannot be read
   */
  public static Optional<Lookup> find(Instance instance, FlowKey flow) {
    View view = View.compile(instance, 1);
    int service = view.service(flow);
    if (service == View.NO_SERVICE) {
      return Optional.empty();
    }
    PoolCursor cursor = view.cursor(0, service);
    HashOn on = FlowHasher.hasPorts(flow) ? cursor.hashOn() : HashOn.ADDRESSES;
    int hash = new FlowHasher(instance.settings().seed()).hash(flow, on);
    while (true) {
      long epoch = instance.epoch();
      cursor.refresh(epoch);
      int backend = cursor.backend(hash);
      int mark = backend == PoolCursor.NONE ? 0 : cursor.mark(backend);
      long generation = cursor.generation();
      VarHandle.acquireFence();
      if (instance.epoch() == epoch) {
        return Optional.of(
            new Lookup(
                view.serviceAt(service), on, hash, cursor.slot(hash), generation, backend, mark));
      }
      Thread.onSpinWait();
    }
  }
}

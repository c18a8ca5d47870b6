package io.synlev.lbd;

import io.synlev.control.RpcError;
import io.synlev.control.RpcException;
import io.synlev.state.DaemonRecord;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Who wants to take over: the parameters of {@link HandOverProtocol#METHOD}.
 *
 * @param record what it is to claim the instance as
 * @param network its network namespace, as {@link HandOverProtocol#network} tells it
 */
record HandOverRequest(DaemonRecord record, String network) {

  /** As it is sent. */
  Map<String, Object> asMap() {
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("pid", record.pid());
    params.put("startTicks", record.startTicks());
    params.put("firstQueue", record.firstQueue());
    params.put("lastQueue", record.lastQueue());
    params.put("network", network);
    return params;
  }

  /**
   * As it was received.
   *
   * @throws RpcException if something is missing, unknown or no number
   */
  static HandOverRequest of(Map<String, Object> params) {
    ControlMethods.only(params, Set.of("pid", "startTicks", "firstQueue", "lastQueue", "network"));
    return new HandOverRequest(
        new DaemonRecord(
            number(params, "pid"),
            number(params, "startTicks"),
            (int) number(params, "firstQueue"),
            (int) number(params, "lastQueue")),
        String.valueOf(params.get("network")));
  }

  private static long number(Map<String, Object> params, String name) {
    if (params.get(name) instanceof Number number) {
      return number.longValue();
    }
    throw new RpcException(RpcError.INVALID_PARAMS, "'" + name + "' is missing, or no number");
  }
}

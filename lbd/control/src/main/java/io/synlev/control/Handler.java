package io.synlev.control;

import java.util.Map;

/** Answers one method. */
@FunctionalInterface
public interface Handler {
  /**
   * Answers a call. Runs on the server's thread, so it returns soon: nobody else is served
   * meanwhile.
   *
   * @param caller who asks
   * @param params the parameters by name; empty if there were none
   * @return what JSON can say: a map, list, string, number, boolean or null
   * @throws RpcException to refuse; any other exception is reported as an internal error
   */
  Object handle(Caller caller, Map<String, Object> params);
}

package io.synlev.control;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Turns a line that holds a request, or a batch of them, into the line that answers it, as the
 * JSON-RPC 2.0 specification says (jsonrpc.org/specification). Knows no sockets.
 *
 * <p>Methods may be registered on any thread; lines are answered on the server's.
 */
public final class Dispatcher {
  private static final Logger LOG = System.getLogger(Dispatcher.class.getName());

  private record Method(Handler handler, Level level) {}

  private final Map<String, Method> methods = new ConcurrentHashMap<>();
  private volatile String awayMessage;

  /** Registers a method that changes nothing; calls are logged at level DEBUG. */
  public Dispatcher query(String name, Handler handler) {
    methods.put(name, new Method(handler, Level.DEBUG));
    return this;
  }

  /** Registers a method that changes something; calls are logged, with the caller, at INFO. */
  public Dispatcher command(String name, Handler handler) {
    methods.put(name, new Method(handler, Level.INFO));
    return this;
  }

  /**
   * From now on nothing is done any more: every call is answered with {@link RpcError#ASK_AGAIN}.
   *
   * @param why for people
   */
  public void sendAway(String why) {
    awayMessage = why;
  }

  /** Answers a line; null if no answer is due, which is so for notifications. */
  String answer(Caller caller, String line) {
    Object request;
    try {
      request = Json.read(line);
    } catch (IOException e) {
      return error(null, RpcError.PARSE_ERROR, "not JSON: " + firstLine(e.getMessage()));
    }
    if (!(request instanceof List<?> batch)) {
      Map<String, Object> response = answerOne(caller, request);
      return response == null ? null : Json.write(response);
    }
    if (batch.isEmpty()) {
      return error(null, RpcError.INVALID_REQUEST, "the batch is empty");
    }
    List<Object> responses = new ArrayList<>(batch.size());
    for (Object one : batch) {
      Map<String, Object> response = answerOne(caller, one);
      if (response != null) {
        responses.add(response);
      }
    }
    return responses.isEmpty() ? null : Json.write(responses);
  }

  private Map<String, Object> answerOne(Caller caller, Object request) {
    if (!(request instanceof Map<?, ?> members)) {
      return errorMap(null, RpcError.INVALID_REQUEST, "a request is a JSON object");
    }
    Object id = members.get("id");
    boolean isNotification = !members.containsKey("id");
    if (id != null && !(id instanceof String) && !(id instanceof Number)) {
      return errorMap(null, RpcError.INVALID_REQUEST, "id is neither string, number nor null");
    }
    if (!"2.0".equals(members.get("jsonrpc"))) {
      return errorMap(id, RpcError.INVALID_REQUEST, "jsonrpc is not \"2.0\"");
    }
    if (!(members.get("method") instanceof String name)) {
      return errorMap(id, RpcError.INVALID_REQUEST, "method is not a string");
    }
    if (members.containsKey("params")
        && !(members.get("params") instanceof Map)
        && !(members.get("params") instanceof List)) {
      return errorMap(id, RpcError.INVALID_REQUEST, "params is neither object nor array");
    }
    Map<String, Object> response;
    try {
      response = envelope(id);
      response.put("result", call(caller, name, members.get("params")));
    } catch (RpcException e) {
      response = errorMap(id, e.code(), e.getMessage());
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "control: " + name + " failed", e);
      response = errorMap(id, RpcError.INTERNAL_ERROR, "internal error: " + e);
    }
    return isNotification ? null : response;
  }

  private Object call(Caller caller, String name, Object params) {
    String away = awayMessage;
    if (away != null) {
      throw new RpcException(RpcError.ASK_AGAIN, away);
    }
    Method method = methods.get(name);
    if (method == null) {
      throw new RpcException(
          RpcError.METHOD_NOT_FOUND,
          "there is no method '"
              + name
              + "': there are "
              + String.join(", ", methods.keySet().stream().sorted().toList()));
    }
    Map<String, Object> named = named(params);
    if (LOG.isLoggable(method.level)) {
      LOG.log(
          method.level,
          "control: "
              + name
              + (named.isEmpty() ? "" : " " + Json.write(named))
              + " by "
              + caller.toString());
    }
    return method.handler.handle(caller, named);
  }

  private static Map<String, Object> named(Object params) {
    if (params instanceof List<?> list && !list.isEmpty()) {
      throw new RpcException(
          RpcError.INVALID_PARAMS, "parameters are given by name, as an object, not by position");
    }
    Map<String, Object> named = new LinkedHashMap<>();
    if (params instanceof Map<?, ?> map) {
      map.forEach((key, value) -> named.put((String) key, value));
    }
    return named;
  }

  /** The line that reports an error. */
  static String error(Object id, int code, String message) {
    return Json.write(errorMap(id, code, message));
  }

  private static Map<String, Object> errorMap(Object id, int code, String message) {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("code", code);
    error.put("message", message);
    Map<String, Object> response = envelope(id);
    response.put("error", error);
    return response;
  }

  private static Map<String, Object> envelope(Object id) {
    Map<String, Object> response = new LinkedHashMap<>();
    response.put("jsonrpc", "2.0");
    response.put("id", id);
    return response;
  }

  /** The library's messages go on with where in its source the text stood. */
  private static String firstLine(String message) {
    int end = message == null ? -1 : message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}

package io.synlev.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples of the JSON-RPC 2.0 specification, section 7, and what it leaves to us. */
class DispatcherTest {
  private static final Caller CALLER = new Caller(1, 2, 3);

  private final List<Map<String, Object>> updates = new ArrayList<>();
  private final Dispatcher methods =
      new Dispatcher()
          .query("sum", (caller, params) -> (int) params.get("a") + (int) params.get("b"))
          .query("who", (caller, params) -> caller.toString())
          .query("nothing", (caller, params) -> null)
          .command(
              "update",
              (caller, params) -> {
                updates.add(params);
                return true;
              })
          .command(
              "refuse",
              (caller, params) -> {
                throw new RpcException(RpcError.FAILED, "not today");
              });

  private String answer(String line) {
    return methods.answer(CALLER, line);
  }

  @Test
  void shouldAnswerACallWithNamedParameters() {
    assertEquals(
        """
        {"jsonrpc":"2.0","id":3,"result":42}""",
        answer(
            """
            {"jsonrpc": "2.0", "method": "sum", "params": {"a": 40, "b": 2}, "id": 3}"""));
  }

  @Test
  void shouldEchoAStringIdAndANullOne() {
    assertEquals(
        """
        {"jsonrpc":"2.0","id":"x y","result":null}""",
        answer(
            """
            {"jsonrpc": "2.0", "method": "nothing", "id": "x y"}"""));
    assertEquals(
        """
        {"jsonrpc":"2.0","id":null,"result":null}""",
        answer(
            """
            {"jsonrpc": "2.0", "method": "nothing", "id": null}"""));
  }

  @Test
  void shouldTellTheHandlerWhoAsks() {
    assertTrue(
        answer(
                """
                {"jsonrpc": "2.0", "method": "who", "id": 1}""")
            .contains("uid 1 gid 2 pid 3"));
  }

  @Test
  void shouldNotAnswerNotificationsWhateverHappens() {
    assertNull(
        answer(
            """
            {"jsonrpc": "2.0", "method": "update", "params": {"a": 1}}"""));
    assertEquals(List.of(Map.of("a", 1)), updates);
    assertNull(
        answer(
            """
            {"jsonrpc": "2.0", "method": "foobar"}"""));
    assertNull(
        answer(
            """
            {"jsonrpc": "2.0", "method": "refuse"}"""));
  }

  @Test
  void shouldNameTheMethodsThereAreWhenThereIsNoneOfThatName() {
    String answer =
        answer(
            """
            {"jsonrpc": "2.0", "method": "foobar", "id": "1"}""");
    assertTrue(answer.startsWith("{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"error\":{\"code\":-32601,"));
    assertTrue(answer.contains("nothing, refuse, sum, update, who"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"jsonrpc\": \"2.0\", \"method\": \"foobar, \"params\": \"bar\", \"baz] | -32700",
        "[{\"jsonrpc\": \"2.0\", \"method\": \"sum\", \"id\": \"1\"},{\"jsonrpc\": \"2.0\" | -32700",
        "{} {} | -32700",
        "nonsense | -32700",
        "{\"jsonrpc\": \"2.0\", \"method\": 1, \"params\": \"bar\"} | -32600",
        "{\"jsonrpc\": \"2.0\", \"method\": \"sum\", \"params\": \"bar\"} | -32600",
        "{\"jsonrpc\": \"1.0\", \"method\": \"sum\"} | -32600",
        "{\"method\": \"sum\"} | -32600",
        "{\"jsonrpc\": \"2.0\", \"method\": \"sum\", \"id\": {}} | -32600",
        "[] | -32600",
        "1 | -32600",
        "null | -32600",
      })
  void shouldAnswerWithANullIdWhatIsNoRequest(String line, int code) {
    String answer = answer(line);
    assertTrue(
        answer.startsWith("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":" + code), answer);
  }

  @Test
  void shouldRefuseParametersByPosition() {
    assertTrue(
        answer(
                """
                {"jsonrpc": "2.0", "method": "sum", "params": [1, 2], "id": 1}""")
            .contains("-32602"));
  }

  @Test
  void shouldReportADefectOfAHandlerAsInternalError() {
    assertTrue(
        answer(
                """
                {"jsonrpc": "2.0", "method": "sum", "id": 1}""")
            .contains("-32603"));
  }

  @Test
  void shouldPassOnWhyAHandlerRefuses() {
    assertEquals(
        """
        {"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"not today"}}""",
        answer(
            """
            {"jsonrpc": "2.0", "method": "refuse", "id": 1}"""));
  }

  @Test
  void shouldAnswerABatchWithoutItsNotifications() {
    String answer =
        answer(
            """
            [{"jsonrpc": "2.0", "method": "sum", "params": {"a": 1, "b": 2}, "id": "1"},\
             {"jsonrpc": "2.0", "method": "update", "params": {"a": 7}},\
             {"foo": "boo"},\
             {"jsonrpc": "2.0", "method": "nothing", "id": "9"}]""");
    assertTrue(
        answer.startsWith(
            """
            [{"jsonrpc":"2.0","id":"1","result":3},{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"""));
    assertTrue(
        answer.endsWith(
            """
            {"jsonrpc":"2.0","id":"9","result":null}]"""));
    assertEquals(1, updates.size());
  }

  @Test
  void shouldAnswerABatchOfNonsenseOneByOne() {
    assertEquals(3, answer("[1,2,3]").split("-32600", -1).length - 1);
  }

  @Test
  void shouldNotAnswerABatchOfNotifications() {
    assertNull(
        answer(
            """
            [{"jsonrpc": "2.0", "method": "update"}, {"jsonrpc": "2.0", "method": "update"}]"""));
  }

  @Test
  void shouldRefuseJsonThatIsNestedTooDeep() {
    assertTrue(answer("[".repeat(60_000)).contains("-32700"));
  }
}

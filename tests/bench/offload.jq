# The rounds of offload (slurped) as two tables: what each contender did, and ratios of the same round.
def median: sort | if length == 0 then null elif length % 2 == 1 then .[length / 2 | floor] else (.[length / 2 - 1] + .[length / 2]) / 2 end;
def digits: if . == null then "-" elif . >= 1000 then round elif . >= 10 then (. * 10 | round / 10) else (. * 1000 | round / 1000) end | tostring;
def pad($n): . + " " * ([$n - length, 0] | max);
def spread: if length == 0 then "-" else "\(median | digits)  (\(min | digits) - \(max | digits))" end;

. as $all
| (map(.contender) | unique) as $there
| (["plain", "redirect", "mark", "mark-local", "nfqlb"] | map(select(. as $one | $there | index($one)))) as $who_ran
| def of($who; $measure; f): [$all[] | select(.contender == $who and .measure == $measure) | f];
  def row($title; $measure; f):
    select([$all[] | select(.measure == $measure)] | length > 0)
    | ($title | pad(28)) + ([$who_ran[] as $who | of($who; $measure; f) | spread | pad(27)] | add);
  def ratio($title; $measure; f; $a; $b; $must; $aim):
    [range(1; ($all | map(.round) | max) + 1) as $round
     | [($a, $b) as $who | [$all[] | select(.round == $round and .contender == $who and .measure == $measure) | f][0]]
     | select(all(. != null and . > 0)) | .[0] / .[1]] as $ratios
    | select($ratios | length > 0)
    | "\($title + ", " + $a + " / " + $b | pad(46))\($ratios | spread | pad(27))\($must | pad(9))\($aim)";
  "",
  "\("median (least - most)" | pad(28))\($who_ran | map(pad(27)) | add)",
  row("small UDP, received /s"; "udp"; .received_per_second),
  row("  and sent /s"; "udp"; .sent_per_second),
  row("made at the ingress, /s"; "ingress"; .received_per_second),
  row("  and sent /s"; "ingress"; .sent_per_second),
  row("  the feeder's most /s"; "ingress"; .feeders_most_per_second),
  row("one TCP stream, Gb/s"; "stream"; .gigabits_per_second),
  row("connections /s"; "tcp"; .connections_per_second),
  row("queued per connection"; "tcp"; .queued_per_connection),
  row("connections failed"; "tcp"; .failed),
  "",
  "\("median of the rounds' ratios (least - most)" | pad(73))\("must" | pad(9))aim",
  ratio("small UDP, received"; "udp"; .received_per_second; "redirect"; "plain"; "1.15"; "1.35"),
  ratio("small UDP, received"; "udp"; .received_per_second; "mark"; "plain"; "0.90"; "1.0"),
  ratio("small UDP, received"; "udp"; .received_per_second; "mark-local"; "plain"; "0.90"; "1.0"),
  ratio("small UDP, received"; "udp"; .received_per_second; "redirect"; "nfqlb"; "4"; "6"),
  ratio("small UDP, received"; "udp"; .received_per_second; "mark"; "nfqlb"; "4"; "6"),
  ratio("made at the ingress"; "ingress"; .received_per_second; "redirect"; "plain"; "1.15"; "1.35"),
  ratio("made at the ingress"; "ingress"; .received_per_second; "mark"; "plain"; "0.90"; "1.0"),
  ratio("made at the ingress"; "ingress"; .received_per_second; "mark-local"; "plain"; "0.90"; "1.0"),
  ratio("made at the ingress"; "ingress"; .received_per_second; "redirect"; "nfqlb"; "4"; "6"),
  ratio("made at the ingress"; "ingress"; .received_per_second; "mark"; "nfqlb"; "4"; "6"),
  ratio("one TCP stream"; "stream"; .gigabits_per_second; "redirect"; "plain"; "1.00"; "1.15"),
  ratio("one TCP stream"; "stream"; .gigabits_per_second; "mark"; "plain"; "0.88"; "0.95"),
  ratio("connections"; "tcp"; .connections_per_second; "redirect"; "plain"; "0.92"; "1.0"),
  ratio("connections"; "tcp"; .connections_per_second; "mark"; "plain"; ""; ""),
  ratio("connections"; "tcp"; .connections_per_second; "redirect"; "nfqlb"; "1.10"; "1.3"),
  (("redirect", "mark") as $who | of($who; "tcp"; .queued_per_connection) | select(length > 0)
    | "\("queued per connection, most, " + $who | pad(46))\(max | digits | pad(27))\("1.01" | pad(9))1.00"),
  (if ($all | map(.round) | max) < 5 then "", "Fewer than 5 rounds: not a figure to quote." else empty end)
